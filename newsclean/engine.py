"""Match, decide, cut; again on what is left, until nothing more is found.

    Cleaner(packs, policy).clean(text) -> Cleaned(text, report)

Every round reads the text that is left as if it were the input. So cleaning a clean text finds nothing, and
what two rules need of each other does not depend on the order in which they are asked.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from newsclean.brakes import raised_flags
from newsclean.decide import Decision, as_timestamp, decide
from newsclean.document import Document, Span
from newsclean.holes import Holes
from newsclean.lines import forget as forget_lines
from newsclean.loading import builtin_packs
from newsclean.matchers import find
from newsclean.policy import Policy, folded_phrases
from newsclean.report import Cleaned, Removal, Report, Spared, Timestamp, cut
from newsclean.rules import PROFILES, Pack, Rule
from newsclean.runs import Match
from newsclean.scanning import Scanner

_DROP = Rule("user/drop-phrases", "block", "other", "One of the phrases you named to drop.", (), (), profiles=PROFILES)


class Cleaner:
    """Packs compiled once, used for many texts. Can be pickled and sent to other processes.

    `packs`: those to use, the ones that come with newsclean if None; `extra`: packs besides. Raises ConfigError
    where the policy names a label, rule or profile that does not exist.
    """

    def __init__(self, policy: Policy | None = None, packs: Iterable[Pack] | None = None, extra: Iterable[Pack] = ()) -> None:
        self.policy = policy or Policy()
        self.packs = (*(builtin_packs() if packs is None else packs), *extra)
        self.policy.check(self.packs)
        self._keep = folded_phrases(self.policy.keep_phrases)
        self._drop = folded_phrases(self.policy.drop_phrases)
        self._options = _said(self.policy)
        self._versions = {pack.name: pack.version for pack in self.packs if self.policy.uses(pack)}
        self._scanner: Scanner | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_scanner": None}

    def under(self, policy: Policy) -> Cleaner:
        """The same packs under another policy, without compiling them again. Raises ConfigError as `Cleaner` does."""
        other = Cleaner(policy, self.packs)
        if policy.languages == self.policy.languages:
            other._scanner = self._compiled()
        return other

    def _compiled(self) -> Scanner:
        if self._scanner is None:
            self._scanner = Scanner(self.rules)
        return self._scanner

    def forget(self) -> None:
        """Forget what is remembered of texts seen before, which makes the next ones faster and changes nothing else."""
        forget_lines()
        if self._scanner is not None:
            self._scanner.forget()

    @property
    def rules(self) -> list[Rule]:
        """The rules in use: those of the policy's languages."""
        return [rule for pack in self.packs if self.policy.uses(pack) for rule in pack.rules]

    def clean(
        self, text: str, title: str | None = None, site: str | None = None, url: str | None = None,
        source: str | None = None, encoding: str = "utf-8",
    ) -> Cleaned:  # fmt: skip
        """Clean one text. `title`, `site`, `url`: what is known of it; `source`, `encoding`: for the report. Never raises."""
        with held():
            return self._cleaned(Document(text, title, site, url), source, encoding)

    def _cleaned(self, document: Document, source: str | None, encoding: str) -> Cleaned:
        text = document.text
        rounds = _Rounds(text)
        while rounds.cut(document, self._decided(document)):
            document = document.left(rounds.text)
        flags = raised_flags(text, document, rounds.removals, rounds.flagged, self.policy.max_share)
        if stopped := {"brake", "no-article"} & set(flags):
            rounds = _undone(rounds, sorted(stopped)[0])
        report = Report(
            text, tuple(rounds.removals), tuple(rounds.spared), tuple(sorted(rounds.stamps, key=lambda s: s.start)), flags,
            dict(self._versions), self._options, source, encoding,
        )  # fmt: skip
        return Cleaned(rounds.text, report)

    def _decided(self, document: Document) -> list[Decision]:
        matches = find(self._compiled(), document)
        if self._drop:
            matches += [
                Match(_DROP, (b.index,), "it is one of your drop-phrases") for b in document.blocks if b.plain in self._drop
            ]
        return decide(document, matches, self.policy, self._keep)


