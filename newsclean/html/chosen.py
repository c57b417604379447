"""What a site's pack chooses on its pages by CSS selectors: the body, what to drop, what to keep.

    chosen(soup, selectors_for(packs, keys)) -> Choice(body, drop, keep), numbers of blocks; and how many there are

A block is chosen where all of its text stands in chosen elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsclean.html.walk import CELL, strings_of
from newsclean.rules import Pack, Selectors

if TYPE_CHECKING:
    from bs4 import BeautifulSoup


@dataclass(frozen=True, slots=True)
class Choice:
    """Numbers of blocks, each with the selector that chose it."""

    body: dict[int, str] = field(default_factory=dict)
    drop: dict[int, str] = field(default_factory=dict)
    keep: dict[int, str] = field(default_factory=dict)


def selectors_for(packs: Iterable[Pack], keys: frozenset[str]) -> list[Selectors]:
    """The selectors for a site that is called by one of `keys`."""
    return [one for pack in packs for one in pack.selectors if not keys.isdisjoint(one.sites)]


def chosen(soup: BeautifulSoup, selectors: list[Selectors]) -> tuple[Choice, int]:
    """What the selectors choose of a page, and how many blocks it has."""
    strings = [{id(s) for s in pieces if s is not CELL and not s.isspace()} for pieces in strings_of(soup)]
    choice = Choice()
    for one in selectors:
        for found, wanted in ((choice.body, one.body), (choice.drop, one.drop), (choice.keep, one.keep)):
            for selector in wanted:
                inside = _strings_in(soup, selector)
                for i, own in enumerate(strings):
                    if own <= inside:
                        found.setdefault(i, selector)
    return choice, len(strings)


def _strings_in(soup: BeautifulSoup, selector: str) -> set[int]:
    from bs4.element import NavigableString

    return {id(s) for tag in soup.select(selector) for s in tag.descendants if isinstance(s, NavigableString)}
