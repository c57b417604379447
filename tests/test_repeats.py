"""Second copies and growth: a document, and the lines of it that go. The nearest innocent neighbour stands beside each."""

from __future__ import annotations

import pytest

from newsclean import Cleaner, Policy
from newsclean.packtoml import parse_pack

TITLE = "Bridge falls at dawn, and the heron is unhurt"
CAPTION = "The bridge at dawn, seen from the northern quay"
ONE = "The bridge over the lower river fell at dawn on Monday, and nobody was on it but a heron, two fishermen said."
TWO = "The county has promised a new bridge of twice the width by the spring of the coming year, and a bench for the heron."
SAID = "I have seen bridges come and go, but never so early."
QUOTE = f'"{SAID}"'
THREE = f"{QUOTE} the elder of the fishermen said, and the younger of the two nodded and looked at the water for a while."
LEFT_OUT = "I have seen many bridges come and go, but never so early."
MARSH = "Ottilie Marsh, a fisherwoman, saw nothing of it, since she had sold her boat to the elder of the two in the spring."

CASES: dict[str, tuple[str, list[str]]] = {  # of -> lines, those that go; -TEXT is a line that goes
    "title": ("title", [TITLE, ONE, f"-{TITLE}", TWO]),
    "title in other words": ("title", ["Heron is unhurt", ONE, TWO]),
    "above-title": ("above-title", ["-County", "-Roads", TITLE, ONE, TWO]),
    "above-title, in prose": ("above-title", [ONE, "County", TITLE, TWO]),
    "head": ("head", [TITLE, CAPTION, ONE, TWO, f"-{CAPTION}"]),
    "head, a refrain": ("head", [CAPTION, ONE, CAPTION, TWO, CAPTION]),
    "beside": ("beside", [ONE, CAPTION, f"-{CAPTION}.", TWO]),
    "beside, but for a full stop": ("beside", [ONE, "The northern quay", "-The northern quay.", TWO]),
    "beside, three times": ("beside", [CAPTION, CAPTION, CAPTION, TWO]),
    "near": ("near", [ONE, CAPTION, "Photo: Finch", f"-{CAPTION}", TWO]),
    "near, far off": ("near", [CAPTION, ONE, TWO, THREE, ONE + TWO, CAPTION]),
    "near, signed posts": ("near", [ONE, f"{CAPTION} (@heron)", TWO, f"{CAPTION} (@heron)"]),
    "appended": ("appended", [ONE, CAPTION, f"-{CAPTION}. Photo: Finch", TWO]),
    "appended, a sentence that goes on": ("appended", [ONE, CAPTION, f"{CAPTION}, where the ferries lie in the winter and where the heron has its nest.", TWO]),
    "beside, in another spelling": ("beside", [ONE, CAPTION, f"-{CAPTION.replace('quay', 'quays')} (Photo: Finch)", TWO]),
    "beside, of something else": ("beside", [ONE, CAPTION, CAPTION.replace("northern", "southern"), TWO]),
    "beside, numbered": ("beside", [ONE, f"{CAPTION} 1", f"{CAPTION} 12", TWO]),
    "beside, a paragraph three times": ("beside", [ONE, f"-{ONE}", TWO, ONE]),
    "head, a highlight": ("head", [SAID, ONE, TWO, THREE, TWO + ONE, ONE + TWO, SAID, TWO + THREE]),
    "quoted, with words left out": ("quoted", [ONE, f"-{LEFT_OUT}", "-Ottilie Marsh, fisherwoman", THREE, MARSH, TWO]),
    "quoted, with words left out, by nobody": ("quoted", [ONE, LEFT_OUT, "Why bridges fall early", THREE, MARSH, TWO]),
    "quoted, over a heading": ("quoted", [ONE, f"-{QUOTE}", "Why Bridges Fall Early", THREE, MARSH, TWO]),
    "lede": ("lede", [f"{SAID} {ONE}", TWO, THREE, ONE, f"-{SAID}"]),
    "lede, further up": ("lede", [f"{SAID} {ONE}", TWO, SAID, THREE, ONE]),
    "suffix": ("suffix", [ONE, f"{CAPTION}. Photo: Finch", "-Photo: Finch", TWO]),
    "suffix, of another line": ("suffix", [ONE, f"{CAPTION}. Photo: Finch", TWO, "Photo: Finch"]),
    "truncated": ("truncated", [f"-{CAPTION} ...", f"{CAPTION}, with the heron.", TWO]),
    "truncated, another line": ("truncated", [f"{CAPTION} ...", ONE, TWO]),
    "quoted": ("quoted", [ONE, f"-{QUOTE}", THREE, TWO]),
    "quoted, said once": ("quoted", [ONE, QUOTE, TWO]),
    "passage": ("passage", [ONE, TWO, THREE, f"-{ONE}", f"-{TWO}", f"-{THREE}"]),
    "passage, in another order": ("passage", [ONE, TWO, THREE, TWO, ONE, THREE]),
    "doubled": ("doubled", [ONE, TWO]),
}  # fmt: skip


