"""Learning: what comes back on a site's articles is found, what comes back within articles is not; and the pack that says so."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newsclean import Cleaner, Policy, cli
from newsclean.batch.finding import Wanted
from newsclean.batch.progress import Quiet
from newsclean.batch.run import Stop
from newsclean.batch.shards import Input
from newsclean.errors import InputError, NewscleanError, OutputError, PackError
from newsclean.examples import check_pack
from newsclean.learn.count import Counting
from newsclean.learn.merge import Limits
from newsclean.learn.pack import Entry, read
from newsclean.learn.run import Order, Outcome, learn
from newsclean.learn.sites import site_of
from newsclean.loading import load_pack
from newsclean.packtoml import parse_pack
from newsclean.slots import slotted

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from synthetic import NEUTRAL, TEASER, TEMPLATE, TEXT, Collection, Words

HEAD, FOOT = ["The Harbour Sheet"], ["Tell a friend", "Print this page", "The Harbour Sheet is printed on the quay"]
Record = dict[str, str]
Article = Callable[[int, Words], list[str]]


def run(out: Path, *places: Path, stop: Stop | None = None, docs: int = 3, workers: int = 1, **order: object) -> Outcome:
    with stop or Stop() as stopping, Quiet(cuts=False) as watch:
        wanted = Wanted(tuple(map(str, places)))
        return learn(Order(wanted, out, Counting(""), Limits(docs=docs), workers, **order), watch, stopping)  # type: ignore[arg-type]


def save(path: Path, records: list[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def plain(_: int, words: Words) -> list[str]:
    return [words.headline(), *(words.paragraph() for _ in range(5))]


def site(articles: list[list[str]], host: str = "harbour.example") -> list[Record]:
    """Articles in a page's furniture."""
    return [
        {"url": f"https://www.{host}/{number}", "title": body[0], "text": "\n".join([*HEAD, *body, *FOOT])}
        for number, body in enumerate(articles)
    ]


