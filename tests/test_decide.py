"""Kinds of rules, and what becomes of their matches: a pack, a text, what is left. Each table guards one idea."""

from __future__ import annotations

import pytest

from newsclean import Cleaner, Policy
from newsclean.packtoml import parse_pack

PROSE = "The council met on Monday and talked for three long hours about money."
PACK = parse_pack(
    """
[rule.offer]
kind = "block"
label = "paywall"
about = "An offer."
pattern = 'subscribe now'
match = ["Subscribe now"]
keep = ["Subscribe."]

[rule.help]
kind = "block"
label = "nav"
strength = "weak"
about = "A word that is furniture only beside furniture."
pattern = 'help'
match = ["Help"]
keep = ["Helping."]

[rule.help-with-offer]
kind = "block"
label = "nav"
strength = "weak"
support = ["newsletter"]
about = "Furniture only beside a newsletter."
pattern = 'terms'
match = ["Terms"]
keep = ["Term."]

[rule.caption]
kind = "block"
label = "caption"
about = "A caption."
pattern = 'photo: .{1,40}'
match = ["Photo: A. Finch"]
keep = ["Photos."]

[rule.note]
kind = "block"
label = "correction"
protect = true
about = "A correction."
pattern = 'correction: .{1,90}'
match = ["Correction: it was Friday."]
keep = ["Correct."]

[rule.related]
kind = "run"
label = "related"
about = "A heading and what is below it."
steps = [{ pattern = 'related' }, { is = "short", max = 5 }]
match = ["Related\\n\\nOther news"]
keep = ["Relations."]

[rule.stamp-box]
kind = "run"
label = "promo"
about = "A line between two others that stay."
steps = [{ is = "paragraph", stays = true }, { pattern = 'boxed' }, { is = "paragraph", stays = true }]
match = ["One sentence here.\\n\\n[-Boxed-]\\n\\nAnother sentence."]
keep = ["Boxed"]

[rule.in-line]
kind = "inline"
label = "nav"
about = "A remark for screen readers."
pattern = '\\(opens in a? ?new tab\\)'
match = ["The report [-(opens in new tab)-] is long."]
keep = ["It opens."]

[rule.tail-word]
kind = "block"
label = "promo"
where = "tail"
about = "Only at the end."
pattern = 'the end'
match = ["The end"]
keep = ["The ending"]

[rule.shouting]
kind = "block"
label = "promo"
case = true
about = "Only in capitals."
pattern = 'BUY IT'
match = ["BUY IT"]
keep = ["Buy it"]

[rule.corpus-only]
kind = "block"
label = "other"
profiles = ["corpus"]
about = "Only in profile corpus."
pattern = 'wire copy'
match = ["Wire copy"]
keep = ["Wires"]
""",
    "p.toml",
    "p",
)

CASES: dict[str, tuple[list[str], list[str]]] = {  # lines -> those that go
    "a strong cue goes": ([PROSE, "Subscribe now", PROSE + "!"], ["Subscribe now"]),
    "a weak cue alone stays": ([PROSE, "Help", PROSE + "!"], []),
    "a weak cue beside a strong one goes": ([PROSE, "Subscribe now", "Help"], ["Subscribe now", "Help"]),
    "a weak cue two lines off goes": ([PROSE, "Subscribe now", "Hm, well.", "Help"], ["Subscribe now", "Help"]),
    "weak cues support each other along a chain": (
        [PROSE, "Subscribe now", "Help", "Help", "Help", "Help"],
        ["Subscribe now"] + ["Help"] * 4,
    ),
    "support has the wrong label": ([PROSE, "Subscribe now", "Terms"], ["Subscribe now"]),
    "growth ends at a sentence": (
        [PROSE, "Related", "Other news", "More news", PROSE + "!"],
        ["Related", "Other news", "More news"],
    ),
    "growth ends at a caption": ([PROSE, "Related", "Other news", "Photo: A. Finch", "A line"], ["Related", "Other news"]),
    "growth ends at a protected line": ([PROSE, "Related", "Correction: it was Friday", "A line"], ["Related"]),
    "what stays in a run is not cut": ([PROSE, "Boxed", PROSE + "!"], ["Boxed"]),
    "a run that misses a step": (["Boxed", PROSE], []),
    "a zone that is elsewhere": ([PROSE, "The end", *(PROSE + str(i) + "." for i in range(9))], []),
    "a zone": ([*(PROSE + str(i) + "." for i in range(9)), "The end"], ["The end"]),
    "capitals": ([PROSE, "BUY IT", "Buy it"], ["BUY IT"]),
    "another profile's rule": ([PROSE, "Wire copy"], []),
    "a kept label": ([PROSE, "Photo: A. Finch"], []),
}


@pytest.mark.parametrize(("lines", "going"), CASES.values(), ids=CASES)
def test_what_goes(lines: list[str], going: list[str]) -> None:
    cleaned = Cleaner(Policy(max_share=1), [PACK]).clean("\n\n".join(lines))
    left = list(lines)
    for line in going:
        left.remove(line)
    assert cleaned.text.split("\n\n") == left


