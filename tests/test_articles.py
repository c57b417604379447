"""Golden articles: what a whole article comes out as. Protects the main job, and every cut's reason.

A wanted change is written with `python tests/refresh.py` and read as a diff.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsclean import clean, clean_with_report, restore
from tests.refresh import ARTICLES, cleaned_article, golden_report

FOLDERS = sorted(ARTICLES.iterdir())
UNTOUCHED = sorted((ARTICLES.parent / "untouched").glob("*.txt"))
KNOWN_FAILURES = sorted((ARTICLES.parent / "known-failures").glob("*.txt"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_article_comes_out_as_its_golden(folder: Path) -> None:
    cleaned = cleaned_article(folder)
    assert cleaned.text.encode() == (folder / "clean.txt").read_bytes()
    assert golden_report(cleaned) == json.loads((folder / "report.json").read_text("utf-8"))
    assert restore(cleaned.text, cleaned.report).encode() == (folder / "input.txt").read_bytes()


def test_the_users_article_loses_its_restamp_and_its_tail() -> None:
    """The shape of the article the user gave: what stays and what goes is said here in full, not in a golden."""
    text = (ARTICLES / "harbour-talks" / "input.txt").read_text("utf-8")
    body, _, tail = text.partition("\n\n\xa0\n\n")
    assert tail.startswith("The Pages Behind")
    assert clean(text) == body.replace("Updated: March 14, 2023 5:31pm\n\n", "")


@pytest.mark.parametrize("path", UNTOUCHED, ids=lambda path: path.stem)
def test_article_that_only_looks_like_furniture_comes_back_untouched(path: Path) -> None:
    text = path.read_bytes().decode()
    removals = clean_with_report(text).report.removals
    assert [(r.rule, r.text) for r in removals] == []


@pytest.mark.xfail(strict=True, reason="known: what stands around the line, not the line, says that it is no furniture")
@pytest.mark.parametrize("path", KNOWN_FAILURES, ids=lambda path: path.stem)
def test_article_that_we_know_we_hurt(path: Path) -> None:
    """Turns red when it begins to pass: then the text moves to fixtures/untouched."""
    text = path.read_bytes().decode()
    assert clean(text) == text


def test_there_are_untouched_articles() -> None:
    assert len(UNTOUCHED) >= 60
