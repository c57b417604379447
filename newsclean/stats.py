"""How often each rule fired over a collection, with sample lines: to review rules on one's own texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from newsclean.folding import squeeze
from newsclean.report import Cleaned


@dataclass
class RuleStats:
    """Of one rule: `documents` it cut something from, `cuts`, `chars` cut, candidates `spared`, and the first different
    texts that it cut (`samples`) or that were spared, with the name of the document each."""

    rule: str
    label: str
    documents: int = 0
    cuts: int = 0
    chars: int = 0
    spared: int = 0
    samples: dict[str, str] = field(default_factory=dict)
    spared_samples: dict[str, str] = field(default_factory=dict)


def tally(documents: Iterable[Cleaned], samples: int = 3) -> list[RuleStats]:
    """Statistics of all rules that fitted anywhere, most characters first."""
    rules: dict[str, RuleStats] = {}
    for cleaned in documents:
        report = cleaned.report
        for removal in report.removals:
            stats = rules.setdefault(removal.rule, RuleStats(removal.rule, removal.label))
            stats.cuts, stats.chars = stats.cuts + 1, stats.chars + removal.end - removal.start
            _sample(stats.samples, removal.text, report.source, samples)
        for rule in {removal.rule for removal in report.removals}:
            rules[rule].documents += 1
        for spared in report.spared:
            stats = rules.setdefault(spared.rule, RuleStats(spared.rule, spared.label))
            stats.spared += 1
            _sample(stats.spared_samples, spared.text, report.source, samples)
    return sorted(rules.values(), key=lambda stats: (-stats.chars, stats.rule))


def _sample(samples: dict[str, str], text: str, source: str | None, most: int) -> None:
    if len(samples) < most:
        samples.setdefault(squeeze(text), source or "")
