"""What was found out about texts seen lately, kept for documents and rounds to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

Subject = TypeVar("Subject")
Found = TypeVar("Found")

EACH = 50  # characters that an entry counts for, besides its own


class Recent(Generic[Subject, Found]):
    """What was found out about texts, by text. `room`: characters of the texts that are remembered, at least those of the last
    call; at most twice as many, and those of two calls."""

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
            if before:
                now.update((text, before[text]) for text in new if text in before)
                new = [text for text in new if text not in before]
            now.update(zip(new, find([subjects[text] for text in new]), strict=True))
            self._left -= sum(map(len, new)) + EACH * len(new)
        return now
