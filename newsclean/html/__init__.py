"""Pages: find the article in HTML, clean it, and account for all that was on the page."""

from __future__ import annotations

from newsclean.html.clean import CleanedPage, Extracted, clean_extracted, clean_html, extract
from newsclean.html.meta import Facts
from newsclean.html.render import RENDERERS, to_html, to_markdown
from newsclean.html.soup import soup_of

__all__ = [
    "RENDERERS",
    "CleanedPage",
    "Extracted",
    "Facts",
    "clean_extracted",
    "clean_html",
    "extract",
    "soup_of",
    "to_html",
    "to_markdown",
]
