"""The order of the house: layers, public names, lean imports, documents that say what the program does."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import newsclean
from newsclean import cli
from newsclean.loading import PROGRAM

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "newsclean"

# A module imports only from modules to its left.
LAYERS = [
    "errors",
    "packcache",
    "programs",
    "folding",
    "recent",
    "lines",
    "guess",
    "document",
    "slots",
    "rarity",
    "literals",
    "edges",
    "hanging",
    "rules",
    "learned",
    "needed",
    "packtoml",
    "loading",
    "lookup",
    "headline",
    "quotes",
    "repeats",
    "scanning",
    "runs",
    "growth",
    "matchers",
    "report",
    "timestamps",
    "policy",
    "decide",
    "brakes",
    "holes",
    "engine",
    "html.names",
    "html.page",
    "html.wording",
    "html.builder",
    "html.soup",
    "html.walk",
    "html.meta",
    "html.tables",
    "html.sight",
    "html.evidence",
    "html.standfirst",
    "html.body",
    "html.paths",
    "html.roles",
    "html.chosen",
    "html.mime",
    "html.clean",
    "html.render",
    "examples",
    "rulebook",
    "diffs",
    "explain",
    "stats",
    "page",
    "inputs",
    "outputs",
    "config",
    "batch.places",
    "batch.streams",
    "batch.fields",
    "batch.tally",
    "batch.files",
    "batch.rows",
    "batch.cleaning",
    "batch.warc",
    "batch.parquet",
    "batch.json_files",
    "batch.csv_files",
    "batch.formats",
    "batch.shards",
    "batch.finding",
    "batch.job",
    "batch.local",
    "batch.ray_tasks",
    "batch.state",
    "batch.run",
    "batch.counts",
    "batch.collection",
    "batch.results",
    "arrow",
    "learn.sites",
    "learn.count",
    "learn.tables",
    "learn.merge",
    "learn.pack",
    "learn.run",
    "options",
    "screen",
    "batch.progress",
    "batch.compare",
    "terminal",
    "cli_rules",
    "cli_batch",
    "cli_learn",
    "cli_clean",
    "cli_look",
    "cli",
]
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("_"))


def layer_of(name: str) -> str:
    """The module of ours that an import is of: newsclean.batch.rows, or newsclean.batch of which a module is taken."""
    parts = name.split(".")[1:]
    rooms = ("batch", "html", "learn")
    return "" if parts in [[room] for room in rooms] else ".".join(parts[: 2 if parts[0] in rooms else 1])


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: write imports in full"
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_to_the_left(path: Path) -> None:
    names = {layer_of(name) for name in imported(path) if name.startswith("newsclean.")} - {""}
    own = LAYERS.index(name_of(path))
    late = {"timestamps"} if path.stem == "report" else set()  # loaded when a report is written, for its times
    assert {name for name in names - late if LAYERS.index(name) >= own} == set()


def test_what_is_kept_of_packs_is_kept_for_the_code_that_made_it() -> None:
    program, new = set[str](), {"loading.py", "lookup.py", "packtoml.py"}
    while new:
        program |= new
        names = {layer_of(name) for file in new for name in imported(PACKAGE / file) if name.startswith("newsclean.")}
        new = {f"{name}.py" for name in names} - program
    assert program == set(PROGRAM)


def test_every_module_has_a_layer() -> None:
    assert {name_of(path) for path in MODULES} == set(LAYERS)


def test_modules_stay_small() -> None:
    assert {p.name: n for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) > 360} == {}


def test_public_names_are_all_there_and_documented() -> None:
    for name in newsclean.__all__:
        assert getattr(newsclean, name).__doc__, name


HEAVY = {"rich", "bs4", "dateparser", "pyarrow", "ray", "charset_normalizer", "lxml", "pathspec", "duckdb", "ahocorasick_rs"}
BUILDING = {
    "newsclean.packtoml",
    "newsclean.hanging",
    "newsclean.batch",
    "newsclean.learn",
    "newsclean.html",
    "newsclean.cli_batch",
}
LEAN = {
    "import newsclean; newsclean.clean('Rain.')": HEAVY | BUILDING | {"typer"},
    "from newsclean.cli import app; app(['clean'], standalone_mode=False)": HEAVY | BUILDING | {"newsclean.cli_look"},
}


@pytest.mark.parametrize("code", LEAN, ids=["library", "command"])
def test_cleaning_a_text_imports_what_it_needs(code: str) -> None:
    newsclean.clean("Rain.")  # what is kept of packs is there
    code += f"; import sys; print(sorted({LEAN[code]!r} & set(sys.modules)), end='')"
    out = subprocess.run([sys.executable, "-c", code], input="Rain.", capture_output=True, text=True, check=True).stdout
    assert out.removeprefix("Rain.") == "[]"


def test_every_command_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in typer.main.get_command(cli.app).commands:  # type: ignore[attr-defined]
        assert f"newsclean {name}" in readme


def test_generated_documents_are_fresh() -> None:
    run = subprocess.run([sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr + "run: python docs/generate.py"


def test_doctests() -> None:
    import doctest
    import importlib

    for name in ("newsclean", "newsclean.literals", "newsclean.timestamps"):
        assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_no_fixture_is_big() -> None:
    assert [p.name for p in (ROOT / "fixtures").rglob("*") if p.is_file() and p.stat().st_size > 200_000] == []