POLICIES = {  # policy -> lines of PROSE, Subscribe now, Photo, Wire copy, Correction that go
    "news": (Policy(), ["Subscribe now"]),
    "corpus": (Policy(profile="corpus"), ["Subscribe now", "Photo: A. Finch", "Wire copy"]),
    "body": (Policy(profile="body"), ["Subscribe now", "Photo: A. Finch"]),
    "archive": (Policy(profile="archive"), []),
    "keep": (Policy(keep=("paywall",)), []),
    "remove": (Policy(remove=("caption",)), ["Subscribe now", "Photo: A. Finch"]),
    "with": (Policy(with_=("p/corpus-only",)), ["Subscribe now", "Wire copy"]),
    "without": (Policy(without=("p/offer",)), []),
    "keep phrase": (Policy(keep_phrases=("SUBSCRIBE  now",)), []),
    "drop phrase": (Policy(drop_phrases=("Ring the bell",)), ["Subscribe now", "Ring the Bell"]),
    "drop phrase over a kept label": (Policy(drop_phrases=("Photo: A. Finch",)), ["Subscribe now", "Photo: A. Finch"]),
}


@pytest.mark.parametrize(("policy", "going"), POLICIES.values(), ids=POLICIES)
def test_policies(policy: Policy, going: list[str]) -> None:
    lines = [PROSE, "Subscribe now", PROSE + "!", "Photo: A. Finch", "Wire copy", "Ring the Bell", "Correction: it was Friday."]
    cleaned = Cleaner(policy, [PACK]).clean("\n\n".join(lines))
    assert cleaned.text.split("\n\n") == [line for line in lines if line not in going]


def test_weak_rule_that_is_asked_for_acts_alone() -> None:
    text = f"{PROSE}\n\nHelp\n\n{PROSE}!"
    assert "Help" not in Cleaner(Policy(with_=("p/help",)), [PACK]).clean(text).text


INLINE = {
    "in the middle": ("The report (opens in new tab) is long, and so is the winter up here.", "The report is long, and so is the winter up here."),
    "at the end": ("The winter is long, and so is the report (opens in new tab)", "The winter is long, and so is the report"),
    "at the start": ("(opens in new tab) The winter is long, and so is the report.", "The winter is long, and so is the report."),
    "before a full stop": ("The winter is long, and so is the report (opens in new tab).", "The winter is long, and so is the report ."),
    "with odd spaces and invisible characters": ("The re\xadport ’s (opens\xa0 in new\u200b tab)  is long, as the winter is.", "The re\xadport ’s is long, as the winter is."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), INLINE.values(), ids=INLINE)
def test_part_of_a_line_goes_with_one_blank(text: str, wanted: str) -> None:
    assert Cleaner(Policy(max_share=1), [PACK]).clean(text).text == wanted


def test_spared_say_why() -> None:
    text = f"{PROSE}\n\nHelp\n\n{PROSE}!\n\nPhoto: A. Finch\n\nCorrection: it was Friday."
    spared = {s.rule: s.why for s in Cleaner(Policy(remove=("correction",)), [PACK]).clean(text).report.spared}
    assert spared["p/help"] == "a weak cue, and nothing beside it that goes"
    assert spared["p/caption"] == "profile news keeps label caption"


def test_overlaps_are_unions_and_name_all_rules() -> None:
    both = parse_pack(
        """
[rule.a]
kind = "block"
label = "ad"
about = "A."
pattern = 'buy .*'
match = ["Buy it"]
keep = ["By it"]
[rule.b]
kind = "block"
label = "promo"
about = "B."
pattern = '.* now'
match = ["Call now"]
keep = ["Call"]
""",
        "q.toml",
        "q",
    )
    (removal,) = Cleaner(packs=[both]).clean(f"{PROSE}\n\nBuy it now").report.removals
    assert (removal.rule, removal.also) == ("q/a", ("q/b",))


def test_a_second_round_sees_new_neighbours() -> None:
    """The box stands below a paragraph only once the offer between them has gone."""
    text = "\n\n".join([PROSE, "Subscribe now", "Boxed", PROSE + "!"])
    report = Cleaner(Policy(max_share=1), [PACK]).clean(text).report
    assert [(r.text.strip(), r.round) for r in report.removals] == [("Subscribe now", 1), ("Boxed", 2)]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Policy(profile="x"), "unknown profile 'x'"),
        (Policy(keep=("adds",)), "unknown label 'adds'; did you mean 'ad'?"),
        (Policy(with_=("p/ofer",)), "unknown rule 'p/ofer'; did you mean 'p/offer'?"),
        (Policy(keep=("ad",), remove=("ad",)), "label 'ad' is both kept and removed"),
        (Policy(languages=("xx",)), "unknown language 'xx'"),
        (Policy(max_share=0), "max-share is a share above 0"),
    ],
)
def test_wrong_policies(policy: Policy, message: str) -> None:
    from newsclean import ConfigError

    with pytest.raises(ConfigError) as caught:
        Cleaner(policy, [PACK])
    assert str(caught.value).startswith(message)
