"""Pages: what is found in them, what is cut, and that nothing brings the reader down."""

from __future__ import annotations

import gzip
import json
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import newsclean
from newsclean import Cleaner, Policy, restore
from newsclean.html import CleanedPage, clean_html, extract, soup_of, to_html, to_markdown
from newsclean.html.body import _name
from newsclean.html.names import flags_of, named
from newsclean.html.page import Page
from newsclean.html.soup import decoded, pruned
from newsclean.html.tables import SIZE, TABLES
from newsclean.html.walk import walk_html, walk_soup
from newsclean.packtoml import parse_pack

FIXTURES = Path(__file__).parent.parent / "fixtures" / "html"
CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus" / "pages.jsonl"
SCHEMA = json.loads((Path(newsclean.__file__).parent / "report.schema.json").read_text("utf-8"))
BODY = Cleaner(Policy(profile="body"))
NO_PACKS = Cleaner(Policy(profile="body"), packs=())


def page(name: str) -> bytes:
    return (FIXTURES / f"{name}.html").read_bytes()


def seen(found: Page) -> list[object]:
    return [
        (b.text, b.link, b.links, b.strong, b.flags, b.broken, b.node.signature, b.node.first, b.node.last) for b in found.blocks
    ]


def check(cleaned: CleanedPage) -> CleanedPage:
    """Every character is accounted for, and every cut has its elements."""
    original = cleaned.extracted.text
    assert cleaned.report.original == original
    assert restore(cleaned.text, cleaned.report) == original
    assert restore(cleaned.text, json.loads(json.dumps(cleaned.report.to_dict()))) == original
    assert all(original[r.start : r.end] == r.text for r in cleaned.report.removals)
    assert all(r.paths for r in cleaned.report.removals)
    return cleaned


# --- the article --------------------------------------------------------------------------------------


def test_the_body_is_found_whole_and_alone() -> None:
    cleaned = check(clean_html(page("ferry"), BODY))
    assert cleaned.text.startswith("The ferry that carried three generations")
    assert cleaned.text.endswith("the bell on the eastern shore.\n")
    for inside in ("Eleven winters in a barn", "the paint was a gift,", "so often,” said"):
        assert inside in cleaned.text
    for outside in ("Home", "Read also", "Seven bridges", "Mayor", "Photo", "Share", "grandfather", "©", "never read", "Ilse"):
        assert outside not in cleaned.text


def test_what_belongs_to_an_article_is_for_the_policy_to_say() -> None:
    news = check(clean_html(page("ferry"), Cleaner())).text
    assert news.startswith("Old ferry returns")
    assert "A wooden boat" in news and "Photo: Jo Brandt" in news and "Ilse Marten" in news
    with_dek = check(clean_html(page("ferry"), Cleaner(Policy(profile="body", keep=("dek",))))).text
    assert with_dek.startswith("A wooden boat") and "Photo" not in with_dek


def test_a_body_in_several_containers_is_joined() -> None:
    text = check(clean_html(page("split"), BODY)).text
    assert text.startswith("Every third hive") and text.endswith("before the frost.\n")
    assert "Advertisement" not in text and "lime avenues" not in text and "Imprint" not in text
    assert len(text.split("\n\n")) == 5


def test_facts() -> None:
    facts = extract(page("ferry")).facts
    assert facts.title == "Old ferry returns to the lake after forty years"
    assert (facts.site, facts.url) == ("Lake Courier", "https://lake.example/news/old-ferry")
    assert (facts.published, facts.authors, facts.free) == ("2026-03-02T08:00:00Z", ("Ilse Marten",), False)


def test_cuts_name_rule_and_elements() -> None:
    cleaned = clean_html(page("ferry"), BODY)
    found = {r.rule: r.paths for r in cleaned.report.removals}
    paths = [path for r in cleaned.report.removals for path in r.paths]
    assert any("nav:nth-of-type(1)" in path for path in paths)
    assert "html/outside-body" in found and "html/standfirst" in found
    assert all(soup_of(page("ferry")).select(path) for path in paths)


@pytest.mark.parametrize("html", [b"", b"   ", page("shell"), b"<html><frameset><frame src=a></frameset></html>"])
def test_pages_without_an_article_are_flagged(html: bytes) -> None:
    assert "no-article" in check(clean_html(html, BODY)).report.flags


# --- bytes, soup and tree -----------------------------------------------------------------------------


