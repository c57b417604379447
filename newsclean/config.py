"""newsclean.toml, or [tool.newsclean] in pyproject.toml: found upward from the working directory.

Keys are those of the command line, without the dashes: what is said there is added to lists and replaces the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsclean.errors import ConfigError

FILE = "newsclean.toml"

# key -> (what it is, for the message; the field of Policy, or None)
KEYS: dict[str, tuple[type, str]] = {
    "profile": (str, "profile"),
    "timestamps": (str, "timestamps"),
    "max-share": (float, "max_share"),
    "keep": (list, "keep"),
    "remove": (list, "remove"),
    "with": (list, "with_"),
    "without": (list, "without"),
    "lang": (list, "languages"),
    "keep-phrases": (list, "keep_phrases"),
    "drop-phrases": (list, "drop_phrases"),
    "packs": (list, "packs"),
}
_SHAPES = {str: "a string", float: "a number", list: "a list of strings"}


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says. `values` has the names of Policy's fields, and `packs`: paths of pack files."""

    path: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def find_config(start: Path) -> Config:
    """The nearest configuration in `start` or a folder above it; an empty one if there is none."""
    for folder in (start, *start.parents):
        own, project = folder / FILE, folder / "pyproject.toml"
        if own.is_file():
            return read_config(own)
        if project.is_file() and "newsclean" in _text(project) and "newsclean" in _toml(project).get("tool", {}):
            return read_config(project)
    return Config()


def read_config(path: str | Path) -> Config:
    """Read one configuration file. Raises ConfigError with all that is wrong in it, a line each."""
    path = Path(path)
    data = _toml(path)
    if path.name == "pyproject.toml":
        data = data.get("tool", {}).get("newsclean", {})
    mistakes = [m for key, value in data.items() if (m := _mistake(key, value))]
    if mistakes:
        lines = _text(path).splitlines()
        raise ConfigError("\n".join(f"{path}:{_line(lines, key)}: {what}" for key, what in mistakes))
    values = {KEYS[key][1]: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    if "packs" in values:  # named as seen from the file that names them
        values["packs"] = tuple(str(path.parent / pack) for pack in values["packs"])
    return Config(str(path), values)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text, as TOML has to be") from None


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None


def _mistake(key: str, value: Any) -> tuple[str, str] | None:
    if key not in KEYS:
        return key, f"unknown key '{key}', expected one of {', '.join(KEYS)}"
    kind = KEYS[key][0]
    fits = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
    if not fits or (kind is list and not all(isinstance(v, str) for v in value)):
        return key, f"'{key}' is {_SHAPES[kind]}, not {value!r}"
    return None


def _line(lines: list[str], key: str) -> int:
    return next((i for i, line in enumerate(lines, 1) if line.lstrip().strip("\"'").startswith(key)), 1)


def read_phrases(path: str) -> list[str]:
    """Phrases from a plain file, a line each; blank lines and lines that begin with # are left out."""
    return [line.strip() for line in _text(Path(path)).splitlines() if line.strip() and not line.startswith("#")]
