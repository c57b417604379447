"""Packs by path, and those that come with newsclean; what was checked once is kept (newsclean.packcache)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from newsclean.errors import PackError
from newsclean.packcache import Lines, cached, key_of
from newsclean.rules import LateRule, Line, Pack, Selectors, Step


def load_pack(path: str | Path) -> Pack:
    """Read and check the pack at `path`. Raises PackError with all its mistakes, each `file:line: rule: what is wrong`."""
    path = Path(path)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PackError([f"{path}: cannot read this pack: {reason}"]) from None
    return cached_pack(source, str(path), path.stem)


def cached_pack(source: str, path: str, name: str) -> Pack:
    """`parse_pack`, or what it gave for the same source before."""

    def make() -> list[Pack]:
        from newsclean.packtoml import parse_pack

        return [parse_pack(source, path, name)]

    (pack,) = _packs(f"pack {Path(path).absolute()}", key_of(_program(), name, source), make)
    return replace(pack, path=path)


@cache
def builtin_packs() -> tuple[Pack, ...]:
    """The packs that come with newsclean, in the order of their names."""
    files = sorted((f for f in (_own() / "packs").iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    sources = {file.name: file.read_bytes() for file in files}

    def make() -> list[Pack]:
        from newsclean.packtoml import parse_pack

        return [
            parse_pack(source.decode(), f"newsclean/packs/{name}", name.removesuffix(".toml"), proven=True)
            for name, source in sources.items()
        ]

    return _packs("packs", key_of(_program(), *sources, *sources.values()), make)


# The code that makes rules of a pack and tables of rules, with all that it imports.
PROGRAM = (
    "document.py", "edges.py", "errors.py", "folding.py", "guess.py", "hanging.py", "learned.py", "lines.py", "literals.py",
    "loading.py", "lookup.py", "needed.py", "packcache.py", "packtoml.py", "rarity.py", "recent.py", "rules.py", "slots.py",
)  # fmt: skip


@cache
def _program() -> str:
    """What was cached by other code is not used."""
    return key_of(*((_own() / name).read_bytes() for name in PROGRAM))


def _own() -> Any:
    """Newsclean's folder, or what stands for it where there is none, as in a zip file."""
    folder = Path(__file__).parent
    if folder.is_dir():
        return folder
    from importlib import resources  # which takes as long as reading the packs

    return resources.files("newsclean")


# --- packs as rows ------------------------------------------------------------------------------------


def _packs(name: str, key: str, make: Callable[[], list[Pack]]) -> tuple[Pack, ...]:
    """The packs that `make` gives, or gave before. Their rules are read when a text calls for them."""
    lines = cached(name, key, lambda: _rows(make()))
    numbers = count(1)

    def pack(row: dict[str, Any]) -> Pack:
        rules = [LateRule(id, f"{key} {id}", partial(_rule, lines, next(numbers))) for id in row["rules"]]
        return Pack(**{**row, "rules": tuple(rules), "selectors": tuple(Selectors(**_tuples(one)) for one in row["selectors"])})

    return tuple(map(pack, lines.row(0)))


def _rows(packs: list[Pack]) -> Iterator[Any]:
    """A row of all packs, with the ids of their rules, and then a row for each of these."""
    yield [{**asdict(replace(pack, rules=())), "rules": [rule.id for rule in pack.rules]} for pack in packs]
    for pack in packs:
        yield from map(_said, pack.rules)


def _said(record: Any) -> dict[str, Any]:
    """The fields of a record that are not as they always are; a record in a field likewise."""
    return {f.name: _plain(value) for f in fields(record) if (value := getattr(record, f.name)) != f.default}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return _said(value) if isinstance(value, (Step, Line)) else value


def _rule(lines: Lines, number: int) -> dict[str, Any]:
    """The fields of a rule, from its row."""
    row = _tuples(lines.row(number))
    for name in _RECORDS.keys() & row.keys():
        row[name] = tuple(map(_RECORDS[name], row[name]))
    return row


_RECORDS: dict[str, Callable[[Any], Any]] = {
    "steps": lambda row: Step(**_tuples(row)), "lines": lambda row: Line(**row), "scan": frozenset, "needs": frozenset,
    "widths": tuple,
}  # fmt: skip


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
