"""What is kept on disk of packs: used when it is whole, ours and made from what is there now, and never in the way."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from newsclean import Cleaner, loading, lookup, packcache
from newsclean.loading import builtin_packs, cached_pack
from newsclean.packtoml import parse_pack
from newsclean.rules import LateRule, Rule
from tests.test_rules import GOOD


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(packcache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(packcache, "KEPT", tmp_path / "kept")
    return tmp_path / "cache"


PLAIN = Rule("p/x", "block", "ad", "", ("x",), ("y",))


class Asked:
    """Asks for entries, and counts how many had to be made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, name: str = "a", key: str = "1") -> Any:
        def make() -> list[Any]:
            self.made += 1
            return [{"key": key}, ["“line\n", "\ud800"]]

        lines = packcache.cached(name, packcache.key_of(key), make)
        assert lines.row(1) == ["“line\n", "\ud800"]
        return lines.row(0)["key"]


ASKED = {  # what is asked for -> how often it is made, files then
    "the same again": ([("a", "1"), ("a", "1")], 1, 1),
    "two packs": ([("a", "1"), ("b", "1"), ("a", "1")], 2, 2),
    "a pack that changed": ([("a", "1"), ("a", "2"), ("a", "2")], 2, 1),
    "and changed back": ([("a", "1"), ("a", "2"), ("a", "1")], 3, 1),
}


@pytest.mark.parametrize(("asked", "made", "files"), ASKED.values(), ids=ASKED)
def test_made_once_for_what_it_is_made_from(cache: Path, asked: list[tuple[str, str]], made: int, files: int) -> None:
    ask = Asked()
    assert [ask(*one) for one in asked] == [key for _, key in asked]
    assert (ask.made, len(list(cache.iterdir()))) == (made, files)


DAMAGES = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "cut at a line": lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:-1])),
    "head only": lambda path: path.write_bytes(path.read_bytes().splitlines()[0]),
    "edited": lambda path: path.write_bytes(path.read_bytes().replace(b'"1"', b'"x"')),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(4096)),
    "writable by others": lambda path: path.chmod(0o666),
    "writable by the group": lambda path: path.chmod(0o620),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("nothing")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_cannot_be_trusted_is_not_used(cache: Path, damage: Any) -> None:
    ask = Asked()
    ask()
    damage(next(cache.iterdir()))
    assert (ask(), ask.made) == ("1", 2)


def test_a_file_of_somebody_else_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    ask = Asked()
    ask()
    monkeypatch.setattr(os, "getuid", lambda: 12345, raising=False)
    assert (ask(), ask.made) == ("1", 2)


KEPT = {  # what the entry that came with the program was made from -> how often it is made anew, files of the user then
    "the same": ("1", 0, 0),
    "other packs": ("2", 1, 1),
    "something broken": ("", 1, 1),
}


@pytest.mark.parametrize(("key", "made", "files"), KEPT.values(), ids=KEPT)
def test_what_was_made_with_the_program_is_used_first(cache: Path, key: str, made: int, files: int) -> None:
    built, ask = Asked(), Asked()
    built(key=key)
    (entry,) = cache.iterdir()
    packcache.KEPT.mkdir()
    data = entry.read_bytes() if key else entry.read_bytes()[:-3]
    (packcache.KEPT / f"{packcache.key_of('1')[:32]}.jsonl").write_bytes(data)
    entry.unlink()
    assert (ask(), ask.made, len(list(cache.iterdir()))) == ("1", made, files)


def test_writers_at_the_same_time_are_not_in_each_others_way(cache: Path) -> None:
    ask = Asked()
    keys = [str(number % 3) for number in range(120)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda key: ask("a", key), keys)) == keys
    assert [path.suffix for path in cache.iterdir()] == [".jsonl"]


NOWHERE = {"switched off": "", "no folder can be made": "{}/file/cache"}


