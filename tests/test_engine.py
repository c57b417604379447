"""What must hold for every text whatever: the promises of the README, as properties."""

from __future__ import annotations

import pickle
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import Cleaned, Cleaner, Policy, builtin_packs, clean, restore
from newsclean.examples import _MARK
from newsclean.report import Report
from newsclean.scanning import Scanner

LINE_ENDS = ["\n", "\n\n", "\r\n", "\r", "\x85", "\u2028", "\v", "\f", "\n \n", "\n\n\n"]
ODD_LINES = ["", " ", "\xa0", "•", "1.", "\u200b", "\ufeff", "A", "Ad", "...", "\ud800", "İ", "ſubſcribe now", "x" * 500, "[-x-]"]


@cache
def cleaner() -> Cleaner:
    return Cleaner()


@cache
def example_lines() -> list[str]:
    """The lines of all packs' examples: what goes, and what looks like it."""
    examples = [e for pack in builtin_packs() for rule in pack.rules for e in (*rule.match, *rule.keep)]
    return sorted({line for example in examples for line in _MARK.sub(r"\1", example).splitlines()}) + ODD_LINES


@st.composite
def articles(draw: st.DrawFn) -> str:
    """Texts made of the examples' lines in any order, and of noise, with all sorts of line ends."""
    line = st.one_of(st.sampled_from(example_lines()), st.sampled_from(ODD_LINES), st.text(max_size=40))
    lines = draw(st.lists(st.tuples(line, st.sampled_from(LINE_ENDS)), max_size=14))
    return "".join(text + end for text, end in lines)


def is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)


def check_promises(text: str, cleaned: Cleaned) -> None:
    report = cleaned.report
    assert restore(cleaned.text, report) == text
    assert restore(cleaned.text, report.to_dict()) == text
    assert is_subsequence(cleaned.text, text)
    ends = [0, *(r.end for r in report.removals)]
    for removal, end in zip(report.removals, ends, strict=False):
        assert end <= removal.start < removal.end <= len(text)
        assert removal.text == text[removal.start : removal.end]
    for spared in report.spared:
        assert spared.text == text[spared.start : spared.end]
    for stamp in report.timestamps:
        assert stamp.text == text[stamp.start : stamp.end]


@settings(max_examples=150, deadline=None)
@given(articles())
def test_promises_on_articles(text: str) -> None:
    cleaned = cleaner().clean(text)
    check_promises(text, cleaned)
    again = cleaner().clean(cleaned.text)
    assert again.text == cleaned.text
    assert cleaner().clean(text) == cleaned


@settings(max_examples=100, deadline=None)
@given(articles(), st.sampled_from(["corpus", "body", "archive"]), st.sampled_from(["", "first", "latest", "all", "none"]))
def test_promises_in_every_profile(text: str, profile: str, timestamps: str) -> None:
    one = _cleaner_of(profile, timestamps)
    cleaned = one.clean(text, title="Council to vote on new bus lanes")
    check_promises(text, cleaned)
    assert one.clean(cleaned.text, title="Council to vote on new bus lanes").text == cleaned.text


@cache
def _cleaner_of(profile: str, timestamps: str) -> Cleaner:
    return Cleaner(Policy(profile=profile, timestamps=timestamps))


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_promises_on_any_text(text: str) -> None:
    check_promises(text, cleaner().clean(text))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Zs", "Zl", "Lu", "Lo"])), st.text())
def test_promises_on_odd_characters_and_titles(text: str, title: str) -> None:
    check_promises(text, cleaner().clean(text, title=title))


def test_cleaner_survives_pickling() -> None:
    one = Cleaner(Policy(profile="corpus"))
    text = "The council met on Monday to settle the budget for the year.\n\nAdvertisement\n"
    before = one.clean(text)
    assert pickle.loads(pickle.dumps(one)).clean(text) == before


def test_report_survives_json() -> None:
    text = "One.\n\nPublished 3 May 2021, 08:00\n\nLast updated 3 May 2021, 11:20\n\nThe end of it all came on Monday.\n"
    cleaned = cleaner().clean(text)
    data = cleaned.report.to_dict()
    assert Report.from_dict(data, cleaned.text).to_dict() == data


