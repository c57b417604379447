"""What a run did, as numbers that can be added up: of a document, a shard, a whole collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsclean.report import Cleaned


@dataclass
class Tally:
    """Counts. `documents` that were cleaned, `changed` ones among them, records `without_text` that passed through;
    `chars` of the originals, `removed` ones; by label: cuts and characters; by rule: documents and characters."""

    documents: int = 0
    changed: int = 0
    without_text: int = 0
    chars: int = 0
    removed: int = 0
    errors: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    label_cuts: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    rule_documents: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def count(self, cleaned: Cleaned) -> None:
        report = cleaned.report
        self.documents += 1
        self.chars += len(report.original)
        self.flags.update(report.flags)
        if not report.removals:
            return
        self.changed += 1
        self.removed += len(report.original) - len(cleaned.text)
        self.rule_documents.update({removal.rule for removal in report.removals})
        for removal in report.removals:
            size = removal.end - removal.start
            self.labels[removal.label] += size
            self.label_cuts[removal.label] += 1
            self.rules[removal.rule] += size

    def add(self, other: Tally) -> None:
        for name, value in other.__dict__.items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, in an order that does not depend on what came first."""
        return {k: dict(sorted(v.items())) if isinstance(v, Counter) else v for k, v in self.__dict__.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Tally:
        values: dict[str, Any] = {k: Counter(v) if isinstance(v, Mapping) else v for k, v in data.items()}
        return cls(**values)
