"""Packs kept on disk: used when they are whole and ours, and never in the way."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from newsclean import packcache
from newsclean.loading import builtin_packs, cached_pack
from newsclean.packtoml import parse_pack
from tests.test_rules import GOOD


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setenv(packcache.VARIABLE, str(tmp_path / "cache"))
    return []


def ask(calls: list[int], *parts: str) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        calls.append(1)
        return {"parts": list(parts)}

    return packcache.cached(parts, make)


def test_made_once_for_the_same_parts(calls: list[int], tmp_path: Path) -> None:
    assert [ask(calls, "a"), ask(calls, "a"), ask(calls, "b")] == [{"parts": ["a"]}, {"parts": ["a"]}, {"parts": ["b"]}]
    assert len(calls) == 2
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "edited", "empty", "writable", "folder"])
def test_a_file_that_cannot_be_trusted_is_not_used(calls: list[int], tmp_path: Path, damage: str) -> None:
    ask(calls, "a")
    (path,) = (tmp_path / "cache").iterdir()
    data = path.read_bytes()
    if damage == "writable":
        path.chmod(0o666)
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({"cut": data[:-3], "edited": data.replace(b'"a"', b'"x"'), "empty": b""}[damage])
    assert ask(calls, "a") == {"parts": ["a"]}
    assert len(calls) == 2


def test_no_folder_is_no_cache(calls: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(packcache.VARIABLE, "")
    ask(calls, "a")
    monkeypatch.setenv(packcache.VARIABLE, str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_bytes(b"")
    ask(calls, "a")
    assert len(calls) == 2


def test_a_cached_pack_is_the_pack(calls: list[int]) -> None:  # noqa: ARG001 - only for its folder
    first, second = (cached_pack(GOOD, "p.toml", "p") for _ in range(2))
    parsed = parse_pack(GOOD, "p.toml", "p")
    assert asdict(first) == asdict(second) == asdict(parsed)


def test_packs_survive_pickling() -> None:
    packs = builtin_packs()
    again = pickle.loads(pickle.dumps(packs))
    assert [asdict(pack) for pack in again] == [asdict(pack) for pack in packs]


def test_default_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(packcache.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(packcache.folder()) == os.path.join("/somewhere", "newsclean")
