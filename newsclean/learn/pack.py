"""The pack that learning writes: sections by site, a line of TOML for each line found, most characters first.

entries(merged, cleaner) -> {site: Section}; updated(old, merged, ...); write(path, sections)
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from newsclean.batch.streams import writing
from newsclean.document import Document
from newsclean.errors import InputError
from newsclean.learn.count import PROSE, fingerprint
from newsclean.learn.merge import Merged, Proposal
from newsclean.learned import key_of
from newsclean.loading import builtin_packs, load_pack
from newsclean.matchers import find
from newsclean.runs import Match
from newsclean.scanning import Scanner

SAMPLES = 2
STAMP_NUMBERS = 2  # so many numbers in a line at the head are a date, and times of publication are not ours to cut
PROMO_WORDS = 8

HEAD = """\
# Lines that come back on the articles of a site, learned by `newsclean learn`. What takes most comes first.
# A line that should stay gets keep = true: learning again (--update) leaves that as it is. `where` and `label` may be changed.
# With slots = true the numbers and names of the line may differ.

[pack]
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a section, as docs/learn.md explains its keys."""

    line: str
    label: str
    where: str
    documents: int
    chars: int
    slots: bool = False
    samples: tuple[str, ...] = ()
    keep: bool = False

    @property
    def key(self) -> tuple[str, bool]:
        return key_of(self.line, self.slots), self.slots


@dataclass(frozen=True, slots=True)
class Section:
    """A site: `documents` it had, and its lines."""

    documents: int
    entries: tuple[Entry, ...] = field(default=())


Sections = dict[str, Section]
_SECTION = {"documents", "learned"}


# --- proposals ----------------------------------------------------------------------------------------


def sections_of(merged: Merged) -> Sections:
    """What was found, with labels. Lines that a rule protects (corrections, help lines) are none of it."""
    scanner = _scanner()
    found: dict[str, list[Entry]] = {}
    for proposal in merged.proposals:
        label = _label(proposal, scanner)
        if label:
            chars = proposal.times * len(proposal.text)
            entry = Entry(proposal.text, label, proposal.where, proposal.docs, chars, proposal.slots, proposal.samples[:SAMPLES])
            found.setdefault(proposal.site, []).append(entry)
    return {site: Section(merged.sites[site], tuple(entries)) for site, entries in found.items()}


@cache
def _scanner() -> Scanner:
    return Scanner(rule for pack in builtin_packs() for rule in pack.rules)


def _label(proposal: Proposal, scanner: Scanner) -> str:
    """What a rule calls the line, if one knows it; else by what it looks like. Names and dates are the article's: such a line has
    a label that profile news keeps. Empty for what nothing may cut."""
    known = _known(proposal.text, scanner)
    if any(match.rule.protect for match in known):
        return ""
    if told := [match.rule.label for match in known if match.rule.label != "other"]:
        return told[0]
    if proposal.slots:
        return _slot_label(proposal)
    if proposal.grown and proposal.where == "tail":
        return "related"
    return "promo" if proposal.flags & PROSE or proposal.text.count(" ") + 1 >= PROMO_WORDS else "nav"


def _known(text: str, scanner: Scanner) -> list[Match]:
    """The rules that know the line for what it is, by its text alone; strong ones first."""
    found = [match for match in find(scanner, Document(text)) if not match.cut and match.rule.kind in ("block", "repeat")]
    return sorted(found, key=lambda match: match.rule.strength != "strong")


def _slot_label(proposal: Proposal) -> str:
    form = key_of(proposal.text, True)
    if "@" in form:
        return "byline" if proposal.where == "head" else "bio"
    return "timestamp" if form.count("#") >= STAMP_NUMBERS and proposal.where != "tail" else "nav"


# --- an older pack ------------------------------------------------------------------------------------


def read(path: Path) -> Sections:
    """The sections of a learned pack. Raises PackError where it is no pack, InputError where it holds more than learned lines."""
    load_pack(path)  # says all that is wrong
    data = tomllib.loads(path.read_text("utf-8"))
    sites = data.get("site", {})
    if other := [*(data.keys() - {"pack", "site"}), *(key for section in sites.values() for key in section.keys() - _SECTION)]:
        raise InputError(f"{path}: has '{other[0]}': what is learned again holds learned lines only; put rules into another pack")
    return {site: _section(section) for site, section in sites.items()}


def _section(section: Mapping[str, Any]) -> Section:
    tables = section.get("learned", [])
    entries = (Entry(**{"chars": 0, **table, "samples": tuple(table.get("samples", ()))}) for table in tables)
    return Section(section.get("documents", 0), tuple(entries))


def fingerprints(old: Sections) -> dict[tuple[str, tuple[str, bool]], int]:
    """By site and key, what the counts call the lines of a pack."""
    return {
        (site, entry.key): fingerprint(site, entry.key[0], *(("slots",) if entry.slots else ()))
        for site, section in old.items()
        for entry in section.entries
    }


def added(old: Sections, new: Sections, merged: Merged) -> Sections:
    """An older pack and what was counted since: documents are added up, and what somebody wrote into it stays."""
    marks, result = fingerprints(old), dict[str, Section]()
    for site in sorted(old.keys() | new.keys()):
        before, now = old.get(site, Section(0)), new.get(site, Section(0))
        entries = {entry.key: entry for entry in now.entries}
        for entry in before.entries:
            docs, times = merged.known.get(marks[site, entry.key], (0, 0))
            fresh = entries.get(entry.key)
            entries[entry.key] = replace(
                entry, documents=entry.documents + docs, chars=entry.chars + times * len(entry.line),
                samples=tuple(dict.fromkeys((*entry.samples, *(fresh.samples if fresh else ()))))[:SAMPLES],
            )  # fmt: skip
        result[site] = Section(before.documents + merged.sites.get(site, 0), tuple(entries.values()))
    return result


def vetoed(old: Sections, new: Sections) -> Sections:
    """What was found anew, with what somebody wrote into the older pack: vetoes, labels and places."""
    result = dict(new)
    for site, section in old.items():
        now = new.get(site, Section(section.documents))
        before = {entry.key: entry for entry in section.entries}
        entries = [
            replace(e, label=before[e.key].label, where=before[e.key].where, keep=before[e.key].keep) if e.key in before else e
            for e in now.entries
        ]
        there = {entry.key for entry in entries}
        entries += [entry for key, entry in before.items() if entry.keep and key not in there]
        if entries:
            result[site] = Section(now.documents, tuple(entries))
    return result


# --- TOML ---------------------------------------------------------------------------------------------


def write(path: Path, sections: Sections) -> None:
    """Write the pack, whole or not at all. Raises OutputError where that fails."""
    with writing(path, path.absolute().parent, pack=False) as file:
        for part in _toml(path.stem, sections):
            file.write(part.encode())


def _toml(name: str, sections: Sections) -> Iterator[str]:
    about = "Lines that come back on the articles of their sites, learned from a collection."
    yield f"{HEAD}name = {_text(name)}\nabout = {_text(about)}\n"
    for site in sorted(sections, key=lambda site: (-_chars(sections[site].entries), site)):
        section = sections[site]
        yield f"\n[site.{_text(site)}]\ndocuments = {section.documents}\nlearned = [\n"
        for entry in sorted(section.entries, key=lambda entry: (-entry.chars, entry.line, entry.slots)):
            yield f"  {{ {', '.join(_members(entry))} }},\n"
        yield "]\n"


def _chars(entries: Iterable[Entry]) -> int:
    return sum(entry.chars for entry in entries if not entry.keep)


def _members(entry: Entry) -> Iterator[str]:
    yield f"line = {_text(entry.line)}"
    if entry.slots:
        yield "slots = true"
    if entry.keep:
        yield "keep = true"
    yield f"label = {_text(entry.label)}, where = {_text(entry.where)}"
    yield f"documents = {entry.documents}, chars = {entry.chars}"
    yield f"samples = [{', '.join(map(_text, entry.samples))}]"


def _text(text: str) -> str:
    """A TOML string: as in JSON, but that DEL is escaped, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