def cleaner(of: str, more: str = "") -> Cleaner:
    source = f"""
[rule.copy]
kind = "repeat"
of = "{of}"
label = "dup"
about = "A copy."
min_chars = 4
{more}
match = ["A"]
keep = ["B"]
"""
    return Cleaner(Policy(max_share=1), [parse_pack(source, "p.toml", "p")])


@pytest.mark.parametrize(("of", "lines"), CASES.values(), ids=CASES)
def test_copies(of: str, lines: list[str]) -> None:
    text = "\n\n".join(line.removeprefix("-") for line in lines)
    kept = [line for line in lines if not line.startswith("-")]
    assert cleaner(of).clean(text, title=TITLE).text.split("\n\n") == kept


def test_a_line_that_says_it_twice_says_it_once() -> None:
    assert cleaner("doubled").clean(f"{CAPTION} {CAPTION}").text == CAPTION
    assert cleaner("doubled").clean("Yes, yes").text == "Yes, yes"


def test_a_line_that_says_it_twice_keeps_the_credit() -> None:
    assert cleaner("doubled").clean(f"{CAPTION} | {CAPTION}").text == CAPTION
    assert cleaner("doubled").clean(f"{CAPTION} {CAPTION}. Photo: Finch").text == f"{CAPTION}. Photo: Finch"
    assert cleaner("doubled").clean(f"{CAPTION}, and {ONE}").text == f"{CAPTION}, and {ONE}"


DEK = "What the birds on the lower river want from fishermen"
GUESSED = {  # no title is known
    "title": ("title", ["Roads", TITLE, ONE, f"-{TITLE}", TWO]),
    "above-guess": ("above-guess", ["-County", "-Roads", TITLE, ONE, TWO]),
    "above-guess, of another title": ("above-guess", ["County", "What the text speaks of in words of its own", ONE, TWO]),
    "above-guess, the headline over its summary": ("above-guess", ["Heron", DEK, ONE, TWO, f"{ONE} The heron says nothing."]),
    "above-guess, that comes back in the headline": ("above-guess", ["-Heron", TITLE, ONE, TWO, f"{ONE} The heron says nothing."]),
    "masthead": ("masthead", ["-The Weir Courier. Dry since 1871.", "Menu", TITLE, ONE, TWO]),
    "masthead, in capitals": ("masthead", ["-DRY SINCE 1871", "Menu", TITLE, ONE, TWO]),
    "masthead, a headline in other words": ("masthead", ["Early on a weekday", "Menu", TITLE, ONE, TWO]),
}  # fmt: skip


@pytest.mark.parametrize(("of", "lines"), GUESSED.values(), ids=GUESSED)
def test_where_the_headline_is_guessed(of: str, lines: list[str]) -> None:
    text = "\n\n".join(line.removeprefix("-") for line in lines)
    kept = [line for line in lines if not line.startswith("-")]
    assert cleaner(of).clean(text).text.split("\n\n") == kept


def test_a_known_title_needs_no_guess() -> None:
    text = "\n\n".join(["County", TITLE, ONE, TWO])
    assert cleaner("above-guess").clean(text, title=TITLE).text == text
    assert cleaner("above-guess").clean(text, title="Another headline").text == text.removeprefix("County\n\n")


def test_what_is_guessed_says_so() -> None:
    removal = cleaner("above-guess").clean(f"County\n\n{TITLE}\n\n{ONE}").report.removals[0]
    assert "as guessed, in line 3" in removal.evidence


CREDIT = 'pattern = "[(]?photo: .{3,20}"'
CREDITED = {
    "credited": ("credited", [ONE, CAPTION, TWO, THREE, ONE, f"-{CAPTION}. Photo: Finch"]),
    "credited, the short one": ("credited", [ONE, f"{CAPTION} (Photo: Finch)", TWO, THREE, ONE, f"-{CAPTION}"]),
    "credited, a sentence of the article": ("credited", [f"{CAPTION}. Photo: Finch", ONE, TWO, THREE, TWO, f"{CAPTION}.", ONE]),
    "credited, but that goes on": ("credited", [ONE, CAPTION, TWO, THREE, f"{CAPTION}, and the heron"]),
    "pair": ("pair", [ONE, CAPTION, "Photo: Finch", TWO, THREE, f"-{CAPTION}", "-Photo: Finch"]),
    "pair, of two pictures": ("pair", [ONE, CAPTION, "Photo: Finch", TWO, THREE, QUOTE, "Photo: Finch"]),
    "pair, of verses": ("pair", [CAPTION, "My love", TWO, CAPTION, "My love"]),
}


