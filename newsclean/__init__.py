"""newsclean: take the furniture out of scraped news, and account for every character.

>>> import newsclean
>>> newsclean.clean("Rain is on its way.\\n\\nRead more: Five umbrellas we love\\n")
'Rain is on its way.\\n'
"""

from __future__ import annotations

from functools import cache

from newsclean.document import Document
from newsclean.engine import Cleaner
from newsclean.errors import ConfigError, InputError, NewscleanError, PackError, RestoreError
from newsclean.loading import builtin_packs, load_pack
from newsclean.policy import Policy
from newsclean.report import Cleaned, Removal, Report, Spared, Timestamp, restore
from newsclean.rules import Pack, Rule

__version__ = "0.1.0"

__all__ = [
    "Cleaned", "Cleaner", "ConfigError", "Document", "InputError", "NewscleanError", "Pack", "PackError", "Policy",
    "Removal", "Report", "RestoreError", "Rule", "Spared", "Timestamp", "builtin_packs", "clean", "clean_with_report",
    "load_pack", "restore",
]  # fmt: skip


@cache
def _cleaner() -> Cleaner:
    return Cleaner()


def clean(text: str, title: str | None = None, site: str | None = None) -> str:
    """The article in `text`: furniture cut, all else as it was. `title`, `site`: the page's, where known."""
    return clean_with_report(text, title, site).text


def clean_with_report(text: str, title: str | None = None, site: str | None = None) -> Cleaned:
    """The same, with the report of what was cut and why."""
    return _cleaner().clean(text, title=title, site=site)
