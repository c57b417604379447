"""Every rule's own examples, on the real path, and what must hold for all packs."""

from __future__ import annotations

from functools import cache

import pytest

from newsclean import Cleaner, Pack, Rule, builtin_packs
from newsclean.examples import check_rule
from newsclean.literals import runaway
from newsclean.rules import LABELS

RULES = [(rule, pack) for pack in builtin_packs() for rule in pack.rules]
WANTED = [
    "paywall",
    "newsletter",
    "app",
    "social",
    "related",
    "ad",
    "promo",
    "donation",
    "player",
    "comments",
    "legal",
    "consent",
    "nav",
    "dup",
    "junk",
    "timestamp",
    "correction",
]


@cache
def everything() -> Cleaner:
    return Cleaner()


@pytest.mark.parametrize(("rule", "pack"), RULES, ids=[rule.id for rule, _ in RULES])
def test_examples_of(rule: Rule, pack: Pack) -> None:
    assert [str(failure) for failure in check_rule(rule, pack, everything())] == []


def test_packs_cover_the_labels_and_languages() -> None:
    assert {rule.label for rule, _ in RULES} <= set(LABELS)
    english = {rule.label for rule, pack in RULES if pack.language in ("en", "")}
    assert set(WANTED) <= english
    languages = {pack.language for pack in builtin_packs()}
    assert {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "zh", "ja", "ko", ""} <= languages


def test_packs_are_described() -> None:
    for pack in builtin_packs():
        assert pack.about
        assert pack.version
        assert pack.name
        assert pack.rules


def test_no_shipped_pattern_can_run_away() -> None:
    patterns = {p for rule, _ in RULES for p in (*rule.patterns, *(p for step in rule.steps for p in step.patterns))}
    assert [p for p in patterns if runaway(p)] == []