@pytest.mark.parametrize(("of", "lines"), CREDITED.values(), ids=CREDITED)
def test_copies_with_credits(of: str, lines: list[str]) -> None:
    text = "\n\n".join(line.removeprefix("-") for line in lines)
    kept = [line for line in lines if not line.startswith("-")]
    assert cleaner(of, CREDIT).clean(text).text.split("\n\n") == kept


@pytest.mark.parametrize("title", ["\u200b", "\xad", "\n", " \ufeff "])
def test_a_title_that_is_nothing_is_no_title(title: str) -> None:
    assert cleaner("title").clean(f"{ONE}\n\n{TWO}", title=title).text == f"{ONE}\n\n{TWO}"


GROWTH = parse_pack(
    """
[rule.heading]
kind = "block"
label = "related"
about = "A heading."
pattern = 'more stories'
match = ["More stories"]
keep = ["More"]

[rule.rest]
kind = "growth"
label = "related"
below = ["related"]
ends = true
max_shared = 0.22
about = "What stands below."
steps = [{ min = 2, max = 99, max_chars = 200, apart = true }]
match = ["A"]
keep = ["B"]

[rule.note]
kind = "block"
label = "correction"
protect = true
about = "A note."
pattern = 'correction: .{1,90}'
match = ["Correction: it was Friday."]
keep = ["Correct."]
""",
    "p.toml",
    "p",
)
TEASERS = [
    "Mushroom pickers warned after frost in northern valleys",
    "Rangers counted eleven injured walkers within three foggy mornings, hospital records show.",
    "Orchestra auctions trumpets, drums and its oldest conductor",
    "Bidders travelled from seven countries, the auctioneer announced at lunchtime on Saturday.",
]
GROWN: dict[str, tuple[list[str], list[str]]] = {
    "to the end": ([ONE, TWO, "More stories", *TEASERS], ["More stories", *TEASERS]),
    "not if the article goes on": ([ONE, TWO, "More stories", *TEASERS, ONE + "!", TWO + "!"], ["More stories"]),
    "not if they speak of the same things": (
        [ONE, TWO, "More stories", ONE[:90] + ".", "Bridge", TWO[:90] + "."],
        ["More stories"],
    ),
    "not without a heading": ([ONE, TWO, *TEASERS], []),
    "not over what is protected": (
        [ONE, TWO, "More stories", *TEASERS, "Correction: it was Friday."],
        ["More stories", *TEASERS],
    ),
}


@pytest.mark.parametrize(("lines", "going"), GROWN.values(), ids=GROWN)
def test_growth(lines: list[str], going: list[str]) -> None:
    text = Cleaner(Policy(max_share=1), [GROWTH]).clean("\n\n".join(lines)).text
    assert text.split("\n\n") == [line for line in lines if line not in going]


ROUNDS = parse_pack(
    """
[rule.teasers]
kind = "run"
label = "related"
about = "Teasers, each with its age."
rounds = 2
steps = [{ is = "heading", min_chars = 12 }, { is = "paragraph", min = 0, max = 1 }, { is = "label", pattern = '\\d+ hours? ago' }]
match = ["A"]
keep = ["B"]
""",
    "p.toml",
    "p",
)
TEASER = ["-Heron in the office", "-3 hours ago"]
TOLD = ["-Ferry to run all winter", "-It is to carry the post.", "-2 hours ago"]


@pytest.mark.parametrize(
    "lines",
    [
        [ONE, *TEASER, *TOLD, "Divers at work", TWO],
        [ONE, *TEASER, *TOLD, *TEASER, *TOLD, *TEASER],
        [ONE, "Heron in the office", "3 hours ago", TWO],
        [ONE, "Heron in the office", "3 hours ago", TWO, "Heron in the office", "3 hours ago"],
        [*TEASER * 40, TWO],
    ],
    ids=["two", "five", "one", "apart", "many"],
)
def test_rounds(lines: list[str]) -> None:
    text = "\n\n".join(line.removeprefix("-") for line in lines)
    kept = [line for line in lines if not line.startswith("-")]
    assert Cleaner(Policy(max_share=1), [ROUNDS]).clean(text).text.split("\n\n") == kept
