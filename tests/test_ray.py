"""Batches on Ray: the same bytes as on this machine, whatever dies, is stopped or is wrong. Most need the extra `ray`, which CI has not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from newsclean.batch import progress, ray_tasks, run, shards
from newsclean.batch.finding import Wanted
from newsclean.batch.job import Work
from newsclean.errors import ConfigError, OutputError
from newsclean.loading import load_pack
from tests.batch_driver import SMALL, Deadly
from tests.test_batch_runs import ARTICLE, ROOT, collection, contents

pytestmark = pytest.mark.filterwarnings("default")  # Ray's own
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One cluster for all runs in this process."""
    before = os.environ.get("RAY_USAGE_STATS_ENABLED")
    with ray_tasks.cluster(None, 2):
        yield
    if before is None:
        os.environ.pop("RAY_USAGE_STATS_ENABLED", None)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SLICE", 8_000)
    monkeypatch.setattr(shards, "GROUP_FILES", 40)


class Errors(progress.Quiet):
    """Nobody looks; what went wrong is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []

    def error(self, place: str, reason: str) -> None:
        self.told.append((place, reason))


def ran(source: Path, out: Path, engine: str = "ray", watch: progress.Quiet | None = None, **options: Any) -> run.Outcome:
    work = Work(str(out), **{name: options.pop(name) for name in ("columns", "text_out") if name in options})
    order = run.Order(Wanted((str(source),)), work, 2 if engine == "local" else 0, engine=engine, **options)
    with run.Stop() as stop:
        return run.run(order, Deadly(packs=[load_pack(SMALL)]), watch or progress.Quiet(), stop)


def state(out: Path) -> dict[str, Any]:
    """The markers, and where the parts of the report lie."""
    return {p.name: json.loads(p.read_bytes()) for p in sorted((out / ".newsclean").rglob("*.json"))}


@needs_ray
@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("options", [{}, {"columns": True, "text_out": "clean"}], ids=["plain", "columns"])
def test_the_same_bytes_as_on_this_machine(tmp_path: Path, options: dict[str, Any]) -> None:
    source = collection(tmp_path / "in")
    here, there = (ran(source, tmp_path / engine, engine, **options) for engine in ("local", "ray"))
    assert here.tally == there.tally and here.shards == there.shards > 20
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert state(tmp_path / "ray") == state(tmp_path / "local")


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_either_engine_goes_on_with_what_the_other_began(tmp_path: Path) -> None:
    source, out = collection(tmp_path / "in"), tmp_path / "out"
    ran(source, out, "ray")
    (source / "0" / "0000.txt").write_text(ARTICLE.format("new"), "utf-8")
    assert 0 < ran(source, out, "local", resume=True).skipped < ran(source, out, "ray", resume=True).skipped


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = collection(tmp_path / "in"), tmp_path / "out"
    killed: list[int] = []
    taken = ray_tasks.RayTasks._ended

    def ended(self: ray_tasks.RayTasks, ref: Any) -> Any:
        done = taken(self, ref)
        if not killed and self.under_way:
            killed.extend(workers())
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        return done

    monkeypatch.setattr(ray_tasks.RayTasks, "_ended", ended)
    assert ran(source, out).tally.documents == 2400
    assert killed
    ran(source, tmp_path / "local", "local")
    assert contents(out) == contents(tmp_path / "local")


def workers() -> list[int]:
    """The processes of our cluster that do tasks: the raylet's, and it is ours."""
    import psutil

    ours = psutil.Process().children(recursive=True)
    return [process.pid for process in ours if any(part.startswith("ray::") and "_do" in part for part in process.cmdline()[:1])]


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_a_portion_that_kills_its_workers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_tasks, "RETRIES", 1)
    source, out, watch = collection(tmp_path / "in"), tmp_path / "out", Errors()
    (source / "deadly.md").write_text("POISON\n", "utf-8")
    outcome = ran(source, out, watch=watch)
    given_up = [place for place, reason in watch.told if "died 2 times" in reason]
    assert "deadly.md" in given_up and len(given_up) == len(watch.told) == outcome.tally.errors
    assert outcome.tally.documents == 2401 - len(given_up)  # the rest is done
    (source / "deadly.md").unlink()
    assert ran(source, out, resume=True).tally.documents == 2400


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_too_many_errors_stop_it(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "bad.jsonl").write_text("\n".join(['{"text": "Rain."}', *["no JSON"] * 5000]), "utf-8")
    outcome = ran(source, out, max_errors=10)
    assert outcome.too_many_errors and 10 < outcome.tally.errors < 5000
    again = ran(source, out, resume=True)
    assert again.skipped and again.tally.errors == 5000


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_what_a_task_raises_is_raised_here(tmp_path: Path) -> None:
    source, out = collection(tmp_path / "in"), tmp_path / "out"
    (out / "0").mkdir(parents=True)
    (out / "0" / "0000.txt").mkdir()
    with pytest.raises(OutputError, match=r"0000\.txt: cannot write"):
        ran(source, out, overwrite=True)


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_learning_finds_the_same(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="needs the extra sites")
    from newsclean.learn.count import Counting
    from newsclean.learn.run import Order, learn

    source = collection(tmp_path / "in")
    for engine in ("local", "ray"):
        (tmp_path / engine).mkdir()
        order = Order(Wanted((str(source),)), tmp_path / engine / "sites.toml", Counting(""), workers=2, engine=engine)
        with run.Stop() as stop:
            assert learn(order, progress.Quiet(), stop).tally.documents == 2400
    assert (tmp_path / "ray" / "sites.toml").read_bytes() == (tmp_path / "local" / "sites.toml").read_bytes()
    assert "advertisement" in (tmp_path / "ray" / "sites.toml").read_text("utf-8").lower()


