"""Lines with their numbers and names left out, so that "12 comments" and "31 comments" are one line.

slotted(folded text) -> "# comments", "by @, staff writer"; "" where there is nothing to leave out
"""

from __future__ import annotations

import re
from itertools import groupby

MOST_WORDS = 16  # a longer line is a sentence, and its numbers and names are what it says
NAME_WORDS = (2, 5)  # so many capitals in a row, behind the first word of the line, are a name; one alone is any word

_NUMBER = re.compile(r"\d+(?:[.,:/'-]\d+)*")
_PARTICLES = frozenset(
    ("de", "del", "della", "di", "da", "dos", "du", "la", "le", "van", "von", "der", "den", "ten", "bin", "ibn", "al", "el", "y")
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_MARKS = ".,;:)!?\"'"


def slotted(cased: str) -> str:
    """`cased` (folded and squeezed, with its capitals) in small letters, # for each number, @ for each name. Empty where it has
    neither, is long, or would have no word left.

    >>> slotted("31 comments"), slotted("By Ann van der Lee, Staff Writer"), slotted("12.03.2024 at 10:30")
    ('# comments', 'by @, @', '# at #')
    >>> slotted("Advertisement"), slotted("1 of 2"[:1]), slotted("12 - 14")
    ('', '', '')
    """
    words = cased.split(" ")
    if len(words) > MOST_WORDS:
        return ""
    form = " ".join([words[0], *_named(words[1:])]) if len(words) > NAME_WORDS[0] else cased
    form = _NUMBER.sub("#", form).lower()
    return form if ("#" in form or "@" in form) and _LETTERS.search(form) else ""


def _named(words: list[str]) -> list[str]:
    """The words with @ for the names among them; the marks behind a name stay, and end it."""
    named: list[str] = []
    number = 0  # of the name that goes on
    kinds = []
    for before, word in zip(["", *words], words, strict=False):
        number += before.endswith(tuple(_MARKS)) and len(before.rstrip(_MARKS)) > 1
        kinds.append((number, word[:1].isupper() or word in _PARTICLES))
    for (_, capital), found in groupby(zip(kinds, words, strict=True), key=lambda pair: pair[0]):
        run = [word for _, word in found]
        names = sum(word[:1].isupper() for word in run)
        if capital and NAME_WORDS[0] <= names <= NAME_WORDS[1] and run[0][:1].isupper() and run[-1][:1].isupper():
            named.append("@" + run[-1][len(run[-1].rstrip(_MARKS)) :])
        else:
            named += run
    return named
