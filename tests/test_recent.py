"""What is remembered of texts. Protects: it is what would be found out anew, whatever other threads do; it does not fill the memory."""

from __future__ import annotations

from typing import Any

import pytest

from newsclean.recent import EACH, SHORT, Recent, kept


def look_up(recent: Recent[str, str], texts: list[str]) -> list[str]:
    """What is found out, which is the text in capitals; and a check of it."""
    found = recent.look_up(dict(zip(texts, texts, strict=True)), lambda new: [text.upper() for text in new])
    assert [found[text] for text in texts] == [text.upper() for text in texts]
    return [text for text in texts if text in found]


ENTRY = 10 + EACH
CALLS: dict[str, list[list[str]]] = {  # texts of ten characters each, asked for call by call
    "always new": [[f"text {number:05}" for number in range(4 * call, 4 * call + 4)] for call in range(40)],
    "the same again and again, and one more": [
        [f"text {number:05}" for number in range(max(0, call - 9), call)] for call in range(80)
    ],
    "all that there ever was, bit by bit": [[f"text {n:05}" for n in ((i * 3) % (1 + i // 9), i // 9)] for i in range(900)],
}


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_it_stays_in_its_room(calls: list[list[str]]) -> None:
    recent: Recent[str, str] = Recent(20 * ENTRY)
    for texts in calls:
        look_up(recent, texts := list(dict.fromkeys(texts)))
        most = max(map(len, calls))
        assert len(recent._now) <= 20 + 1 + most
        assert len(recent._before) <= 20 + 1 + most


class Late(dict[str, str]):
    """A table to which another thread adds a text right after somebody looked for it in vain."""

    def __contains__(self, text: object) -> bool:
        was_there = super().__contains__(text)
        self[str(text)] = str(text).upper()
        return was_there


def test_another_thread_may_still_add_to_the_table_before() -> None:
    recent: Recent[str, str] = Recent(100)
    recent._before = Late(old="OLD")
    assert look_up(recent, ["old", "new"]) == ["old", "new"]


@pytest.mark.parametrize(("text", "times"), [("a", 1), ("a" * SHORT, 1), ("a" * (SHORT + 1), 2)], ids=["one", "short", "long"])
def test_what_is_kept_by_number_is_of_short_texts(text: str, times: int) -> None:
    asked: list[Any] = []
    size = kept(4)(lambda text: asked.append(text) or len(text))  # type: ignore[func-returns-value]
    assert (size(text), size(text), len(asked)) == (len(text), len(text), times)
