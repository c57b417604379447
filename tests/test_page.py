"""The page of one document: all of the text, in order, with every cut in its place; and nothing that could run or load."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from newsclean.page import page
from newsclean.report import Cleaned, Removal, Report, Spared, Timestamp, cut

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

TEXTS = {
    "plain": "Rain is on its way.\n\nRead more: Five umbrellas\nIt will last.\n",
    "markup": "<b>x</b> & &amp; \"q\" 'a' </main></del></script><script>alert(1)</script>\n<!-- {{text}} $text <img src=x>\n",
    "line ends": "a\r\nb\rc\n\n\n  d\t e  \x85f\u2028g\u2029h\x0bi\x0cj\x1ck",
    "odd": "nul \x00 bell \x07 del \x7f c1 \x9b half \ud800 other \udfff none \ufffe \uffff real \ufffd bom \ufeff",
    "both ways": "עברית with English \u202ereversed\u202c\nالعربية 123\nend",
    "astral": "𝒳 👩‍👩‍👧 \U0010fffd\n",
    "blank": " \n\t\n\n",
    "one": "x",
    "empty": "",
}


def removal(text: str, start: int, end: int, **more: object) -> Removal:
    values = {"rule": "pack/rule", "label": "ad", "evidence": "it reads like one", **more}
    return Removal(start, end, text[start:end], **values)  # type: ignore[arg-type]


def spared(text: str, start: int, end: int) -> Spared:
    return Spared(start, end, text[start:end], "pack/other", "nav", "fits", "too long")


def cleaned(text: str, removals: Sequence[Removal] = (), **more: object) -> Cleaned:
    return Cleaned(cut(text, removals), Report(text, tuple(removals), **more))  # type: ignore[arg-type]


def scattered(text: str, seed: int) -> Cleaned:
    """Cuts and overlapping spared stretches anywhere: inside lines, over line ends, next to each other."""
    dice = random.Random(f"{seed} {len(text)}")
    edges = sorted(dice.sample(range(len(text) + 1), min(len(text) + 1, 8)))
    pairs = [pair for pair in pairwise(edges) if dice.random() < 0.5]
    places = [sorted(dice.sample(range(len(text) + 1), 2)) for _ in range(4)] if text else []
    kept = tuple(sorted((spared(text, *place) for place in places), key=lambda s: (s.start, s.end)))
    return cleaned(text, [removal(text, a, b, label=dice.choice(["ad", 'w"<eird'])) for a, b in pairs], spared=kept)


class Reader(HTMLParser):
    """Reads the running text back: `text` all of it, `kept` what is not in a <del>, `cuts` the text of each cut."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = self.kept = ""
        self.cuts: dict[str, str] = {}
        self.spared: dict[str, str] = {}
        self.ids: list[str] = []
        self.tags: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.ids.append(values.get("id") or "")
        if tag not in ("meta", "input"):
            self._open.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if ("main", "text") not in [(tag, values.get("id")) for tag, values in self._open]:
            return
        if self._open[-1][1].get("class") == "odd":
            data = chr(int((self._open[-1][1]["title"] or "")[2:], 16))
        self.text += data
        cuts = [str(values["data-c"]) for tag, values in self._open if tag == "del"]
        self.kept += "" if cuts else data
        for number in cuts:
            self.cuts[number] = self.cuts.get(number, "") + data
        for number in " ".join(str(v["data-s"]) for _, v in self._open if "data-s" in v).split():
            self.spared[number] = self.spared.get(number, "") + data


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("seed", range(12))
def test_the_text_is_all_there_with_each_cut_once(name: str, seed: int) -> None:
    result = scattered(TEXTS[name], seed)
    html = page(result)
    read = Reader(html)
    assert read.text == result.report.original
    assert read.kept == result.text
    assert read.cuts == {str(i): r.text for i, r in enumerate(result.report.removals)}
    assert sorted(i for i in read.ids if re.fullmatch(r"c\d+", i)) == sorted(f"c{i}" for i in range(len(read.cuts)))
    html.encode("utf-8")  # raises, were half a pair left


def test_what_was_spared_may_overlap_itself_and_a_cut() -> None:
    text = "one two three four"
    result = cleaned(text, [removal(text, 4, 8)], spared=(spared(text, 0, 13), spared(text, 8, 18)))
    assert Reader(page(result)).spared == {"0": "one three", "1": "three four"}


HOSTILE = "</script><script>alert(1)</script>\"'><img src=x>{{text}}\u2028\ud800\x00"


