"""Everything newsclean raises on purpose.

    NewscleanError
    ├── PackError      a rule pack that cannot be used; carries every mistake found in it
    ├── ConfigError    a configuration file or option that cannot be used
    ├── InputError     a file that cannot be read as text
    ├── OutputError    a place that cannot be written to, a full disk
    └── RestoreError   a clean text and a report that do not belong together

The command line prints such an error as one line each and exits with `exit_code`;
any other exception is a defect of newsclean and shows its traceback.
"""

from __future__ import annotations


class NewscleanError(Exception):
    """Base of all errors that a user can cause and mend."""

    exit_code = 2


class PackError(NewscleanError):
    """A rule pack is wrong. `mistakes` holds one line for each: file:line: rule: key: what would be right."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes

    def __reduce__(self) -> tuple[type[PackError], tuple[list[str]]]:
        return PackError, (self.mistakes,)


class ConfigError(NewscleanError):
    """A configuration file or an option names something that does not exist or cannot be."""


class InputError(NewscleanError):
    """An input that is missing, not readable or not text."""


class OutputError(NewscleanError):
    """A file or directory that cannot be written: no right to, no room left."""


class RestoreError(NewscleanError):
    """The clean text or the report was edited, or they are not of one document."""
