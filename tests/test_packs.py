"""Every rule's own examples, on the real path, and what must hold for all packs."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest

from newsclean import Cleaner, Pack, Policy, Rule, builtin_packs, packtoml
from newsclean.examples import check_rule
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


@pytest.mark.parametrize("pack", builtin_packs(), ids=lambda pack: pack.name)
def test_shipped_packs_pass_the_checks_that_loading_leaves_out(pack: Pack) -> None:
    source = (Path(packtoml.__file__).parent / "packs" / Path(pack.path).name).read_text("utf-8")
    assert asdict(packtoml.parse_pack(source, pack.path, pack.name, strict=False)) == asdict(pack)


PAIRS = {  # a text in one language, with a word that is furniture in another -> it stays
    "German police complaint": "Die Polizei nahm am Montag eine Anzeige auf, nachdem der Reiher vom Dach verschwunden war.\n\nAnzeige erstattet\n\n",
    "Dutch for 'more'": "De gemeente wil in het voorjaar een nieuwe brug bouwen, twee keer zo breed als de oude brug was.\n\nMeer\n\n",
    "Spanish 'come' and English": "La alcaldesa come con los pescadores los lunes y escucha lo que dicen del puente y de la garza.\n\nSocial\n\n",
    "English 'gift' and German": "The mayor brought a gift, and the fishermen brought a heron, and all of them stayed until midnight.\n\nGift\n\n",
    "French 'comment' and English": "Comment le pont est tombé, personne ne le sait, mais deux pêcheurs ont vu le héron s'envoler à l'aube.\n\nComment ?\n\n",
    "Swedish 'annons' in a story": "Kommunen satte in en annons i tidningen och fick trettio svar från fiskare som ville bygga bron.\n\nAnnonsen\n\n",
}


@pytest.mark.parametrize("text", PAIRS.values(), ids=PAIRS)
def test_a_word_of_one_language_does_not_cut_in_another(text: str) -> None:
    again = text.split("\n\n")[0]
    article = f"{text}{again[:-1]}, and again.\n\n{again[:-1]}, and once more.\n"
    assert [(r.rule, r.text) for r in everything().clean(article).report.removals] == []


def test_languages_narrow_the_packs() -> None:
    text = "Rain is on its way to the north this week, they say.\n\nLesen Sie auch: Fünf Schirme, die wir lieben\n"
    assert "Lesen" not in everything().clean(text).text
    assert everything().under(Policy(languages=("en",))).clean(text).text == text
