"""Bytes in, the same bytes out; and files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import InputError, clean_with_report
from newsclean.inputs import decode, write
from newsclean.report import encode

ENCODINGS = {
    b"": "utf-8",
    b"Caf\xc3\xa9": "utf-8",
    b"\xef\xbb\xbfCaf\xc3\xa9": "utf-8",
    "Café".encode("utf-16"): "utf-16-le",
    b"\xfe\xff" + "Café".encode("utf-16-be"): "utf-16-be",
    "Café".encode("utf-32"): "utf-32-le",
    b"\xef\xbb\xbf": "utf-8",
}


@pytest.mark.parametrize(("data", "encoding"), ENCODINGS.items(), ids=range(len(ENCODINGS)))
def test_encoding_that_is_found(data: bytes, encoding: str) -> None:
    text, found = decode(data, "a")
    assert found == encoding
    assert encode(text, found) == data


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_text_that_comes_back_or_refused(data: bytes) -> None:
    try:
        text, encoding = decode(data, "a")
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert encode(text, encoding) == data
    cleaned = clean_with_report(text)
    assert isinstance(encode(cleaned.text, encoding), bytes)


def test_writing_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.txt"]


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "link").symlink_to("a.txt")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_writing_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"a\.txt: cannot write: No space left on device"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write: No such file or directory"):
        write(tmp_path / "none" / "a.txt", b"new")
