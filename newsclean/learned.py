"""Lines that were learned: read from a pack's section of a site, and found again on the site's pages.

    learned_rules(pack, domain, documents, tables) -> (rules, mistakes)
    StandingLines(rules).find(document) -> (rule, line, number of a block)

There may be very many of them, so no pattern is made of a line: what a page says is looked up among its site's lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from newsclean.document import ZONES, Document
from newsclean.folding import fold, fold_case, squeeze
from newsclean.rules import LABELS, Line, Rule
from newsclean.slots import slotted

_KEYS = {"line": str, "label": str, "where": str, "documents": int, "slots": bool, "chars": int, "samples": list, "keep": bool}
_NEEDED = ("line", "label", "where", "documents")
_SHAPES = {str: "a string", int: "a whole number", bool: "true or false", list: "a list of strings"}
_CHOICES = {"label": LABELS, "where": tuple(ZONES)}


def learned_rules(pack: str, domain: str, documents: Any, tables: Any, at: int = 0) -> tuple[list[Rule], list[str]]:
    """The lines of one site, a rule for each label, or what is wrong with them. Lines that somebody wants kept are left out.
    `documents`: how many the site had; `at`: where its section begins."""
    if not isinstance(tables, list) or not _is_count(documents):
        return [], ["documents is a whole number, learned a list of tables { line, label, where, documents }"]
    mistakes = [what for number, table in enumerate(tables, 1) if (what := _mistake(table, number))]
    by_label: dict[str, list[Line]] = {}
    for table in () if mistakes else tables:
        if not table.get("keep", False):
            by_label.setdefault(table["label"], []).append(_line(table, documents))
    about = f"Lines that come back on the articles of {domain}, learned from {documents:,} of them."
    return [
        Rule(f"{pack}/{domain}/learned-{label}", "learned", label, about, (), (), line=at, lines=tuple(lines))
        for label, lines in sorted(by_label.items())
    ], mistakes


def _line(table: dict[str, Any], of: int) -> Line:
    return Line(table["line"], table["where"], table["documents"], of, table.get("slots", False))


def _mistake(table: Any, number: int) -> str:
    """What is wrong with the `number`th line of a site, or nothing."""
    if not isinstance(table, dict):
        return f"learned line {number} is a table {{ line, label, where, documents }}, not {table!r}"
    name = f"learned line {number} ({table.get('line', '')!s:.40})"
    if missing := [key for key in _NEEDED if key not in table]:
        return f"{name}: '{missing[0]}' is missing"
    for key, value in table.items():
        if key not in _KEYS:
            return f"{name}: unknown key '{key}', expected one of {', '.join(_KEYS)}"
        kind = _KEYS[key]
        fits = _is_count(value) if kind is int else isinstance(value, kind)
        if not fits or (kind is list and not all(isinstance(v, str) for v in value)):
            return f"{name}: '{key}' is {_SHAPES[kind]}, not {value!r}"
        if key in _CHOICES and value not in _CHOICES[key]:
            return f"{name}: {key} '{value}', expected one of {', '.join(_CHOICES[key])}"
    return "" if key_of(table["line"], table.get("slots", False)) else f"{name}: there is nothing in it to be found by"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def key_of(text: str, slots: bool) -> str:
    """What a line is looked up by: its folded text, or that with its numbers and names left out; empty if there is none."""
    return slotted(squeeze(fold_case(text))) if slots else squeeze(fold(text))


class StandingLines:
    """The learned lines of all sites, to be looked up."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._sites: dict[str, dict[str, tuple[Rule, Line]]] = {}
        self._slotted: set[str] = set()  # sites that have lines with slots
        for rule in rules:
            for line in rule.lines:
                for site in rule.sites:
                    self._sites.setdefault(site, {}).setdefault(key_of(line.text, line.slots), (rule, line))
                    self._slotted |= {site} if line.slots else set()

    def find(self, document: Document) -> Iterator[tuple[Rule, Line, int]]:
        """The blocks of `document` that are lines of its site, where these stand."""
        sites = sorted(document.site_keys & self._sites.keys()) if self._sites else ()
        headline = headline_of(document) if sites else ""
        for site in sites:
            lines, slots = self._sites[site], site in self._slotted
            for block in document.blocks:
                if block.plain == headline:
                    continue
                found = lines.get(block.plain) or (lines.get(slotted(block.cased)) if slots and not block.prose else None)
                if found and _stands(document, block.index, found[1].where):
                    yield *found, block.index


def headline_of(document: Document) -> str:
    """The document's own headline, known or guessed, as a block shows it to rules. It is no furniture."""
    if document.title:
        return squeeze(fold(document.title))
    return document.guessed.plain if document.guessed else ""


def _stands(document: Document, index: int, where: str) -> bool:
    """Whether a block stands where the line does. In a short text everything is tail: what stands above the first paragraph is
    none of it, since it may be the headline of which the line is a teaser elsewhere."""
    return index in document.zone(where) and not (where == "tail" and index < document.top)


def reason(line: Line, site: str) -> str:
    """Why it goes, for people."""
    form = "the line, but for numbers and names," if line.slots else "the line"
    return f"{form} stands on {line.documents:,} of {line.of:,} articles of {site}"