def test_soup_bytes_and_str_are_one_page() -> None:
    data = page("ferry")
    ways = [clean_html(way, BODY).text for way in (data, data.decode(), soup_of(data))]
    assert ways[0] == ways[1] == ways[2]


def test_a_soup_of_another_builder() -> None:
    from bs4 import BeautifulSoup

    assert clean_html(BeautifulSoup(page("ferry"), "html.parser"), BODY).text == clean_html(page("ferry"), BODY).text


@pytest.mark.parametrize("name", ["ferry", "shell", "split"])
def test_both_doors_see_the_same_blocks(name: str) -> None:
    assert seen(walk_html(page(name))) == seen(walk_soup(soup_of(page(name))))


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus here")
def test_both_doors_see_the_same_blocks_on_real_pages() -> None:
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()][::20]
    for row in rows:
        data = gzip.decompress((CORPUS.parent / row["html"]).read_bytes())
        tree, soup = walk_html(data), walk_soup(soup_of(data))
        assert seen(tree) == seen(soup), row["id"]
        assert (tree.head, tree.data, tree.titles) == (soup.head, soup.data, soup.titles)
        check(clean_html(data, NO_PACKS))


@pytest.mark.parametrize("name", ["ferry", "shell", "split"])
def test_the_slim_builder_makes_the_tree_of_bs4(name: str) -> None:
    from bs4 import BeautifulSoup

    ours, theirs = soup_of(page(name)), BeautifulSoup(pruned(decoded(page(name))[0]), "lxml", multi_valued_attributes=None)
    assert ours.html is not None and theirs.html is not None
    assert ours.html.decode() == theirs.html.decode()
    for way in ("next_element", "previous_element", "next_sibling", "previous_sibling", "parent"):
        assert [str(getattr(e, way)) for e in ours.html.descendants] == [str(getattr(e, way)) for e in theirs.html.descendants], (
            way
        )
    assert ours.select("p:nth-of-type(1)") == theirs.select("p:nth-of-type(1)")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Žluťoučký kůň".encode(), "utf-8"),
        ("\ufeffŽluť".encode("utf-16-le"), "utf-16-le"),
        (b'<meta charset="iso-8859-2">' + "Žluťoučký".encode("iso-8859-2"), "iso8859-2"),
        (b'<meta charset="latin-1">\x93quoted\x94 \xe9', "cp1252"),
        (b'<meta charset="utf-8">' + "schön".encode(), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    text, found = decoded(data)
    assert found == encoding and "\ufffd" not in text


def test_charset_of_the_caller_is_heard() -> None:
    assert decoded("Привет, мир".encode("koi8-r"), "koi8-r") == ("Привет, мир", "koi8-r")
    assert decoded("é".encode("cp1252"), "no-such-charset")[0]


def test_pruning_leaves_data_and_what_is_not_closed() -> None:
    assert pruned("a<script>x</script>b<!-- c -->d") == "abd"
    data = '<script type="application/ld+json">{}</script>'
    assert pruned(data) == data
    assert pruned("a<script>b<style>c</style>d") == "a<script>bd"


def test_blocks() -> None:
    blocks = walk_html("<p>one <b>two</b><br>three</p>four<table><tr><td>a<td>b</table><pre>x\n  y</pre>").blocks
    assert [b.text for b in blocks] == ["one two", "three", "four", "a | b", "x\n  y"]
    assert [b.broken for b in blocks] == [False, True, False, False, False]
    assert blocks[0].strong == 3


def test_names() -> None:
    assert named(flags_of("div", {"class": "articleBody story-text"}))[:1] == ["content"]
    assert "comment" in named(flags_of("div", {"class": "comments-area"}))
    assert "comment" not in named(flags_of("div", {"class": "commentary"}))


def test_points_are_complete() -> None:
    tables = json.loads((FIXTURES.parent.parent / "newsclean" / "html" / "points.json").read_text("utf-8"))
    assert {name: len(table) for name, table in tables.items()} == TABLES
    assert sum(map(len, tables.values())) == SIZE


# --- output -------------------------------------------------------------------------------------------


def test_markdown() -> None:
    text = to_markdown(clean_html(page("ferry"), BODY))
    assert "## Eleven winters in a barn" in text
    assert "*learned to swim*" in text and "[two-stroke engine](https://lake.example/engine)" in text
    assert "- the paint was a gift," in text and "> “We would" in text
    assert "Mayor" not in text and "var tracking" not in text and "![" not in text


def test_html() -> None:
    text = to_html(clean_html(page("ferry"), BODY))
    assert "<h2>Eleven winters in a barn</h2>" in text and "<li>the paint was a gift,</li>" in text
    assert "class=" not in text and "<script" not in text and "Mayor" not in text
    same = clean_html(text, NO_PACKS).extracted.text.split()
    assert same == clean_html(page("ferry"), BODY).text.split()


def test_html_is_harmless() -> None:
    paragraphs = "".join(
        f"<p>Sentence number {i} of a story that is long enough to be read as the text of it.</p>" for i in range(6)
    )
    source = f'<div onclick="x()">{paragraphs}<p>And <a href="javascript:x()" onclick="y()">a link</a> in the last sentence of it.</p></div>'
    text = to_html(clean_html(source, NO_PACKS))
    assert "javascript" not in text and "onclick" not in text and "a link" in text


# --- nothing brings it down ---------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["<p>", "</p>", "<div class='related'>", "</div>", "<a href=x>", "</a>", "<br>", "<table><tr><td>", "</table>", "<li>", "<h1>",
     "<script>", "</script>", "<!--", "-->", "<svg", "]]>", "<![CDATA[", "&nbsp;", "&#0;", "&#xD800;", "&amp", "\x00", "\x1f", "\u2028",
     "<pre>", "\n", "A sentence that is long enough to be read as a paragraph of some story.", "<title>", "<body>", "<frameset>",
     "<script type='application/ld+json'>", '{"@type":"Article","articleBody":"', "[" * 50, "日本語の文章です。", "\ud800", "<template>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check(clean_html(data, NO_PACKS))


@settings(max_examples=300, deadline=None)
@example(["<pre>", "&nbsp;", "-->"])  # one string, which the parser says in two
@given(st.lists(PIECES, max_size=40))
def test_any_markup(pieces: list[str]) -> None:
    html = "".join(pieces)
    cleaned = check(clean_html(html, NO_PACKS))
    assert seen(extract(html).page) == seen(walk_soup(soup_of(html)))
    to_html(cleaned)


@pytest.mark.parametrize("depth", [250, 300, 3_000, 100_000])
def test_nothing_is_too_deep(depth: int) -> None:
    assert extract("<div>" * depth + "<p>text in it</p>").text == "text in it\n"


def test_elements_without_text_are_forgotten() -> None:
    assert len(extract("<div><p></p><i></i></div>" * 5_000 + "<p>text").page.nodes) < 10


def test_beyond_so_many_blocks_all_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsclean.html.walk.MAX_BLOCKS", 10)
    monkeypatch.setattr("newsclean.html.walk.MAX_DEPTH", 20)
    html = "<table><tr><td>" + "<div>" * 50 + "<p>a line</p>" * 100 + "</div>" * 50 + "<p>and <b>the</b> end"
    found = check(clean_html(html, NO_PACKS)).extracted
    assert len(found.page.blocks) == 11 and found.text.split() == ["a", "line"] * 100 + ["and", "the", "end"]
    assert seen(found.page) == seen(walk_soup(soup_of(html)))


def test_a_page_can_go_to_another_process() -> None:
    cleaned = clean_html(page("ferry"), NO_PACKS)
    again = pickle.loads(pickle.dumps(cleaned))
    assert (again.text, again.report) == (cleaned.text, cleaned.report)


HOSTILE: dict[str, Callable[[int], str]] = {
    "deep": lambda n: "<div>" * n + "text",
    "deep inline": lambda n: "<b><a>" * n + "text",
    "empty tags": lambda n: "<p></p><i></i>" * n,
    "unclosed scripts": lambda n: "<script>" * n,
    "unclosed comments": lambda n: "<!--" * n,
    "mixed openings": lambda n: "<script><style><svg><!--" * n,
    "many blocks": lambda n: "<p>A line of text.</p>" * n,
    "list items": lambda n: "<ul>" + "<li><a href=x>Some link or other</a>" * n,
    "attributes": lambda n: "<p " + "class=a id=b data-x='y' " * n + ">text",
    "long name": lambda n: f"<p class='{'related ' * n}'>text",
    "entities": lambda n: "&amp;" * n,
    "data": lambda n: '<script type="application/ld+json">' + "[" * n + "</script><p>text",
    "wide data": lambda n: '<script type="application/ld+json">[' + '{"@type":"Article"},' * n + "{}]</script><p>text",
    "cells": lambda n: "<table><tr>" + "<td>cell" * n,
    "metas": lambda n: "<meta name=a content=b>" * n,
    "nulls": lambda n: "<p>a\x00b\x00" * n,
    "entities in entities": lambda n: '<!DOCTYPE html [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><p>&b;&b;' * n,
    "breaks": lambda n: "a line of text<br>" * n,
    "one paragraph": lambda n: "<p>" + "word and word. " * n,
    "open brackets": lambda n: "<" * n + "<a " * n,
    "inline before text": lambda n: "<i class=icon></i>" * n + "text",
    "data bodies": lambda n: '<script type="application/ld+json">{"@type":"Article","articleBody":"x"}</script>' * n,
    "titles": lambda n: "<title>a<p>" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pages_take_linear_time(kind: str) -> None:
    begin = time.process_time()
    check(clean_html(HOSTILE[kind](20_000), NO_PACKS))
    assert time.process_time() - begin < 20


# --- saved pages --------------------------------------------------------------------------------------


def test_a_page_saved_as_mhtml_is_read() -> None:
    body = "<p>" + "Der Hafen öffnet am Montag wieder, und die ganze Stadt kam zum Zusehen an den Kai. " * 3
    saved = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://bay.example/hafen\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--B"\r\n\r\n'
        '----B\r\nContent-Type: text/html; charset="iso-8859-1"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        + body.replace("ö", "=F6")
        + "\r\n----B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n----B--\r\n"
    )
    cleaned = check(clean_html(saved.encode("ascii"), BODY))
    assert cleaned.text.startswith("Der Hafen öffnet") and cleaned.facts.url == "https://bay.example/hafen"


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: x\r\nContent-Type: multipart/related\r\n\r\n",
        b"a: b\nContent-Type: multipart/related; boundary=x\n\n--x\n\n--x",
    ],
)
def test_a_message_without_a_page_is_read_as_it_stands(data: bytes) -> None:
    check(clean_html(data, BODY))


