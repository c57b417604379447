"""The page of a collection: figures over all of it, a bounded number of its documents, and nothing that could run or load."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import subprocess
import zlib
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from newsclean.batch.collection import AROUND, FIRST, LONG, MARKS, Mark, marks_of, segments, write_page
from newsclean.batch.counts import Counts, Entry, Groups, fold_line
from newsclean.report import Removal, Report, Spared, cut

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{name}}{{data}}\u2028\ud800\x00\ufffe"
LINES = "Rain is on its way.\nIt will last.\n\nMore of it is to come on Friday.\nThe council met.\n" * 9


def row(text: str, start: int, end: int, **more: str) -> dict[str, Any]:
    values = {"rule": "pack/rule", "label": "ad", "evidence": "it reads like one", **more}
    return {"start": start, "end": end, "text": text[start:end], **values}


def entry(text: str, cuts: Iterable[dict[str, Any]] = (), spared: Iterable[dict[str, Any]] = (), **more: Any) -> Entry:
    removals, kept = tuple(Removal(**c) for c in cuts), tuple(Spared(**s) for s in spared)
    report = Report(text.replace("\ud800", "?"), removals, kept, flags=tuple(more.get("flags", ()))).to_dict()
    clean = cut(text, removals)
    return Entry(more.get("name", "a.txt"), more.get("site"), report, clean if more.get("at_hand", True) else None)


def written(entries: Iterable[Entry], most: int = 10_000, about: dict[str, str] | None = None) -> str:
    out = io.StringIO()
    write_page(out, entries, about or {}, most)
    return out.getvalue()


def data(page: str) -> Any:
    found = re.search(r'<script type="application/octet-stream" id="data">([^<]*)</script>', page)
    assert found
    return json.loads(zlib.decompress(b64decode(found[1]), 31))


# --- lines that are alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Comments (12)", "Comments (7)"),
        ("Photo: Jane Doe/Reuters", "Photo: John Smith/Reuters"),
        ("By Jane Doe and Ann Lee", "By John Smith and Bob Ray"),
        ("Jane Doe covers the harbour.", "John Smith covers the harbour."),
        ("Read more: “Rain is here” today", "Read more: 'It snows' today"),
        ("ADVERTISEMENT", "Advertisement"),
        ("  Sign up \t now", "Sign\u00a0up now"),
        ("Published 3.12.2021 09:40", "Published 14.1.22 9:05"),
        ("Get the Boston app", "Get the Glasgow Evening app"),
    ],
)
def test_lines_that_differ_in_names_numbers_quotations_are_alike(one: str, other: str) -> None:
    assert fold_line(one) == fold_line(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Related Articles", "More Stories"),
        ("Read More", "Sign Up"),
        ("READ MORE STORIES HERE", "READ FEWER STORIES HERE"),
        ("Share", "Save"),
        ("Subscribe now", "Continue reading"),
        ("don't miss it, it's free", "don't take it, it's free"),
        ("", "x"),
    ],
)
def test_other_lines_are_not(one: str, other: str) -> None:
    assert fold_line(one) != fold_line(other)


def test_groups_are_bounded_and_keep_what_is_frequent() -> None:
    groups = Groups(most=100)
    for number in range(5_000):
        groups.add("often seen", "p/r", "ad")
        groups.add("seen " + "abcdefghij"[number % 10] * (number // 10), "p/r", "ad")
        assert len(groups.rows) <= 100
    assert groups.dropped
    assert groups.top(1) == [[5_000, "often seen", "p/r", "ad", "", "often seen"]]


def test_groups_go_by_rule_and_reason_and_show_the_first() -> None:
    groups = Groups()
    for text, rule, why in [
        ("By Ann Lee", "p/a", ""),
        ("By Bob Ray", "p/a", ""),
        ("x", "p/a", "12 long"),
        ("x", "p/a", "9 long"),
        ("x", "p/b", "9 long"),
    ]:
        groups.add(text, rule, "ad", why)
    assert [group[:3] + group[4:5] for group in groups.top()] == [
        [2, "By Ann Lee", "p/a", ""],
        [2, "x", "p/a", "12 long"],
        [1, "x", "p/b", "9 long"],
    ]
    assert not groups.dropped


def test_names_are_bounded_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsclean.batch.counts.NAMES", 3)
    counts = Counts()
    for name in ["a", "b", "c", "d", "e", "a"]:
        counts.add(name, 1, 10)
    assert counts.top() == [["(others)", 2, 2, 20, ""], ["a", 2, 2, 20, ""], ["b", 1, 1, 10, ""], ["c", 1, 1, 10, ""]]


# --- one document


def scattered(seed: int) -> Entry:
    dice = random.Random(seed)
    edges = sorted(dice.sample(range(len(LINES) + 1), 12))
    cuts = [row(LINES, *pair) for pair in pairwise(edges) if dice.random() < 0.5]
    places = sorted(sorted(dice.sample(range(len(LINES) + 1), 2)) for _ in range(5))
    return entry(LINES, cuts, [row(LINES, a, min(b, a + 60), why="too long") for a, b in places])


@pytest.mark.parametrize("seed", range(30))
def test_marks_are_disjoint_and_hold_each_record(seed: int) -> None:
    report = scattered(seed).report
    marks = marks_of(report)
    assert all(a.end <= b.start for a, b in pairwise(marks))
    assert all(mark.text == LINES[mark.start : mark.end] for mark in marks)
    assert sum(len(mark.records) for mark in marks) == len(report["removals"]) + len(report["spared"])
    assert [(m.start, m.end) for m in marks if m.cut] == [(r["start"], r["end"]) for r in report["removals"]]


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("at_hand", [True, False])
def test_segments_are_the_original_but_for_what_is_folded(seed: int, at_hand: bool) -> None:
    one = scattered(seed)
    at = 0
    for part in segments(marks_of(one.report), len(LINES), one.clean if at_hand else None):
        if isinstance(part, Mark):
            assert part.start == at
        if isinstance(part, int):
            at = at - part if part < 0 else next(i for i in range(len(LINES) + 1) if LINES[at:i].count("\n") == part)
        else:
            text = part.text if isinstance(part, Mark) else part
            assert LINES.startswith(text, at)
            at += len(text)
    assert at == len(LINES)


def test_long_stretches_are_folded() -> None:
    text = "".join(f"line {n}\n" for n in range(200))
    mark = row(text, text.index("line 100"), text.index("line 101"))
    parts = list(segments(marks_of(entry(text, [mark]).report), len(text), cut(text, [Removal(**mark)])))
    assert parts[0] == 100 - AROUND - 1 and parts[-1] == 99 - AROUND - 1
    assert [str(part).count("line") for part in (parts[1], parts[-2])] == [AROUND + 1] * 2
    [whole] = [
        part for part in segments([Mark(0, 9_000, "x" * 9_000, [("p/r", "ad", "e", "")])], 9_000, "") if isinstance(part, Mark)
    ]
    assert len(whole.text) < LONG + 40 and f"… {9_000 - LONG:,} characters …" in whole.text


# --- the page


def test_figures_are_of_all_while_documents_are_bounded() -> None:
    text = "Ad.\n\nRain.\n" + "x" * 89
    many = [entry(text, [row(text, 0, 5)] if n % 2 else (), name=f"{n}.txt", site=f"s{n % 3}") for n in range(300)]
    rare = entry(text, [row(text, 4, 5, rule="pack/rare", label="nav")], name="rare.txt", flags=["paywalled"])
    page = written([*many, rare], most=30)
    read = data(page)
    assert "30 of 301 documents are on this page" in page and "<b>301</b> documents" in page
    assert len(read["documents"]) == 30
    names = [document[0] for document in read["documents"]]
    assert "rare.txt" in names and {f"{n}.txt" for n in range(1, 2 * FIRST - 2, 2)} <= set(names)
    totals = read["totals"]
    assert totals["labels"] == [["ad", 150, 150, 750, "ad"], ["nav", 1, 1, 1, "nav"]]
    assert totals["rules"] == [["pack/rule", 150, 150, 750, "ad"], ["pack/rare", 1, 1, 1, "nav"]]
    assert sorted(site[:3] for site in totals["sites"]) == [["", 1, 1], *([f"s{n}", 100, 50] for n in range(3))]
    assert totals["flags"] == [["paywalled", 1, 1, 1, ""]]
    assert sum(totals["bins"]) == 301 and totals["untouched"] == 150
    assert totals["lines"] == [[150, "Ad.", "pack/rule", "ad", "", "ad."]]


@pytest.mark.parametrize(
    ("cuts", "chars", "number"), [(0, 100, 0), (4, 100, 0), (5, 100, 1), (50, 100, 10), (99, 100, 19), (100, 100, 19), (0, 0, 0)]
)
def test_the_share_cut_falls_into_its_bin(cuts: int, chars: int, number: int) -> None:
    text = "x" * chars
    bins = data(written([entry(text, [row(text, 0, cuts)] if cuts else ())]))["totals"]["bins"]
    assert bins == [int(n == number) for n in range(20)]


def test_marks_beyond_the_most_still_count_for_the_filters() -> None:
    text = "ab" * (MARKS + 5)
    cuts = [row(text, 2 * n, 2 * n + 1, rule="pack/last" if n == MARKS + 4 else "pack/rule") for n in range(MARKS + 5)]
    read = data(written([entry(text, cuts)]))
    [document] = read["documents"]
    assert document[4] == MARKS + 5
    assert sum(isinstance(part, list) for part in document[6]) == MARKS
    assert [read["strings"][read["records"][number][0]] for number in document[7]] == ["pack/rule", "pack/last"]


def test_a_clean_text_that_was_edited_is_not_shown() -> None:
    one = entry(LINES, [row(LINES, 0, 20)])
    assert data(written([replace(one, clean="edited")]))["documents"] == data(written([replace(one, clean=None)]))["documents"]


def hostile() -> Entry:
    values = {"rule": HOSTILE, "label": HOSTILE, "evidence": HOSTILE}
    text = HOSTILE + LINES
    return entry(
        text,
        [row(text, 0, len(HOSTILE), **values)],
        [row(text, 60, 90, why=HOSTILE, **values)],
        name=HOSTILE,
        site=HOSTILE,
        flags=[HOSTILE],
    )


def test_no_text_can_bring_in_markup() -> None:
    page = written([hostile()], about={"name": HOSTILE, HOSTILE: HOSTILE})
    tame = written([entry(LINES)], about={"name": "x", "y": "z"})
    tags = re.compile(r"<[!/a-z][^\s>]*")
    assert tags.findall(page) == tags.findall(tame)
    page.encode("utf-8")  # raises, were half a pair left
    [[name, *_, parts, _]] = data(page)["documents"]
    assert name == HOSTILE.translate(dict.fromkeys((0, 0xD800, 0xFFFE), "\ufffd"))
    assert parts[0][0] == HOSTILE  # the script says which character stood where


def test_the_page_loads_nothing() -> None:
    page = written([entry(LINES, [row(LINES, 0, 20)])])
    page = page.replace(str(re.search(r'id="data">([^<]*)', page)), "")
    assert not re.findall(r"https?:|\bsrc=|\bhref=\"[^#]|url\(|@import|fetch\(|XMLHttp|xmlns|innerHTML|insertAdjacent", page)
    assert page.count("<script>") == 1 and "'unsafe-inline'; script-src 'sha256-" in page


def test_the_same_reports_give_the_same_page() -> None:
    assert written([hostile(), *map(scattered, range(9))], 5) == written([hostile(), *map(scattered, range(9))], 5)


# --- in a browser

OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=5000", "--window-size=1200,900", "--dump-dom",
)  # fmt: skip
in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: the page is not tried in a browser")

# The page in a frame, as it is: its own rules on what may run hold there, too.
HARNESS = """<!doctype html><p id=seen></p><iframe width=1100 height=800 srcdoc="%s"></iframe><script>
onload = () => setTimeout(() => {
  const frame = document.querySelector("iframe").contentDocument, seen = [], one = id => frame.getElementById(id);
  const key = (at, key) => at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  const see = () => seen.push(one("count").textContent + "; " + (one("pane").querySelector("h3")?.textContent ?? "-"));
  see();
  key(one("list"), "ArrowDown"), key(one("list"), "ArrowDown"), key(one("list"), "Enter"), see();
  key(frame.activeElement, "Escape"), see();
  one("b-rule").querySelector("button[data-l=nav]").click(), see();
  one("chips").querySelector("button").click(), see();
  one("q").value = "WEATHER’s", one("q").dispatchEvent(new Event("input")), see();
  document.getElementById("seen").textContent = seen.join(" | ") + " | " + frame.activeElement.id;
}, 1000);
</script>"""


def collection() -> list[Entry]:
    """50 documents: the numbers 0 to 39 with one cut each, more and more of it; two of another rule; hostile ones."""
    text = "Ad for rain.\n" + LINES
    ads = [entry(text, [row(text, 0, 13 + n)], name=f"a/{n:02}.txt", site="one.example") for n in range(38)]
    nav = [
        entry("The weather's menu\n" + LINES, [row("The weather's menu\n", 0, 19, rule="pack/menu", label="nav")], name=f"nav{n}")
        for n in (1, 2)
    ]
    return [*ads, *nav, *[hostile()] * 10]


def dumped(tmp_path: Path, name: str, html: str, fragment: str = "") -> str:
    (tmp_path / name).write_text(html, encoding="utf-8")
    command = [str(BROWSER), *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / name).as_uri() + fragment]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert "<body" in done.stdout, done.stderr[-1500:]
    return done.stdout


@in_browser
@pytest.mark.parametrize(
    ("fragment", "shown"),
    [
        ("", ['data-ready="1"', ">50 documents</output>", 'aria-setsize="50"', "Choose a document"]),
        ("#label=nav", [">2 of 50</output>", 'aria-setsize="2"', "label: nav ×"]),
        ("#site=one.example&q=AD%20for", [">38 of 50</output>", "text: AD for ×"]),
        ("#q=nothing+like+it", [">0 of 50</output>", "No document fits."]),
        ("#doc=37", ["<h3><bdi>a/37.txt</bdi></h3>", 'data-l="ad">Ad for rain.</del>', "<code>pack/rule</code>", " lines …</p>"]),
        ("#doc=45", ["&lt;img src=x onerror=alert(1)&gt;", 'title="U+0000"', "stays: "]),
    ],
)
def test_the_address_sets_filters_and_opens_a_document(tmp_path: Path, fragment: str, shown: list[str]) -> None:
    dom = dumped(tmp_path, "page.html", written(collection()), fragment)
    assert [part for part in shown if part not in dom] == []
    assert dom.count('class="row"') < 40  # of 50: only those in sight
    assert "<img" not in dom and '<p id="problem" role="alert" hidden="">' in dom


@in_browser
def test_keys_bars_and_search_in_a_browser(tmp_path: Path) -> None:
    dom = dumped(tmp_path, "harness.html", HARNESS % escape(written(collection())))
    seen = re.search(r'<p id="seen">([^<]*)</p>', dom)
    first, opened, closed, bar, cleared, searched = seen[1].split(" | ")[:6] if seen else [""] * 6
    assert first == closed == cleared == "50 documents; -"
    assert re.fullmatch(r"50 documents; \S.*", opened) and not opened.endswith("; -")
    assert bar == searched == "2 of 50; -"
    assert seen and seen[1].endswith(" | list")
