"""Packs by path, and those that come with newsclean; what was checked once is kept (newsclean.packcache)."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from newsclean.errors import PackError
from newsclean.packcache import cached
from newsclean.rules import Line, Pack, Rule, Selectors, Step


def load_pack(path: str | Path) -> Pack:
    """Read and check the pack at `path`. Raises PackError with all its mistakes, each `file:line: rule: what is wrong`."""
    path = Path(path)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PackError([f"{path}: cannot read this pack: {reason}"]) from None
    return cached_pack(source, str(path), path.stem)


def cached_pack(source: str, path: str, name: str, proven: bool = False) -> Pack:
    """`parse_pack`, or what it gave for the same source before."""

    def make() -> dict[str, Any]:
        from newsclean.packtoml import parse_pack

        return _to_row(parse_pack(source, path, name, proven))

    return _from_row(cached((_program(), path, name, source), make))


# The code that makes rules of a pack.
PROGRAM = (
    "document.py", "edges.py", "folding.py", "hanging.py", "learned.py", "literals.py", "loading.py", "needed.py", "packtoml.py",
    "rarity.py", "rules.py",
)  # fmt: skip


@cache
def _program() -> str:
    """What was cached by other code is not used."""
    own = resources.files("newsclean")
    return "".join((own / name).read_text(encoding="utf-8") for name in PROGRAM)


@cache
def builtin_packs() -> tuple[Pack, ...]:
    """The packs that come with newsclean, in the order of their names."""
    folder = resources.files("newsclean") / "packs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(cached_pack(f.read_text(encoding="utf-8"), f"newsclean/packs/{f.name}", f.name[:-5], True) for f in files)


def _to_row(pack: Pack) -> dict[str, Any]:
    row = asdict(pack)
    for rule in row["rules"]:
        for key in ("scan", "needs"):
            rule[key] = [sorted(words) for words in rule[key]]
    return row


def _from_row(row: dict[str, Any]) -> Pack:
    rules = tuple(_rule_from_row(rule) for rule in row["rules"])
    return Pack(**{**row, "rules": rules, "selectors": tuple(Selectors(**_tuples(s)) for s in row["selectors"])})


def _rule_from_row(row: dict[str, Any]) -> Rule:
    values = _tuples(row)
    values["steps"] = tuple(Step(**_tuples(step)) for step in row["steps"])
    values["lines"] = tuple(Line(**_tuples(line)) for line in row["lines"])
    for key in ("scan", "needs"):
        values[key] = tuple(frozenset(words) for words in row[key])
    values["widths"] = tuple(map(tuple, row["widths"]))
    return Rule(**values)


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