# --- what a site's pack chooses -----------------------------------------------------------------------

SITE = """
[site."bay.example"]
names = ["Bay Post"]
[site."bay.example".page]
"""


def chosen_text(table: str, **known: str) -> str:
    pack = parse_pack(SITE + table, "my.toml", "my")
    return check(clean_html(page("harbour"), Cleaner(Policy(profile="body"), packs=(pack,)), **known)).text


@pytest.mark.parametrize(
    ("table", "inside", "outside"),
    [
        ('body = ["main p"]', ["newsletter", "The harbour", "The town will"], ["Quiet harbour", "Sport", "All rights"]),
        ('body = ["main p"]\ndrop = [".promo *"]', ["The harbour"], ["newsletter", "Sport"]),
        ('body = [".nowhere"]', ["The harbour"], ["Sport"]),
        ('keep = ["footer p"]', ["The harbour", "All rights reserved"], ["Sport"]),
        ('keep = ["h1"]\ndrop = ["h1", ".box"]', ["Quiet harbour"], ["The town will"]),
        ('drop = ["main a"]', ["first boats"], []),  # a part of a block is not a block
    ],
)
def test_selectors_choose_blocks(table: str, inside: list[str], outside: list[str]) -> None:
    text = chosen_text(table)
    assert all(part in text for part in inside) and not any(part in text for part in outside)


def test_selectors_are_for_their_site() -> None:
    table = 'drop = [".box"]'
    assert "The town will" in chosen_text(table, url="https://elsewhere.example/a")
    assert "The town will" not in chosen_text(table, url="https://elsewhere.example/a", site="Bay Post")


def test_what_a_page_says_is_in_the_report() -> None:
    data = clean_html(page("ferry"), BODY).report.to_dict()
    assert data["page"]["site"] == "Lake Courier" and data["page"]["authors"] == ["Ilse Marten"]
    assert "paywalled" in data["flags"]  # it says that it is not free
    jsonschema.validate(data, SCHEMA)


def test_where_no_article_is_found_nothing_is_lost() -> None:
    cleaned = check(clean_html(b"<p>Rain.</p><div>Home</div>", NO_PACKS))
    assert cleaned.text == "Rain.\n\nHome\n" and cleaned.report.flags == ("no-article",)


def test_all_evidence_has_words() -> None:
    said = {_name(entry) for entry in range(SIZE)}
    assert {"its place on the page", "it is named 'nav'", "it is in 'comment'", "it is in a small <nav>", "its links"} <= said