def test_no_field_of_a_report_can_bring_in_markup() -> None:
    text = "a line\nanother"
    cuts = [removal(text, 0, 6, rule=HOSTILE, label=HOSTILE, evidence=HOSTILE, also=(HOSTILE,))]
    stamps = (Timestamp(7, 14, HOSTILE, "published", True, HOSTILE),)
    hostile = cleaned(
        text, cuts, spared=(replace(spared(text, 7, 14), why=HOSTILE, label=HOSTILE),), timestamps=stamps, flags=(HOSTILE,),
        packs={HOSTILE: HOSTILE}, options={HOSTILE: HOSTILE}, source=HOSTILE, encoding="utf-8",
    )  # fmt: skip
    harmless = replace(stamps[0], text="x", time="2021")
    tame = cleaned(
        text, [removal(text, 0, 6)], spared=(spared(text, 7, 14),), timestamps=(harmless,), flags=("x",), source="a/b",
    )  # fmt: skip
    assert Reader(page(hostile)).tags == Reader(page(tame)).tags
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page(hostile), re.S)
    assert data and json.loads(data[1])["cuts"][0][:3] == [HOSTILE] * 3


def test_the_page_loads_nothing() -> None:
    html = page(cleaned(TEXTS["plain"], [removal(TEXTS["plain"], 21, 47)]))
    assert not re.findall(r"https?:|//\w|\bsrc=|\bhref=|url\(|@import|fetch\(|XMLHttp|xmlns", html)
    assert html.count("<script>") == 1 and "'unsafe-inline'; script-src 'sha256-" in html


def test_the_same_report_gives_the_same_page() -> None:
    assert page(scattered(TEXTS["markup"], 3)) == page(scattered(TEXTS["markup"], 3))


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"source": "news/a&b.txt"}, '<h1 dir="auto">a&amp;b.txt</h1>'),
        ({"source": "C:\\news\\a.txt"}, "<bdi>C:\\news\\a.txt</bdi>"),
        ({}, '<h1 dir="auto">Cleaned text</h1>'),
        ({"flags": ("paywalled",)}, "<strong>paywalled</strong> Only the part"),
        ({"packs": {"en": "3"}, "options": {"keep": ["ad", "nav"]}}, "keep: ad, nav · packs: en 3"),
        ({"timestamps": (Timestamp(0, 4, "2021-11-23", "updated", False),)}, "<time>2021-11-23</time>"),
        ({"spared": (spared("Rain", 0, 4),), "flags": ("brake",)}, 'id="spared" checked'),
        ({"spared": (spared("Rain", 0, 4),)}, 'id="spared"> Spared (1)'),
        ({}, "<b>61</b> characters before</span> <span><b>35</b> after</span> <span><b>42.6 %</b> cut"),
        ({}, '<b>1</b><span class="hush"> cut,</span> <small>26 chars</small>'),
    ],
)
def test_what_stands_around_the_text(more: dict[str, object], shown: str) -> None:
    text = TEXTS["plain"]
    assert shown in page(cleaned(text, [removal(text, 21, 47)], **more))


OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=5000", "--dump-dom",
)  # fmt: skip

# The page in a frame, as it is: its own rules on what may run hold there, too.
HARNESS = """<!doctype html><p id=seen></p><iframe srcdoc="%s"></iframe><script>
onload = () => {
  const frame = document.querySelector("iframe").contentDocument, seen = [];
  for (const key of ["n", "n", "k", "Escape", "3"]) {
    frame.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    const panel = frame.getElementById("panel");
    seen.push(frame.activeElement.id + ":" + (panel.className ? panel.querySelector("dd").textContent : "-"));
  }
  document.getElementById("seen").textContent = seen.join(" ") + " " + frame.documentElement.dataset.show;
};
</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: keys are not tried in a browser")
def test_keys_move_from_cut_to_cut_in_a_browser(tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = "Ad.\n\nRain.\n\nMore ads.\n"
    result = cleaned(text, [removal(text, 0, 5, evidence="first"), removal(text, 11, 22, evidence="second")])
    (tmp_path / "harness.html").write_text(HARNESS % escape(page(result)), encoding="utf-8")
    command = [str(BROWSER), *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "harness.html").as_uri()]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert '<p id="seen">c0:first c1:second c0:first c0:- c0:- cut</p>' in done.stdout, done.stdout[:500] + done.stderr[-1500:]