@pytest.mark.parametrize("place", NOWHERE.values(), ids=NOWHERE)
def test_no_folder_is_no_cache(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(packcache.VARIABLE, place.format(tmp_path))
    ask = Asked()
    assert (ask(), ask(), ask.made) == ("1", "1", 2)


def test_default_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(packcache.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(packcache.folder()) == os.path.join("/somewhere", "newsclean")


@pytest.mark.parametrize("error", [OSError(), KeyboardInterrupt()], ids=["no space", "interrupted"])
def test_what_cannot_be_put_in_its_place_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with contextlib.suppress(KeyboardInterrupt):
        ask = Asked()
        assert (ask(), ask(), ask.made) == ("1", "1", 2)
    assert list(cache.iterdir()) == []


# --- packs --------------------------------------------------------------------------------------------


def test_a_cached_pack_is_the_pack(cache: Path) -> None:
    first, second = (cached_pack(GOOD, "p.toml", "p") for _ in range(2))
    parsed = parse_pack(GOOD, "p.toml", "p")
    assert len(list(cache.iterdir())) == 1
    assert asdict(first) == asdict(second) == asdict(parsed)


CHANGES: dict[str, tuple[Any, str, Any]] = {
    "the program": (loading, "_program", lambda: "other code"),
    "Python": (sys, "version", "4.0"),
    "the installation": (packcache, "__file__", "/elsewhere/newsclean/packcache.py"),
}


@pytest.mark.parametrize(("module", "name", "value"), CHANGES.values(), ids=CHANGES)
def test_a_pack_is_checked_anew_where_something_else_checks_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, value: Any
) -> None:
    before = cached_pack(GOOD, "p.toml", "p")
    written = {path: path.read_bytes() for path in cache.iterdir()}
    monkeypatch.setattr(module, name, value)
    assert asdict(cached_pack(GOOD, "p.toml", "p")) == asdict(before)
    assert {path: path.read_bytes() for path in cache.iterdir()} != written


def test_packs_survive_pickling_asleep_and_awake() -> None:
    asleep = loading.builtin_packs.__wrapped__()
    assert {type(rule) for pack in asleep for rule in pack.rules} == {LateRule}
    awake = [asdict(pack) for pack in asleep]
    for packs in (loading.builtin_packs.__wrapped__(), asleep):
        again = pickle.loads(pickle.dumps(packs))
        assert [rule.origin for pack in again for rule in pack.rules] == [rule.origin for pack in packs for rule in pack.rules]
        assert {type(rule) for pack in again for rule in pack.rules} == {LateRule}
        assert [asdict(pack) for pack in again] == awake
    assert asdict(pickle.loads(pickle.dumps(PLAIN))) == asdict(copy.deepcopy(PLAIN)) == asdict(PLAIN)


def test_a_rule_is_read_when_something_of_it_is_asked_for() -> None:
    reads = []

    def fields() -> dict[str, Any]:
        reads.append(1)
        return asdict(Rule("p/x", "block", "ad", "", (), ()))

    rule = LateRule("p/x", "made of this", fields)
    assert (rule.id, rule.origin, type(rule), reads) == ("p/x", "made of this", LateRule, [])
    assert (rule.label, rule.kind, rule.scanned, type(rule), reads) == ("ad", "block", (), Rule, [1])
    assert rule.origin == "made of this"
    assert replace(rule, label="nav").origin == ""  # that is another rule


def test_two_threads_may_ask_at_once() -> None:
    both = Barrier(2, timeout=5)

    def fields() -> dict[str, Any]:
        both.wait()
        return asdict(Rule("p/x", "block", "ad", "", (), ()))

    rule = LateRule("p/x", "", fields)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: rule.label, range(2))) == ["ad", "ad"]


# --- tables -------------------------------------------------------------------------------------------


def test_tables_are_the_same_in_every_process() -> None:
    """So that a wheel that is built again is the same to the byte."""
    code = "from newsclean import builtin_packs, lookup; rules = builtin_packs()[0].rules; print(lookup._made(rules))"
    made = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(made) == 1


def test_tables_that_were_kept_are_the_tables(cache: Path) -> None:
    rules = [rule for pack in builtin_packs() for rule in pack.rules]
    packs = len(list(cache.glob("*")))  # none, if they were read before
    made, kept = (lookup.lookup_of(rules) for _ in range(2))
    assert len(list(cache.iterdir())) == packs + 1
    assert made == kept == json.loads(json.dumps(lookup._made(rules)))


@pytest.mark.parametrize("languages", [(), ("de",)], ids=["all", "German"])
def test_tables_follow_packs_and_languages(cache: Path, languages: tuple[str, ...]) -> None:  # noqa: ARG001
    from newsclean import Policy

    table = "[rule.zebra]\nkind='block'\nlabel='ad'\nabout='x'\npattern='{}'\nmatch=['{}']\nkeep=['x']"
    text = "Rain is on its way.\n\nWerbung\n\nzebra one\n\nzebra two\n"
    for number in ("one", "two", "one"):
        extra = cached_pack(table.format(*[f"zebra {number}"] * 2), "mine.toml", "mine")
        left = Cleaner(Policy(languages=languages), extra=[extra]).clean(text).text
        assert [word for word in ("Werbung", "zebra one", "zebra two") if word not in left] == ["Werbung", f"zebra {number}"]
