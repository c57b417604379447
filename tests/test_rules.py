"""Packs: what a wrong one is told, and what the scan finds by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsclean.errors import PackError
from newsclean.hanging import runaway
from newsclean.literals import literals
from newsclean.loading import load_pack
from newsclean.matchers import MATCHERS
from newsclean.packtoml import KINDS, parse_pack
from newsclean.repeats import REPEATS
from newsclean.rules import REPEATS as REPEAT_NAMES

GOOD = """\
[rule.x]
kind = "block"
label = "ad"
about = "An x."
pattern = "an x"
match = ["An x"]
keep = ["A y"]
"""


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


BROKEN = {  # source -> the message, without "p.toml:"
    "syntax": ('[rule.x]\nkind = "block\n', "2: Illegal character '\\n'"),
    "the same rule twice": (GOOD + GOOD, "8: Cannot declare ('rule', 'x') twice"),
    "unknown table": ("[rules.x]\n", "1: unknown table [rules], expected [pack], [patterns], [rule.NAME] or"),
    "unknown key of the pack": ('[pack]\nname = "p"\nauthor = "me"\n', "3: [pack]: unknown key 'author', expected about, language, name or version"),
    "rules that are no tables": ("rule = 3\n", "1: rules are tables [rule.NAME]"),
    "unknown kind": (changed('"block"', '"seq"'), "2: rule 'x': kind 'seq', expected one of block, inline, run, growth, repeat"),
    "unknown label": (changed('"ad"', '"advert"'), "3: rule 'x': label 'advert', expected one of paywall, "),
    "unknown key": (changed("pattern", "patern"), "5: rule 'x': unknown key 'patern' for kind 'block', expected one of about, any, "),
    "key of another kind": (GOOD + 'of = "title"\n', "8: rule 'x': unknown key 'of' for kind 'block'"),
    "missing key": (changed('label = "ad"\n', ""), "2: rule 'x': 'label' is missing"),
    "no example": (changed('["An x"]', "[]"), "6: rule 'x': 'match' needs at least one example"),
    "not a string": (changed('"An x."', "3"), "4: rule 'x': 'about' is a string, not 3"),
    "not a list": (changed('["A y"]', '"A y"'), "7: rule 'x': 'keep' is a list of strings, not 'A y'"),
    "bad regex": (changed('"an x"', '"an (x"'), "5: rule 'x': pattern 'an (x': missing ), unterminated subpattern at position 3"),
    "runaway regex": (changed('"an x"', "'an (x+)+$'"), "5: rule 'x': pattern 'an (x+)+$': on a hostile text it would be tried for ever, at '(x+)+'"),
    "unknown piece": (changed('"an x"', '"an {letter}"'), "5: rule 'x': no piece '{letter}' in [patterns]"),
    "capitals": (changed('"an x"', '"An X"'), "5: rule 'x': pattern 'An X' holds capitals; write small letters, or say case = true"),
    "no literal": (changed('"an x"', "'\\w+'"), "5: rule 'x': no word that every match of '\\\\w+' must hold: name some with any"),
    "neither pattern nor kind of block": (changed('pattern = "an x"\n', 'any = ["x"]\n'), "2: rule 'x': needs 'pattern' or 'is'"),
    "blank in any": (GOOD + 'any = ["an x"]\n', "8: rule 'x': any 'an x', expected single words in small letters"),
    "negative length": (GOOD + "max_chars = -1\n", "8: rule 'x': 'max_chars' is a whole number, not -1"),
    "not a flag": (GOOD + 'flag = "gone"\n', "8: rule 'x': flag 'gone', expected one of paywalled, no-article"),
    "not true or false": (GOOD + "case = 1\n", "8: rule 'x': 'case' is true or false, not 1"),
    "step with an unknown key": (changed('pattern = "an x"', 'steps = [{ pattern = "an x", cut = 1 }]').replace('"block"', '"run"'), "5: rule 'x': step 1: unknown key 'cut'"),
    "step with min over max": (changed('pattern = "an x"', 'steps = [{ pattern = "an x", min = 3, max = 2 }]').replace('"block"', '"run"'), "5: rule 'x': step 1: min 3 and max 2, expected"),
    "step with a min that is no number": (changed('pattern = "an x"', 'steps = [{ pattern = "an x", min = "a" }]').replace('"block"', '"run"'), "5: rule 'x': step 1: min 'a' and max 1, expected"),
    "a list for a kind": (changed('"block"', '["block"]'), "2: rule 'x': 'kind' is a string, not ['block']"),
    "site names that are no texts": ('[site."a.example"]\nnames = [3]\n', '1: [site."a.example"]: a domain in small letters; names is a list'),
    "site lines that are no texts": ('[site."a.example".lines]\nnav = [3]\n', '1: [site."a.example"]: a domain in small letters; names is a list'),
    "run without steps": (changed('pattern = "an x"', "steps = []").replace('"block"', '"run"'), "5: rule 'x': 'steps' needs at least one step"),
    "unknown repeat": (changed('pattern = "an x"', 'of = "line"').replace('"block"', '"repeat"'), "5: rule 'x': of 'line', expected one of title, "),
}  # fmt: skip


@pytest.mark.parametrize(("source", "message"), BROKEN.values(), ids=BROKEN)
def test_a_wrong_pack_is_told_what_would_be_right(source: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        parse_pack(source, "p.toml", "p")
    assert caught.value.mistakes[0].startswith(f"p.toml:{message}")


def test_all_mistakes_are_told_at_once() -> None:
    second = GOOD.replace("rule.x", "rule.y").replace('"ad"', '"advert"')
    with pytest.raises(PackError) as caught:
        parse_pack(changed('"block"', '"seq"') + second, "p.toml", "p")
    assert [mistake.split(":")[1] for mistake in caught.value.mistakes] == ["2", "10"]


@pytest.mark.parametrize(("data", "reason"), [(None, "No such file or directory"), (b"\xff\xfe\xff", "not UTF-8 text")])
def test_a_pack_that_cannot_be_read(tmp_path: Path, data: bytes | None, reason: str) -> None:
    path = tmp_path / "p.toml"
    if data:
        path.write_bytes(data)
    with pytest.raises(PackError, match=f"cannot read this pack: {reason}"):
        load_pack(path)


def test_kinds_and_matchers_are_one_to_one() -> None:
    assert set(KINDS) == set(MATCHERS)
    assert set(REPEAT_NAMES) == {*REPEATS, "timestamp"}


LITERALS = {
    r"(?:sign|log) in now": {"sign in now", "log in now"},
    r"read more\b.{0,80}": {"read more"},
    r"subscribe(?: now| today)?[.!]?": {"subscribe"},
    r"\d+ comments?": {" comment"},
    r"(?:read|see) (?:also|too)": {"read also", "read too", "see also", "see too"},
    r"x{2}y": set(),
    r"広告|pr": {"広告", "pr"},
    r"(?:a|\d)b": set(),
    r"\w+": set(),
    r".*": set(),
    r"(?:abc)?def": {"def"},
    r"(?:abc|\w)*def": {"def"},
    r"a[bc]d": {"abd", "acd"},
    r"a[b-z]dog": {"dog"},
    r"(?=look)behind": {"behind"},
    r"(?>atom)ic": {"atomic"},
}


@pytest.mark.parametrize(("pattern", "wanted"), LITERALS.items(), ids=LITERALS)
def test_literals_that_a_match_cannot_do_without(pattern: str, wanted: set[str]) -> None:
    assert literals(pattern) == wanted


WHOLE = {
    "ad|ads?": {"\nad\n", "\nads\n"},
    r"read more\b.{0,80}": {"\nread more"},
    r".{0,80} (?:ago|before)": {" ago\n", " before\n"},
    r"\d+": set(),
}


@pytest.mark.parametrize(("pattern", "wanted"), WHOLE.items(), ids=WHOLE)
def test_literals_of_a_whole_block_reach_its_ends(pattern: str, wanted: set[str]) -> None:
    assert literals(pattern, whole=True) == wanted


@pytest.mark.parametrize("count", [100, 1000, 5000])
def test_many_literals_are_shortened_to_what_they_begin_with(count: int) -> None:
    pattern = "|".join(f"word{i} and more" for i in range(count))
    found = literals(pattern)
    assert 0 < len(found) <= 600
    assert all(any(word in text for word in found) for text in pattern.split("|"))


RUNAWAY = {  # pattern -> the spot that the message shows
    r"(a+)+$": "(a+)+",
    r"(?:a*)*b": "a**",
    r"(?:\w+\s?)*$": r"\w+\s?*",
    r"(?:(?:a+)?)+": "a+?+",
    r"(a|b+)*c": "(a|b+)*",
    r"(a|a)*b": "(a|)*",
    r"(?:a|ab|b)*c": "a|ab|b*",
    r"x(?:.*y?)+z": ".*y?+",
    r"(?:a{1,3})+b": "a{1,3}+",
    r"(?:a?){30}a{30}b": "a?{30,30}",
    r"\w+\s*\w+\s*\w+\s*\w+!": r"\w+",
    r".*,.*,.*,.*,x": ".*",
}
LINEAR = [
    r"(?:\w+ )*", r"a+b+", r"(?:ab)+", r"(?:\w+, )+\w+", r".{0,60}", r"(?:a+)?", r"(a|ab)*c", r"(?: the| this| a| article)*x",
    r"(?:[^.!?]|\.(?=\w)|\.(?!\w))*x", r".{0,60}foo.{0,60}bar.{0,60}", r"(?:read|see) (?:more|all)\b.{0,80}", r"\w+\s*\w+!",
]  # fmt: skip


@pytest.mark.parametrize("pattern", RUNAWAY)
def test_patterns_that_run_away_are_refused(pattern: str) -> None:
    assert runaway(pattern, 400) == f"on a hostile text it would be tried for ever, at {RUNAWAY[pattern]!r}"


@pytest.mark.parametrize("pattern", LINEAR)
def test_linear_patterns_are_not(pattern: str) -> None:
    assert runaway(pattern, 400) is None
