"""What was found out about texts seen lately, kept for documents and rounds to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

Subject = TypeVar("Subject")
Found = TypeVar("Found")

EACH = 50  # characters that an entry counts for, besides its own
SHORT = 2_000  # characters; of longer texts, a number of which may fill the memory, `kept` keeps nothing


class Recent(Generic[Subject, Found]):
    """What was found out about texts, by text. `room`: characters of the texts that are remembered, at least those of the last
    call; at most twice as many, and those of two calls. Several threads may use one."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.forget()

    def forget(self) -> None:
        """Forget all of it."""
        self._left = self._room
        self._now: dict[str, Found] = {}
        self._before: dict[str, Found] = {}

    def look_up(self, subjects: Mapping[str, Subject], find: Callable[[list[Subject]], Iterable[Found]]) -> Mapping[str, Found]:
        """What was found out about each of `subjects`, whose keys are the texts, and perhaps about others. `find` is asked for
        those not remembered. Two tables take turns: when the one in use is full, it becomes the one before."""
        if self._left < 0:
            self._now, self._before, self._left = {}, self._now, self._room
        now, before = self._now, self._before
        if new := [text for text in subjects if text not in now]:
            self._left -= sum(map(len, new)) + EACH * len(new)
            if before:
                again = {text: before[text] for text in new if text in before}  # once: other threads may still add to it
                now.update(again)
                new = [text for text in new if text not in again]
            now.update(zip(new, find([subjects[text] for text in new]), strict=True))
        return now


def kept(number: int) -> Callable[[Callable[[str], Found]], Callable[[str], Found]]:
    """For functions of a text: what they gave for the last `number` short texts is kept."""

    def keeping(function: Callable[[str], Found]) -> Callable[[str], Found]:
        short = lru_cache(maxsize=number)(function)
        return lambda text: short(text) if len(text) <= SHORT else function(text)

    return keeping
