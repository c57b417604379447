"""A file that is being read, whole or a slice of it, and what is known of its fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from newsclean.batch.fields import SAMPLE, Fields, guess
from newsclean.batch.streams import BROKEN
from newsclean.errors import NewscleanError

BOM = "\ufeff"
T = TypeVar("T")


@dataclass(slots=True)
class File:
    """A file to be read, or a slice of it: `start` to `stop`, in bytes (JSONL) or row groups (Parquet).

    `name`: how messages call it; `wished`: the fields the user named; `fields`: those in use, once it is known.
    """

    path: str | Path
    name: str
    wished: Fields = field(default_factory=Fields)
    encoding: str | None = None
    start: int = 0
    stop: int | None = None
    fields: Fields | None = None

    def choose(self, samples: Sequence[Any]) -> Fields:
        """Settle the fields by the first records. Raises InputError where no field has text."""
        if self.fields is None:
            self.fields = guess(samples, self.wished, self.name)
        return self.fields


# What reading a file can end with; `reading` and the readers say it in words.
_FAILURES = (NewscleanError, OSError, UnicodeError, csv.Error, *BROKEN)


def peeked(items: Iterator[T], most: int = SAMPLE) -> tuple[list[T], Iterator[T]]:
    """The first items, and all of them. Where reading fails among the first, it fails behind those before."""
    first, failure = list[T](), list[Exception]()
    try:
        first.extend(islice(items, most))
    except _FAILURES as error:
        failure.append(error)

    def all_of_them() -> Iterator[T]:
        yield from first
        if failure:
            raise failure[0]
        yield from items

    return first, all_of_them()