def mixed(odd: Article, often: int = 8, of: int = 40, host: str = "harbour.example") -> list[Record]:
    """A site of which every few articles are odd."""
    words = Words(random.Random(5))
    return site([odd(n, words) if n % (of // often) == 0 else plain(n, words) for n in range(of)], host)


def entries(path: Path, host: str = "harbour.example") -> dict[str, Entry]:
    found = read(path)
    return {entry.line: entry for entry in found[host].entries} if host in found else {}


# --- what is found ------------------------------------------------------------------------------------


def test_the_furniture_of_a_site_is_found(tmp_path: Path) -> None:
    outcome = run(tmp_path / "pack.toml", save(tmp_path / "in.jsonl", mixed(plain)))
    found = entries(tmp_path / "pack.toml")
    assert set(found) == {*HEAD, *FOOT}
    assert {(e.documents, e.where) for e in found.values()} == {(40, "head"), (40, "tail")}
    assert (outcome.tally.documents, outcome.copies, outcome.sites, outcome.lines) == (40, 0, 1, 4)
    sizes = [entry.chars for entry in found.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert all(len(entry.samples) == 2 and entry.samples[0].startswith("https://") for entry in found.values())


def fold_numbers(n: int, words: Words) -> list[str]:
    return [*plain(n, words), f"{n + 3} letters from readers"]


def fold_names(n: int, words: Words) -> list[str]:
    return [words.headline(), f"Told by {words.name()} of the quay desk", *plain(n, words)[1:]]


def menu_word(n: int, words: Words) -> list[str]:
    return [*plain(n, words), "Tides"]


def teaser(n: int, words: Words) -> list[str]:
    return [*plain(n, words), "Elsewhere", f"The {('red', 'blue', 'green')[n % 3]} buoy is back in its old place"]


def marker(n: int, words: Words) -> list[str]:
    body = plain(n, words)
    return [*body[:3], "Notice", *body[3:5], "Notice", *body[5:]]


FURNITURE = {
    "numbers-slot": (fold_numbers, "# letters from readers", "nav"),
    "names-slot": (fold_names, "told by @ of the quay desk", "byline"),  # names are the article's: profile news keeps the label
    "menu": (menu_word, "tides", "nav"),
    "teaser": (teaser, "the blue buoy is back in its old place", "promo"),
    "marker": (marker, "notice", "nav"),
}


@pytest.mark.parametrize("name", FURNITURE)
def test_these_are_furniture(name: str, learned: Path) -> None:
    _, line, label = FURNITURE[name]
    found = {entry.key[0]: entry for entry in entries(learned, f"{name}.example").values()}
    assert line in found
    assert found[line].label == label


# --- what comes back, and is none ---------------------------------------------------------------------

INTRO = "This is a part of our series on the seven wells that the old town drank from before the pipes were laid."
DISCLAIMER = "What our guests write in this column is their own view, and need not be that of the people who print it."
WIRE = [Words(random.Random(8)).paragraph() for _ in range(6)]
ASKED = ["What did the sea take from you first?", "Who taught you how to splice a rope?", "Would you go out again?"]


def series(n: int, words: Words) -> list[str]:
    return [words.headline(), f"Seven Wells: {n}", INTRO, *plain(n, words)[1:]]


def column(n: int, words: Words) -> list[str]:
    return [*plain(n, words), DISCLAIMER]


def interview(_: int, words: Words) -> list[str]:
    return [words.headline(), words.paragraph(), *(line for ask in ASKED for line in (ask, words.paragraph()))]


def wire(n: int, words: Words) -> list[str]:
    return [words.headline(), *WIRE[: 4 + n % 3]]


def live(n: int, words: Words) -> list[str]:
    told = Words(random.Random(9))
    updates = [(f"{6 + i}:{10 + i}", told.paragraph()) for i in range(30)]
    return [words.headline(), *(line for update in updates[: n + 3][::-1] for line in update)]


def background(n: int, words: Words) -> list[str]:
    body = plain(n, words)
    return [*body[:3], WIRE[0], *body[3:]]


def recipe(n: int, words: Words) -> list[str]:
    stuff = random.Random(n).sample(["two eggs", "a cup of flour", "some salt", "one lemon", "a pinch of sugar"], 3)
    return [words.headline(), words.paragraph(), "You need", *stuff, "What to do", *(words.paragraph() for _ in range(3))]


def refrain(n: int, words: Words) -> list[str]:
    return [line for line in plain(n, words) for line in (line, "and the bell tolled on")][:9]


def numbers(_: int, words: Words) -> list[str]:
    return [words.headline(), *(line for i in (1, 2, 3) for line in (str(i), words.paragraph()))]


def headed(n: int, words: Words) -> list[str]:
    return ["Letters", *plain(n, words)[1:]]


KEPT = "Correction: an earlier version of this article misstated the height of the mast."


def corrected(n: int, words: Words) -> list[str]:
    return [*plain(n, words), KEPT]


TRAPS = {
    trap.__name__: trap
    for trap in (series, column, interview, wire, live, background, recipe, refrain, numbers, headed, corrected)
}


@pytest.mark.parametrize("trap", TRAPS)
def test_these_come_back_and_are_no_furniture(trap: str, learned: Path) -> None:
    assert set(entries(learned, f"{trap}.example")) == {*HEAD, *FOOT}


def again(record: Record) -> Record:
    return dict(record)


def elsewhere(record: Record) -> Record:
    return {**record, "url": record["url"] + "?from=feed"}


def edited(record: Record) -> Record:
    lines = record["text"].split("\n")
    return {**elsewhere(record), "text": "\n".join([*lines[:4], "A line was put in here by hand.", *lines[5:]])}


def glued(record: Record) -> Record:
    return {**elsewhere(record), "text": " ".join(record["text"].split("\n"))}


def renamed(record: Record) -> Record:
    return {**record, "text": f"Another text altogether, as the page {record['url']} has it that is always on the front."}


COPIES = {copied.__name__: copied for copied in (again, elsewhere, edited, glued, renamed)}


@pytest.mark.parametrize("copied", COPIES)
def test_a_document_crawled_twice_counts_once(copied: str, learned: Path) -> None:
    section = read(learned)[f"{copied}.example"]
    assert section.documents == 40
    assert {entry.line for entry in section.entries} == {*HEAD, *FOOT}
    assert all(30 <= entry.documents <= 40 for entry in section.entries)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack learned from one collection with a site for each case."""
    folder = tmp_path_factory.mktemp("learned")
    records = [r for name, (article, _, _) in FURNITURE.items() for r in mixed(article, 40, host=f"{name}.example")]
    for name, trap in TRAPS.items():
        records += mixed(trap, 40 if name == "corrected" else 8, host=f"{name}.example")
    for name, copied in COPIES.items():
        originals = mixed(plain, host=f"{name}.example")
        records += [*originals, *(copied(record) for record in originals[:10] for _ in range(2))]
    run(folder / "pack.toml", save(folder / "in.jsonl", records))
    return folder / "pack.toml"


def test_a_collection_whose_furniture_is_known(tmp_path: Path) -> None:
    collection = Collection(seed=3, sites=2, articles=250)
    collection.write(tmp_path / "in.jsonl")
    run(tmp_path / "pack.toml", tmp_path / "in.jsonl")
    sections = read(tmp_path / "pack.toml")
    exact = [(site, entry) for site in sections for entry in sections[site].entries if not entry.slots]
    kinds = [collection.truth[site][entry.line] for site, entry in exact]
    assert sum(TEXT in k and TEASER not in k for k in kinds) <= 0.01 * len(kinds)
    wanted = [
        (site, line) for site, lines in collection.truth.items() for line, k in lines.items()
        if k.get(TEMPLATE, 0) >= 30 and NEUTRAL not in k and not slotted(line)
    ]  # fmt: skip
    found = {(site, entry.line) for site, entry in exact}
    assert sum(one in found for one in wanted) >= 0.95 * len(wanted) > 20


# --- the same whoever counts --------------------------------------------------------------------------


def test_the_pack_depends_on_neither_workers_nor_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [*mixed(fold_numbers, 40), *site([plain(n, Words(random.Random(n))) for n in range(12)], "other.example")]
    run(tmp_path / "one.toml", save(tmp_path / "a" / "in.jsonl", records))
    random.Random(1).shuffle(records)
    for part in range(4):
        save(tmp_path / "b" / f"{part}.jsonl", records[part::4])
    monkeypatch.setattr("newsclean.batch.shards.GROUP_FILES", 1)
    parts = sorted((tmp_path / "b").iterdir(), reverse=True)
    run(tmp_path / "two.toml", *parts, workers=2)
    one, two = ((tmp_path / f"{name}.toml").read_text("utf-8").replace(f'"{name}"', "") for name in ("one", "two"))
    assert one == two
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "one.toml", "two.toml"]


def test_learning_in_parts_with_counts_is_learning_at_once(tmp_path: Path) -> None:
    records, counts = mixed(fold_numbers, 40), tmp_path / "counts.parquet"
    parts = [save(tmp_path / f"{i}.jsonl", records[i::2]) for i in range(2)]
    run(tmp_path / "whole" / "pack.toml", *parts)
    for part in (*parts, parts[1]):  # the last one twice: it is known already
        run(tmp_path / "parts" / "pack.toml", part, counts=counts)
    assert (tmp_path / "whole" / "pack.toml").read_bytes() == (tmp_path / "parts" / "pack.toml").read_bytes()


def test_update_adds_up_and_keeps_what_was_written(tmp_path: Path) -> None:
    records, pack = mixed(fold_numbers, 40), tmp_path / "pack.toml"
    run(pack, save(tmp_path / "0.jsonl", records[:20]))
    pack.write_text(pack.read_text("utf-8").replace('line = "Tell a friend"', 'line = "Tell a friend", keep = true'), "utf-8")
    pack.write_text(pack.read_text("utf-8").replace('page", label = "social"', 'page", label = "promo"'), "utf-8")
    run(pack, save(tmp_path / "1.jsonl", records[20:]), update=pack)
    found = entries(pack)
    assert {entry.documents for entry in found.values()} == {40}
    assert [line for line, entry in found.items() if entry.keep] == ["Tell a friend"]
    assert read(pack)["harbour.example"].documents == 40
    cleaned = Cleaner(Policy(max_share=1), packs=[load_pack(pack)]).clean(records[0]["text"], url=records[0]["url"])
    assert "Tell a friend" in cleaned.text
    assert "Print this page" not in cleaned.text


def test_with_counts_vetoes_stay_too(tmp_path: Path) -> None:
    source, pack, counts = save(tmp_path / "0.jsonl", mixed(plain)), tmp_path / "pack.toml", tmp_path / "counts.parquet"
    run(pack, source, counts=counts)
    pack.write_text(pack.read_text("utf-8").replace('line = "Tell a friend"', 'line = "Tell a friend", keep = true'), "utf-8")
    run(pack, source, counts=counts, update=pack)
    assert {line: (entry.keep, entry.documents) for line, entry in entries(pack).items()} == {
        line: (line == "Tell a friend", 40) for line in (*HEAD, *FOOT)
    }


# --- sites --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "name", "named", "expected"),
    [
        ({"url": "https://news.example.co.uk/a"}, "x/a.txt", False, "example.co.uk"),
        ({"url": "https://paper.blogspot.com/a"}, "a", False, "paper.blogspot.com"),
        ({"url": "https://10.0.0.1/a"}, "a", False, "10.0.0.1"),
        ({"url": "https://localhost/a"}, "a", False, "localhost"),
        ({"url": "https://a.example/1", "site": "b.example"}, "a", False, "a.example"),
        ({"url": "https://a.example/1", "site": "b.example"}, "a", True, "b.example"),
        ({"site": "The Harbour  Sheet"}, "a", False, "the harbour sheet"),
        ({"site": "www.b.example"}, "a", False, "b.example"),
        ({}, "Harbour/2024/a.txt", False, "harbour"),
        ({}, "a.txt", False, "texts"),
    ],
)
def test_the_site_of_a_document(known: dict[str, str | None], name: str, named: bool, expected: str) -> None:
    assert site_of(known, Input(f"/in/texts/{name}", name, "text", 1, 1, name), named) == expected


def test_folders_are_sites_for_learning_and_for_cleaning(tmp_path: Path) -> None:
    for number, record in enumerate(mixed(plain)):
        path = tmp_path / "in" / "harbour" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(record["text"], "utf-8")
    result = CliRunner().invoke(cli.app, ["batch", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--learn", "-j1", "-q"])
    assert result.exit_code == 0, result.output
    clean = (tmp_path / "out" / "harbour" / "3.txt").read_text("utf-8")
    assert not any(line in clean.splitlines() for line in (*HEAD, *FOOT))


def test_pages_are_learned_from_as_they_are_cleaned(tmp_path: Path) -> None:
    records = mixed(plain)
    for record in records:
        lines = [line for line in record["text"].split("\n") if line not in (*HEAD, *FOOT)]
        inner = "".join(f"<p>{line}</p>" for line in lines[1:])
        record["html"] = f"<nav>Tides</nav><article><h1>{lines[0]}</h1>{inner}<p>{FOOT[2]}</p></article>"
    for name, field in (("fields", ["--html-field", "html"]), ("texts", ["--text-field", "html"])):
        pack = tmp_path / f"{name}.toml"
        command = ["learn", str(save(tmp_path / "in.jsonl", records)), "-o", str(pack), "-j1", "-q", *field]
        assert CliRunner().invoke(cli.app, command).exit_code == 0
        assert set(entries(pack)) == ({FOOT[2]} if name == "fields" else set())


# --- the pack -----------------------------------------------------------------------------------------

PACK = """
[site."harbour.example"]
documents = 52
learned = [
  { line = "The Harbour Sheet", label = "nav", where = "head", documents = 41 },
  { line = "12 letters", slots = true, label = "comments", where = "tail", documents = 50, chars = 500, samples = ["a", "b"] },
  { line = "Print it", keep = true, label = "nav", where = "tail", documents = 52 },
]
"""
TEXT_ = "The harbour sheet\n{0}\n{0}\n{0}\n{0}\nThe Harbour Sheet\n31 LETTERS\nPrint it\n"
SAID = "The mayor said on Monday that the three boats would be back in the harbour by night."


def test_learned_lines_go_on_their_site_and_in_their_place() -> None:
    cleaner = Cleaner(packs=[parse_pack(PACK, "pack.toml", "site-pack")])
    text = TEXT_.format(SAID)
    cleaned = cleaner.clean(text, url="https://www.harbour.example/1")
    assert [(r.text.strip(), r.label, r.evidence) for r in cleaned.report.removals] == [
        ("The harbour sheet", "nav", "the line stands on 41 of 52 articles of harbour.example"),
        ("31 LETTERS", "comments", "the line, but for numbers and names, stands on 50 of 52 articles of harbour.example"),
    ]
    assert cleaner.clean(text, site="harbour.example").text == cleaned.text
    assert cleaner.clean(text, site="other.example").text == text
    assert cleaner.clean(cleaned.text, site="harbour.example").text == cleaned.text


def test_a_teaser_does_not_take_the_headline_it_is_of() -> None:
    pack = PACK.replace('line = "Print it", keep = true', 'line = "The buoy is back in its place"')
    cleaner = Cleaner(packs=[parse_pack(pack, "pack.toml", "site-pack")])
    text = f"The buoy is back in its place\n{SAID}\n"
    assert cleaner.clean(text, site="harbour.example").text == text


def test_a_learned_pack_passes_its_own_test() -> None:
    assert list(check_pack(parse_pack(PACK, "pack.toml", "site-pack"))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('label = "nav"', 'label = "menu"', "learned line 1 (The Harbour Sheet): label 'menu', expected one of paywall"),
        ('where = "head"', 'where = "roof"', "where 'roof', expected one of anywhere"),
        ("documents = 41", 'documents = "41"', "'documents' is a whole number, not '41'"),
        ("slots = true", "slots = 1", "'slots' is true or false, not 1"),
        ("keep = true", "veto = true", "unknown key 'veto', expected one of line, label"),
        ('line = "Print it", ', "", "learned line 3 (): 'line' is missing"),
        ('"12 letters"', '"Letters"', "there is nothing in it to be found by"),
        ("documents = 52\nlearned", "documents = -1\nlearned", "documents is a whole number, learned a list of tables"),
        ('samples = ["a", "b"]', "samples = [1]", "'samples' is a list of strings, not [1]"),
    ],
)
def test_what_is_wrong_in_a_learned_section_is_said(old: str, new: str, said: str) -> None:
    with pytest.raises(PackError) as caught:
        parse_pack(PACK.replace(old, new, 1), "pack.toml", "site-pack")
    assert said in str(caught.value)
    assert str(caught.value).startswith('pack.toml:2: [site."harbour.example"]: ')


@pytest.mark.parametrize(
    ("cased", "form"),
    [
        ("12 comments", "# comments"),
        ("By Ann van der Lee, Staff Writer", "by @, @"),
        ("с 3 по 5 мая в городе", "с # по # мая в городе"),
        ("Advertisement", ""),
        ("3", ""),
        ("Storm warning for the coast", ""),
        ("1 " + "word " * 20, ""),
    ],
)
def test_slots(cased: str, form: str) -> None:
    assert slotted(cased) == form


# --- what goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["{in}"], "name the pack to write: -o site-pack.toml, or --update PACK"),
        (["-o", "{out}"], "nothing to learn from: name files or folders, or --files-from"),
        (["{in}", "-o", "{out}", "--min-share", "0"], "--min-share is a share above 0 and up to 1, not 0.0"),
        (["{in}", "-o", "{out}", "--memory", "much"], "--memory much: "),
        (["{in}", "-o", "{out}", "--encoding", "klingon"], "unknown encoding 'klingon'"),
        (["{in}", "-o", "{out}", "--scratch", "{in}/no"], "cannot write: "),
        (["{in}", "-o", "{out}", "--update", "{in}.toml"], "cannot read this pack"),
        (["{in}", "-o", "{out}", "--counts", "{in}"], "is no file of counts"),
        (["{in}.not", "-o", "{out}"], "no such file or directory"),
    ],
)
def test_what_cannot_be_is_one_line(options: list[str], said: str, tmp_path: Path) -> None:
    source = save(tmp_path / "in.jsonl", mixed(plain, of=8))
    named = [option.format(**{"in": source, "out": tmp_path / "pack.toml"}) for option in options]
    with pytest.raises(NewscleanError) as caught:
        CliRunner().invoke(cli.app, ["learn", *named, "-q", "-j1"], catch_exceptions=False)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_bad_line_is_told_and_the_rest_is_learned(tmp_path: Path) -> None:
    source = save(tmp_path / "in.jsonl", mixed(plain))
    source.write_text(source.read_text("utf-8") + "{no json\n", "utf-8")
    result = CliRunner().invoke(cli.app, ["learn", str(source), "-o", str(tmp_path / "pack.toml"), "-j1"])
    assert result.exit_code == 3
    assert "in.jsonl:41: " in result.stderr
    assert len(entries(tmp_path / "pack.toml")) == 4
    result = CliRunner().invoke(cli.app, ["learn", str(source), "-o", str(tmp_path / "not.toml"), "-j1", "--fail-fast"])
    assert result.exit_code == 3
    assert not (tmp_path / "not.toml").exists()


def test_a_full_disk_is_no_fault_of_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OutputError("notes: cannot write: No space left on device")

    monkeypatch.setattr("newsclean.learn.count._Notes.add", full)
    with pytest.raises(OutputError):
        run(tmp_path / "pack.toml", save(tmp_path / "in.jsonl", mixed(plain, of=8)))
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_what_is_stopped_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stop, "__exit__", lambda *_: None)  # it would leave this process deaf to further signals
    monkeypatch.setattr(Stop, "__enter__", lambda self: self)
    stop = Stop()
    stop.signal = 2
    assert run(tmp_path / "pack.toml", save(tmp_path / "in.jsonl", mixed(plain)), stop=stop).stopped == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("module", ["duckdb", "publicsuffixlist"])
def test_what_is_not_installed_is_named(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsclean.learn import sites

    sites._suffixes.cache_clear()
    sites.registered.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(NewscleanError, match=r"pip install 'newsclean\[sites\]'"):
        run(tmp_path / "pack.toml", save(tmp_path / "in.jsonl", mixed(plain, of=8)))


def test_a_pack_with_rules_is_not_learned_again(tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text('[site."harbour.example"]\nlines.nav = ["Tides"]\n', "utf-8")
    with pytest.raises(InputError, match="learned lines only"):
        read(pack)


# --- batch --learn ------------------------------------------------------------------------------------


def test_batch_learns_and_cleans_and_goes_on_with_what_it_learned(tmp_path: Path) -> None:
    source, out = save(tmp_path / "in.jsonl", mixed(plain)), tmp_path / "out"
    command = ["batch", str(source), "-o", str(out), "--learn", "-j1", "-q"]
    assert CliRunner().invoke(cli.app, command).exit_code == 0
    text = json.loads((out / "in.jsonl").read_text("utf-8").splitlines()[0])["text"]
    assert not any(line in text.splitlines() for line in (*HEAD, *FOOT))
    before = (out / ".newsclean" / "site-pack.toml").stat().st_mtime_ns
    assert CliRunner().invoke(cli.app, [*command, "--resume"]).exit_code == 0
    assert (out / ".newsclean" / "site-pack.toml").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="has a run's results"):
        CliRunner().invoke(cli.app, command, catch_exceptions=False)
