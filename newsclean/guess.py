"""Which of a page's first lines is its headline, where nobody says. Where that is unsure, none is.

Headlines speak of what the text below them speaks of; sections, mottos and buttons do not. A summary does so, too: so
what is found may be the line below a headline of very few words, and who reads the guess has to bear that in mind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsclean.recent import kept

SHARED_WORDS = 2  # that a headline has in common with the text; buttons share one by chance
SHARED_PART = 4  # and one in so many of its own
STEM = 5  # letters by which words are compared: "bridge" is "bridges"
_WORD = re.compile(r"[^\W\d_]{4,}")
_SIGNS = re.compile("(?=([\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}))")  # two in a row, of scripts that need no more for a word
_NO_HEADLINE = re.compile(r"\d[:.]\d\d\b|\b(?:19|20)\d\d[./-]|https?:|www\.|^[#@|]?(?:by|von|par|por|di|door|av|af)\b")


@kept(64)
def stems(plain: str) -> frozenset[str]:
    """The beginnings of the longer words of a folded text; in Chinese, Japanese and Korean, each two signs in a row."""
    signs = [] if plain.isascii() else _SIGNS.findall(plain)
    return frozenset(signs or [word[:STEM] for word in _WORD.findall(plain)])


def headline_among(lines: Sequence[str], text: Sequence[str]) -> int | None:
    """Which of the folded `lines`, in reading order, is the headline of the paragraphs `text` below them; None if unsure."""
    joined, unread, said = "\n".join(text), iter(text), set[str]()
    for number, line in enumerate(lines):
        own = stems(line)
        if not _is_shared(own, sum(stem in joined for stem in own)):
            continue  # looked for anywhere, and that is fast
        while not (shared := _is_shared(own, len(own & said))) and (paragraph := next(unread, None)) is not None:
            said |= stems(paragraph)
        if shared and not _NO_HEADLINE.search(line):
            return number
    return None


def _is_shared(own: frozenset[str], shared: int) -> bool:
    return shared >= SHARED_WORDS and shared * SHARED_PART >= len(own)