def test_a_node_that_would_do_something_else_is_refused(tmp_path: Path) -> None:
    from newsclean import __version__

    with pytest.raises(ConfigError, match=r"has newsclean .*, not 9\.9; install the same everywhere"):
        ray_tasks._check_node(str(tmp_path), "9.9")
    with pytest.raises(OutputError, match=r"run\.json: is not there on node"):
        ray_tasks._check_node(str(tmp_path / "out" / ".newsclean" / "run.json"), __version__)


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Rain.\n", "utf-8")
    with pytest.raises(ConfigError, match=r"--engine ray needs an extra: pip install 'newsclean\[ray\]'"):
        ran(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- in processes of their own: a cluster is begun and ended with each ------------------------------------


@needs_ray
def test_interrupted_and_taken_up_again(tmp_path: Path) -> None:
    source, out = collection(tmp_path / "in"), tmp_path / "out"
    command = [sys.executable, "-m", "tests.batch_driver", str(source), str(out), "2", "--ray"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as first:
        while not list((out / ".newsclean" / "done").glob("*")):
            assert first.poll() is None, first.stderr and first.stderr.read()
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        assert first.wait(60) in (130, 0)  # 0: it was through already
    last = subprocess.run([*command, "--resume"], cwd=ROOT, check=True, capture_output=True, text=True)
    documents, skipped, errors = map(int, last.stdout.split())
    assert (documents, errors) == (2400, 0) and skipped
    ran(source, tmp_path / "local", "local")
    assert contents(out) == contents(tmp_path / "local")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "spark"], "unknown engine 'spark'; known: local, ray"),
        (["--engine", "ray", "--limit", "5"], "--limit is for a trial in this process: it cannot go with --engine ray"),
        pytest.param(
            ["--engine", "ray", "--ray-address", "no such place"],
            "--ray-address no such place: no Ray cluster there",
            marks=needs_ray,
        ),
    ],
    ids=["engine", "limit", "address"],
)
def test_wrong_usage_is_one_line(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "a.txt").write_text("Rain.\n", "utf-8")
    command = [sys.executable, "-m", "newsclean", "batch", str(tmp_path / "a.txt"), "-o", str(tmp_path / "out"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.splitlines()) <= 2 and "Traceback" not in done.stderr