PROSE = "The council met on Monday and talked for three hours about the budget of the coming year.\n\n"

BRAKES = {  # text -> flags
    "nothing to cut": (PROSE * 3, ()),
    "most of it would go": (PROSE + "Read more: Five umbrellas that we have come to love this autumn\n\n" * 5, ("brake",)),
    "all of it would go": ("Advertisement\n", ("brake",)),
    "empty": ("", ()),
    "blank": (" \n\n", ()),
}


@pytest.mark.parametrize(("text", "flags"), BRAKES.values(), ids=BRAKES)
def test_brake_gives_the_text_back_whole(text: str, flags: tuple[str, ...]) -> None:
    cleaned = cleaner().clean(text)
    assert cleaned.report.flags == flags
    assert cleaned.text == text
    assert cleaned.report.removals == ()


def test_spared_by_the_brake_say_so() -> None:
    (spared,) = cleaner().clean("Advertisement\n").report.spared
    assert spared.why == "too much of the document would go"


WHITE_SPACE = {  # what stands around a cut line -> what is left
    "between paragraphs": ("A.\n\nAdvertisement\n\nB.\n", "A.\n\nB.\n"),
    "single line ends": ("A.\nAdvertisement\nB.\n", "A.\nB.\n"),
    "the wider gap stays": ("A.\n\nAdvertisement\nB.\n", "A.\n\nB.\n"),
    "the wider gap stays, behind": ("A.\nAdvertisement\n\nB.\n", "A.\n\nB.\n"),
    "at the end": ("A.\n\nB.\n\nAdvertisement\n", "A.\n\nB.\n"),
    "at the end without a line end": ("A.\n\nB.\n\nAdvertisement", "A.\n\nB."),
    "at the start": ("Advertisement\n\nA.\n\nB.\n", "A.\n\nB.\n"),
    "carriage returns": ("A.\r\n\r\nAdvertisement\r\n\r\nB.\r\n", "A.\r\n\r\nB.\r\n"),
    "indented": ("A.\n\n   Advertisement   \n\nB.\n", "A.\n\nB.\n"),
}


@pytest.mark.parametrize(("text", "wanted"), WHITE_SPACE.values(), ids=WHITE_SPACE)
def test_white_space_around_a_cut(text: str, wanted: str) -> None:
    long = "The council met on Monday and talked for three hours about money."
    text, wanted = (t.replace("A.", long).replace("B.", long.replace("Monday", "Friday")) for t in (text, wanted))
    assert clean(text) == wanted


LONG = {  # a line, and how often: none may take time by the square of its number
    "one label": ("Advertisement\n", 4000),
    "one cue": ("Read more\n", 2000),
    "an article over and over": (PROSE + "Advertisement\n\n", 2000),
    "words": ("word\n", 8000),
}


@pytest.mark.parametrize(("line", "times"), LONG.values(), ids=LONG)
def test_work_grows_with_the_text_and_not_by_its_square(line: str, times: int) -> None:
    """Counts calls, not seconds: a machine may be slow."""
    calls = [_calls(line * n) for n in (times // 4, times // 2, times)]
    assert calls[2] - calls[1] < 3 * (calls[1] - calls[0]) + 10_000


def _calls(text: str) -> int:
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    cleaner().clean(text)  # compiles the patterns it needs
    sys.setprofile(seen)
    try:
        cleaner().clean(text)
    finally:
        sys.setprofile(None)
    return count


def test_what_is_remembered_of_texts_changes_nothing() -> None:
    lines, used, forgetful = example_lines(), cleaner(), Cleaner()
    forgetful._scanner = Scanner(forgetful.rules, remembered=0)
    for start in range(0, len(lines), 97):
        text = "\n\n".join(lines[start : start + 97 : 7])
        assert used.clean(text).report.removals == forgetful.clean(text).report.removals
        assert used.clean(text).report.spared == forgetful.clean(text).report.spared
