"""The examples that rules carry, tried on the real path: `newsclean rules test` and pytest run them.

    check_pack(pack) -> [Failure]

A `match` example is cut by its rule alone; where only a part goes, that part stands in [-...-].  A `keep` example
comes back untouched with all packs on.  Every pattern of a rule has to be needed by one of its `match` examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from newsclean.document import Document
from newsclean.engine import Cleaner
from newsclean.folding import squeeze
from newsclean.policy import Policy
from newsclean.programs import compiled
from newsclean.report import restore
from newsclean.rules import Pack, Rule

_MARK = re.compile(r"\[-(.*?)-\]", re.S)


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not do what it shows. `example` is its key and number, as match-2."""

    rule: str
    example: str
    what: str
    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule} {self.example}: {self.what}"


def check_pack(pack: Pack, others: Iterable[Pack] = ()) -> Iterator[Failure]:
    """Try all examples of `pack`; `others` are the packs that are on besides for the `keep` examples."""
    everything = Cleaner(packs=[*(p for p in others if p.name != pack.name), pack])
    for rule in pack.rules:
        for failure in check_rule(rule, pack, everything):
            yield replace(failure, path=pack.path, line=rule.line)


def check_rule(rule: Rule, pack: Pack, everything: Cleaner) -> Iterator[Failure]:
    """Try the examples of one rule; `everything` is a cleaner with all packs. A growth rule needs the others for its cues."""
    acting = Policy(with_=(rule.id,), max_share=1, timestamps=_stamps(rule))
    alone = everything.under(acting) if rule.kind == "growth" else Cleaner(acting, [replace(pack, rules=(rule,))])
    for number, example in enumerate(rule.match, 1):
        what = _wrong_match(rule, alone, example)
        if what:
            yield Failure(rule.id, f"match-{number}", what)
    strict = everything.under(Policy(with_=() if rule.strength == "weak" else (rule.id,), max_share=1))
    for number, example in enumerate(rule.keep, 1):
        cleaned = strict.clean(example, title=rule.title or None, site=_site(rule))
        for removal in cleaned.report.removals:
            yield Failure(rule.id, f"keep-{number}", f"{removal.rule} cut {squeeze(removal.text)[:200]!r}")
    yield from _idle_patterns(rule)
    yield from _idle_lines(rule, alone)


def _idle_lines(rule: Rule, alone: Cleaner) -> Iterator[Failure]:
    """A learned line is its own example, on a page of its site."""
    for number, line in enumerate(rule.lines, 1):
        if alone.clean(line.text, site=_site(rule)).text:
            yield Failure(rule.id, f"line-{number}", f"does not find {line.text!r} where it stands")


def _wrong_match(rule: Rule, alone: Cleaner, example: str) -> str:
    text, wanted = _MARK.sub(r"\1", example), _MARK.sub("", example) if _MARK.search(example) else ""
    cleaned = alone.clean(text, title=rule.title or None, site=_site(rule))
    if restore(cleaned.text, cleaned.report) != text:
        return "cannot be restored"
    if squeeze(cleaned.text) != squeeze(wanted):
        return f"left {squeeze(cleaned.text)!r}, expected {squeeze(wanted)!r}"
    if rule.kind == "growth" and not any(rule.id in (r.rule, *r.also) for r in cleaned.report.removals):
        return "this rule has no part in it"
    return ""


def _site(rule: Rule) -> str | None:
    return rule.sites[0] if rule.sites else None


def _stamps(rule: Rule) -> str:
    """A lone example of a timestamp rule goes only if none is wanted; with marks it says itself what stays."""
    return "none" if rule.of == "timestamp" and not any(_MARK.search(example) for example in rule.match) else ""


def _idle_patterns(rule: Rule) -> Iterator[Failure]:
    blocks = [b for example in rule.match for b in Document(_MARK.sub(r"\1", example)).blocks]
    for pattern in rule.patterns:
        tries = compiled(pattern).search if rule.kind == "inline" else compiled(pattern).fullmatch
        if not any(tries(b.cased if rule.case else b.plain) for b in blocks):
            yield Failure(rule.id, "pattern", f"no match example needs {pattern!r}")
