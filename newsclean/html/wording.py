"""How texts look and how they compare, by their words."""

from __future__ import annotations

import re

# What a text ends with, in kinds.
ENDS = {
    ".": 1, "!": 1, "。": 1, "！": 1, "?": 2, "？": 2, ":": 3, "：": 3, "…": 4, '"': 5, "”": 5, "»": 5, "“": 5, "’": 5, "'": 5,
    ")": 6, ",": 7, ";": 7,
}  # fmt: skip
LIKE_WORDS = 3  # a text of no more words stands within many others by chance


def words_of(text: str) -> frozenset[str]:
    """The words of a text in small letters, once each."""
    return frozenset(re.findall(r"\w+", text.lower()))


def like_title(words: frozenset[str], titles: list[frozenset[str]]) -> int:
    """How some words compare with the titles, as `like` says: the same as any of them before all else."""
    found = {like(words, title) for title in titles}
    return 2 if 2 in found else max(found, default=0)


def like(words: frozenset[str], known: frozenset[str]) -> int:
    """How some words compare with known ones: 2 the same, 1 among them, 3 all of them and more, 0 otherwise."""
    both = len(words & known)
    if not both:
        return 0
    if both >= 0.8 * (len(words) + len(known) - both):
        return 2
    if len(words) > LIKE_WORDS and both >= 0.9 * len(words):
        return 1
    return 3 if both >= 0.9 * len(known) else 0


def triples(text: str) -> list[tuple[str, ...]]:
    """All runs of three words; of a shorter text the words."""
    words = re.findall(r"\w+", text.lower())
    return list(zip(words, words[1:], words[2:], strict=False)) or [tuple(words)]


def is_marked(text: str) -> bool:
    """Whether there is a copyright sign, an address or a handle in it."""
    return "©" in text or "@" in text or "http" in text or "www." in text or "®" in text


def beginning(text: str) -> int:
    """What a text begins with: 1 a small letter, 2 a capital, 3 a digit, 4 a quote, 5 another mark, 0 a letter without case."""
    c = text[0]
    return 1 if c.islower() else 2 if c.isupper() else 3 if c.isdigit() else 4 if c in "\"'“„«‘" else 0 if c.isalpha() else 5
