"""The promises on real documents, where the development corpus lies beside the checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newsclean import Cleaner, restore

CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus" / "labelled.jsonl"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="no ../shared/corpus beside this checkout")


@cache
def documents() -> list[dict[str, Any]]:
    with CORPUS.open(encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


@pytest.mark.parametrize("part", range(4))
def test_promises_on_real_documents(part: int) -> None:
    cleaner = Cleaner()
    for row in documents()[part::4]:
        cleaned = cleaner.clean(row["text"], title=row["title"])
        assert restore(cleaned.text, cleaned.report) == row["text"]
        again = cleaner.clean(cleaned.text, title=row["title"])
        assert again.text == cleaned.text, row["key"]
        assert cleaner.clean(row["text"], title=row["title"]) == cleaned