@contextmanager
def held() -> Iterator[None]:
    """No collection of garbage while a document is worked on: nothing of it is garbage, and looking takes a tenth of the time of
    a short one, and a third of that of a long one."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _said(policy: Policy) -> dict[str, Any]:
    """The policy for the report: what differs from the default, and the profile always."""
    plain = asdict(Policy())
    said = {key: value for key, value in asdict(policy).items() if value != plain[key] or key == "profile"}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}


class _Rounds:
    """The text as it shrinks from round to round, and what became of the original."""

    def __init__(self, original: str) -> None:
        self.original = self.text = original
        self.removals: list[Removal] = []
        self.spared: list[Spared] = []
        self.stamps: list[Timestamp] = []
        self.flagged: set[str] = set()
        self.round = self.matches = 0

    def cut(self, document: Document, decisions: list[Decision]) -> bool:
        """Cut what was decided; False if that is nothing, and then what was spared is known."""
        self.round += 1
        going = [d.match for d in decisions if d.why is None]
        stretches = _stretches(document, going)
        origin = Holes((r.start, r.end) for r in self.removals)
        self.flagged |= {d.match.rule.flag for d in decisions if d.match.rule.flag and _flag_counts(d)}
        if not stretches:
            self.spared = sorted(
                (s for d in decisions if d.why is not None for s in self._spare(document, d, origin)), key=_place
            )
            self.stamps += [self._stamp(document, d, True, origin) for d in decisions if d.match.rule.of == "timestamp"]
            return False
        self.stamps += [
            self._stamp(document, d, False, origin) for d in decisions if d.match.rule.of == "timestamp" and d.why is None
        ]
        for span, matches in stretches:
            self._remove(span, matches, origin)
        self.removals.sort(key=_place)
        self.text = cut(self.original, self.removals)
        return True

    def _remove(self, span: Span, matches: list[Match], origin: Holes) -> None:
        self.matches += 1
        first, also = matches[0], tuple(dict.fromkeys(m.rule.id for m in matches[1:] if m.rule.id != matches[0].rule.id))
        for start, end in origin.pieces(span.start, span.end):
            text = self.original[start:end]
            self.removals.append(
                Removal(start, end, text, first.rule.id, first.rule.label, first.evidence, self.round, self.matches, also)
            )

    def _spare(self, document: Document, decision: Decision, origin: Holes) -> list[Spared]:
        match, why = decision.match, decision.why or ""
        spans = [match.cut] if match.cut else [Span(document.blocks[b].start, document.blocks[b].end) for b in match.blocks]
        found = [(origin.start(s.start), origin.end(s.end)) for s in spans]
        rule = match.rule
        return [Spared(a, b, self.original[a:b], rule.id, rule.label, match.evidence, why) for a, b in found]

    def _stamp(self, document: Document, decision: Decision, kept: bool, origin: Holes) -> Timestamp:
        stamp = as_timestamp(document, decision.match, kept)
        return replace(stamp, start=origin.start(stamp.start), end=origin.end(stamp.end))


def _place(record: Removal | Spared) -> tuple[int, int]:
    return record.start, record.end


def _flag_counts(decision: Decision) -> bool:
    """A flag is raised by what goes, and by what would go if the profile did not keep its label."""
    return decision.why is None or decision.why.startswith("profile ")


# --- what is cut --------------------------------------------------------------------------------------


def _stretches(document: Document, matches: list[Match]) -> list[tuple[Span, list[Match]]]:
    """Disjoint stretches in text order, each with the matches that want it gone, best first.

    Neighbouring blocks that the same match takes are one stretch. White space between blocks goes with them, as
    `_spans` says.
    """
    wanted: dict[int, list[Match]] = {}
    for match in matches:
        if not match.cut:
            for block in match.blocks:
                wanted.setdefault(block, []).append(match)
    result = _spans(document, wanted)
    taken = set(wanted)
    result += _inner([m for m in matches if m.cut and m.blocks[0] not in taken])
    return sorted(result, key=lambda pair: pair[0])


def _spans(document: Document, wanted: dict[int, list[Match]]) -> list[tuple[Span, list[Match]]]:
    """Whole blocks: of the white space before and behind a run of them, the shorter stays out and goes."""
    result: list[tuple[Span, list[Match]]] = []
    numbers = sorted(wanted)
    for i, block in enumerate(numbers):
        starts_run = not (i and numbers[i - 1] == block - 1)
        ends_run = not (i + 1 < len(numbers) and numbers[i + 1] == block + 1)
        if starts_run:
            before, behind = _run_edges(document, block, _last_of_run(numbers, i))
        start = before if starts_run else result[-1][0].end
        end = behind if ends_run else _with_indent(document.text, document.blocks[block + 1].start)
        previous = result[-1] if result else None
        if previous and not starts_run and previous[1][0] is wanted[block][0]:
            also = [m for m in wanted[block] if m not in previous[1]]
            result[-1] = Span(previous[0].start, end), previous[1] + also
        else:
            result.append((Span(start, end), wanted[block]))
    return result


def _last_of_run(numbers: list[int], i: int) -> int:
    while i + 1 < len(numbers) and numbers[i + 1] == numbers[i] + 1:
        i += 1
    return numbers[i]


def _run_edges(document: Document, first: int, last: int) -> Span:
    """Where the cut of the blocks `first` to `last` begins and ends.

    What is left stays apart as widely as it was: of the two stretches of white space around the run, the one with
    fewer line ends goes. At the end of the text the one before goes, so that the text ends as it ended.
    """
    blocks, text = document.blocks, document.text
    start, end = _with_indent(text, blocks[first].start), blocks[last].end
    is_end = last + 1 == len(blocks)
    following = len(text) if is_end else _with_indent(text, blocks[last + 1].start)
    if first == 0:
        return Span(start, end if is_end else following)
    previous = blocks[first - 1].end
    before, behind = text[previous:start], text[end:following]
    if not is_end and len(before.splitlines()) >= len(behind.splitlines()):
        return Span(start, following)
    # What stays is the white space behind. Where that before begins like it, this is kept in its stead: the text that
    # is left is the same, and a diff does not show the line before as touched.
    if before.startswith(behind):
        return Span(previous + len(behind), following)
    if behind.startswith(before):
        return Span(start, end + len(before))
    return Span(previous, end)


def _with_indent(text: str, start: int) -> int:
    """Where the white space begins that stands before `start` on its line."""
    while start and text[start - 1].isspace() and len((text[start - 1] + "x").splitlines()) == 1:
        start -= 1
    return start


def _inner(matches: list[Match]) -> list[tuple[Span, list[Match]]]:
    """Parts of blocks; those that overlap are one."""
    result: list[tuple[Span, list[Match]]] = []
    for match in sorted(matches, key=lambda m: m.cut or Span(0, 0)):
        span = match.cut or Span(0, 0)
        if result and span.start < result[-1][0].end:
            last, found = result[-1]
            result[-1] = Span(last.start, max(last.end, span.end)), [*found, match]
        else:
            result.append((span, [match]))
    return result


def _undone(rounds: _Rounds, flag: str) -> _Rounds:
    """The text whole again; what would have been cut is spared, for the flag that stopped it."""
    whole = _Rounds(rounds.original)
    why = {"brake": "too much of the document would go", "no-article": "there is no article beside it"}[flag]
    whole.spared = sorted(
        [Spared(r.start, r.end, r.text, r.rule, r.label, r.evidence, why) for r in rounds.removals] + rounds.spared, key=_place
    )
    whole.stamps = [replace(stamp, kept=True) for stamp in rounds.stamps]
    return whole
