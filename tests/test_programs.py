"""Compiled patterns kept on disk. Protects: they are the patterns that `re.compile` makes; a file that is broken or somebody
else's is not used and does no harm; what several processes make comes together."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from newsclean import builtin_packs, programs
from newsclean.programs import Program, Programs, made, run

SHIPPED = sorted({p for pack in builtin_packs() for rule in pack.rules for p in rule.scanned})
ODD = (r"(?ix) a \s b", r"(?P<x>a)|(?P<y>b)(?P=x)?", r"(?<=ab)c(?!d)\Z", "[^\ud800]+?", "é[à-ý]{2,}", "(?s:.)*", "")
MANY = [f"word{number} (?:a|b){{0,{number}}}" for number in range(200)]


@pytest.mark.parametrize("patterns", [ODD, SHIPPED[::12]], ids=["odd", "shipped"])
def test_they_are_the_patterns(patterns: list[str], tmp_path: Path) -> None:
    first = Programs(tmp_path / "p")
    made_now = [first.pattern(pattern) for pattern in patterns]
    first.keep()
    again = Programs(tmp_path / "p")
    kept = [again.pattern(pattern) for pattern in patterns]
    assert made_now == kept == [re.compile(pattern) for pattern in patterns]
    assert [p.groupindex for p in kept] == [re.compile(pattern).groupindex for pattern in patterns]
    assert not again._new


def test_what_is_no_pattern_is_told() -> None:
    with pytest.raises(re.error, match="unterminated"):
        Programs(None).pattern("(a")


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    for place in (None, tmp_path / "file" / "p"):
        (tmp_path / "file").write_bytes(b"")
        here = Programs(place)
        assert here.pattern("ab+").fullmatch("abb")
        here.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


DAMAGE: dict[
    str, tuple[Callable[[bytes], bytes], int]
] = {  # what is left of the file, and how many of two patterns are made anew then
    "cut": (lambda data: data[:-1], 1),
    "code": (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], 1),
    "index": (lambda data: data.replace(b"[", b"{", 1), 2),
    "digest": (lambda data: b"0" + data[1:] if data[:1] != b"0" else b"1" + data[1:], 2),
    "empty": (lambda _: b"", 2),
    "no line": (lambda _: b"x", 2),
}


@pytest.mark.parametrize("damage", [*DAMAGE, "writable", "folder"])
def test_a_file_that_cannot_be_trusted_is_not_used(damage: str, tmp_path: Path) -> None:
    path, patterns, anew = tmp_path / "p", ["a{2}b", "c|[de]+"], 2
    first = Programs(path)
    wanted = [first.pattern(pattern) for pattern in patterns]
    first.keep()
    if damage == "writable":
        path.chmod(0o666)
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        change, anew = DAMAGE[damage]
        path.write_bytes(change(path.read_bytes()))
    again = Programs(path)
    assert [again.pattern(pattern) for pattern in patterns] == wanted
    assert len(again._new) == anew
    again.keep()
    if damage != "folder":
        assert not [name for name in map(Programs(path)._index.get, again._new) if name is None]


def test_a_file_that_is_cut_short_while_it_is_in_use_does_no_harm(tmp_path: Path) -> None:
    first = Programs(tmp_path / "p")
    wanted = [first.pattern(pattern) for pattern in MANY]
    first.keep()
    again = Programs(tmp_path / "p")
    os.truncate(tmp_path / "p", 10)  # in place, as a copying program may do it
    assert [again.pattern(pattern) for pattern in MANY] == wanted


def test_they_are_written_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    here, sizes = Programs(tmp_path / "p"), []
    for pattern in MANY:
        here.pattern(pattern)
        sizes.append(len(Programs(tmp_path / "p")._index))
    assert sorted({*sizes}) == [0, programs.FIRST, programs.FIRST * 2]
    here.keep(len(MANY) + 1)
    assert len(Programs(tmp_path / "p")._index) == programs.FIRST * 2
    here.keep(len(MANY))
    assert len(Programs(tmp_path / "p")._index) == len(MANY)


def test_what_two_processes_made_comes_together(tmp_path: Path) -> None:
    one, two = Programs(tmp_path / "p"), Programs(tmp_path / "p")
    for here, patterns in ((one, MANY[:10]), (two, MANY[5:20])):
        for pattern in patterns:
            here.pattern(pattern)
        here.keep()
    assert len(Programs(tmp_path / "p")._index) == 20


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST", sum(len(made(pattern).code) for pattern in MANY[:8]))
    for patterns, kept in ((MANY[:8], 8), (MANY[8:10], 2)):
        here = Programs(tmp_path / "p")
        for pattern in patterns:
            here.pattern(pattern)
        here.keep()
        assert len(Programs(tmp_path / "p")._index) == kept


def test_python_refuses_what_is_no_program() -> None:
    with pytest.raises(RuntimeError, match="invalid"):
        run("a", Program(0, 0, {}, made("a").code[:-4]))
