"""Batches that are interrupted: killed, stopped, robbed of workers or of room on the disk. Nothing is lost, nothing comes twice."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean.batch import local
from newsclean.batch.results import Results
from newsclean.batch.shards import Shard

ROOT = Path(__file__).parent.parent
KILLS = 10
ARTICLE = (
    "The council met on Monday and talked for three hours about item {}.\n\nAdvertisement\n\nIt will meet again on Friday.\n"
)


def collection(folder: Path) -> Path:
    """2,400 documents: files, lines of JSON and rows of Parquet, the last two large enough to be sliced."""
    for i in range(1000):
        path = folder / f"{i % 7}" / f"{i:04d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ARTICLE.format(i), "utf-8")
    lines = [json.dumps({"id": i, "text": ARTICLE.format(i), "n": 1.50}) for i in range(800)]
    (folder / "news.jsonl").write_text("\n".join(lines), "utf-8")
    table = pa.table({"text": [ARTICLE.format(i) for i in range(600)], "n": list(range(600))})
    pq.write_table(table, folder / "news.parquet", row_group_size=50, compression="none", use_dictionary=False)
    return folder


def command(source: Path, out: Path, workers: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "tests.batch_driver", str(source), str(out), str(workers), *options]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".newsclean" not in p.parts
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """A collection, an undisturbed run over it, and how many seconds that took."""
    base = tmp_path_factory.mktemp("whole")
    source = collection(base / "in")
    began = time.monotonic()
    subprocess.run(command(source, base / "out", 2), check=True, cwd=ROOT, capture_output=True)
    return source, base / "out", time.monotonic() - began


def test_a_run_killed_ten_times_gives_what_an_undisturbed_one_gives(whole: tuple[Path, Path, float], tmp_path: Path) -> None:
    source, undisturbed, seconds = whole
    out, draw = tmp_path / "out", random.Random(5)
    for _ in range(KILLS):
        with subprocess.Popen(
            command(source, out, 2, "--resume"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            time.sleep(draw.uniform(0.15, 0.7) * seconds)
            run.kill()
    last = subprocess.run(command(source, out, 2, "--resume"), check=True, cwd=ROOT, capture_output=True, text=True)
    documents, skipped, errors = map(int, last.stdout.split())
    assert (documents, errors) == (2400, 0)
    assert skipped  # the killed runs were of use
    assert contents(out) == contents(undisturbed)


def test_workers_and_order_make_no_difference(whole: tuple[Path, Path, float], tmp_path: Path) -> None:
    source, undisturbed, _ = whole
    subprocess.run(command(source, tmp_path / "out", 1), check=True, cwd=ROOT, capture_output=True)
    assert contents(tmp_path / "out") == contents(undisturbed)


def test_the_whole_input_comes_back(whole: tuple[Path, Path, float], tmp_path: Path) -> None:
    source, out, _ = whole
    assert Results(out).restore(tmp_path / "back") == 1002
    before, after = contents(source), contents(tmp_path / "back")
    assert {k: v for k, v in before.items() if k != "news.parquet"} == {k: v for k, v in after.items() if k != "news.parquet"}
    assert pq.read_table(source / "news.parquet").equals(pq.read_table(tmp_path / "back" / "news.parquet"))


def test_a_copy_that_was_edited_is_not_given_back(whole: tuple[Path, Path, float], tmp_path: Path) -> None:
    from shutil import copytree

    from newsclean.errors import RestoreError

    copytree(whole[1], tmp_path / "out")
    edited = tmp_path / "out" / "3" / "0003.txt"
    edited.write_text(edited.read_text("utf-8") + "And more.", "utf-8")
    with pytest.raises(RestoreError, match=r"0003\.txt"):
        Results(tmp_path / "out").restore(tmp_path / "back")
    assert not (tmp_path / "back" / "3" / "0003.txt").exists()


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_at_a_good_place(
    whole: tuple[Path, Path, float], tmp_path: Path, stop: signal.Signals, status: int
) -> None:
    source, undisturbed, _ = whole
    out = tmp_path / "out"
    with subprocess.Popen(command(source, out, 2), cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        while not list((out / ".newsclean" / "done").glob("*.json")):
            time.sleep(0.01)
        run.send_signal(stop)
        said, _ = run.communicate(timeout=60)
    assert run.returncode in (status, 0)  # it may have been done already
    told = int(said.split()[0])
    assert told <= 2400
    assert not list(out.rglob("*.tmp"))
    again = subprocess.run(command(source, out, 2, "--resume"), check=True, cwd=ROOT, capture_output=True, text=True)
    assert again.stdout.split()[0] == "2400"
    assert contents(out) == contents(undisturbed)


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_to_the_whole_group(
    whole: tuple[Path, Path, float], tmp_path: Path, stop: signal.Signals, status: int, times: int
) -> None:
    """As Ctrl-C on a terminal sends it, and those who run services: the workers get it, too."""
    source, undisturbed, seconds = whole
    out = tmp_path / "out"
    with subprocess.Popen(
        command(source, out, 2), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        time.sleep(0.4 * seconds)
        for _ in range(times):
            os.killpg(run.pid, stop)
            time.sleep(0.05)
        _, said = run.communicate(timeout=60)
    assert run.returncode in (status, 0)  # it may have been done already
    assert "Traceback" not in said
    assert not list(out.rglob("*.tmp"))
    subprocess.run(command(source, out, 2, "--resume"), check=True, cwd=ROOT, capture_output=True)
    assert contents(out) == contents(undisturbed)


def test_a_document_that_kills_its_worker_is_given_up(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for i in range(200):
        (source / f"{i % 20}").mkdir(parents=True, exist_ok=True)
        text = "POISON" if i == 57 else ARTICLE.format(i)
        (source / f"{i % 20}" / f"{i:03d}.txt").write_text(text, "utf-8")
    run = subprocess.run(command(source, tmp_path / "out", 2), cwd=ROOT, capture_output=True, text=True, check=True)
    documents, _, errors = map(int, run.stdout.split())
    assert documents + errors == 200
    assert 1 <= errors <= 40  # the portion with the deadly one
    assert "a worker died 3 times on 17/057.txt" in run.stderr
    listed = (tmp_path / "out" / "errors.jsonl").read_text("utf-8").splitlines()
    assert "17/057.txt" in [json.loads(line)["file"] for line in listed]


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("number", [1, 2])
def test_workers_killed_from_outside_cost_nothing(
    whole: tuple[Path, Path, float], tmp_path: Path, number: int, early: bool
) -> None:
    import psutil

    source, undisturbed, _ = whole
    out = tmp_path / "out"
    with subprocess.Popen(command(source, out, 2), cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        workers: list[psutil.Process] = []
        while not (workers if early else list((out / ".newsclean" / "done").glob("*.json"))):
            time.sleep(0.01)
            workers = [p for p in psutil.Process(run.pid).children() if "spawn_main" in " ".join(p.cmdline())]
        for worker in workers[:number]:
            worker.kill()
        run.communicate(timeout=60)
    assert run.returncode == 0
    assert contents(out) == contents(undisturbed)


def job(shard: Shard, *_: object, **__: object) -> dict[str, str]:
    return {"shard": shard.id}


@pytest.mark.parametrize("error", [OSError("handle is closed"), BrokenProcessPool()], ids=["closing", "closed"])
def test_a_pool_that_goes_down_as_work_is_handed_out_is_made_anew(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    submit, errors = ProcessPoolExecutor.submit, [error]

    def once_broken(pool: Any, *work: Any) -> Any:
        if errors:
            raise errors.pop()
        return submit(pool, *work)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", once_broken)
    pool = local.Pool(None, None, 1, lambda: False, lambda: None, job)
    done = [result.marker for result in pool.run(Shard(name, ()) for name in "ab")]  # in any order
    assert sorted(done, key=str) == [{"shard": "a"}, {"shard": "b"}]


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    rows = [json.dumps({"text": ARTICLE.format(i) + os.urandom(200).hex()}) for i in range(300)]
    (source / "big.jsonl").write_text("\n".join(rows), "utf-8")

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    code = "from newsclean.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "batch", str(source), "-o", str(tmp_path / "out"), "-j", "1", "-q"],
        capture_output=True, text=True, preexec_fn=small_files, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "cannot write: File too large" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out" / "big.jsonl").exists()
    assert not list(tmp_path.rglob("*.tmp"))


FINGERPRINT = """
from dataclasses import replace
from newsclean import Cleaner, builtin_packs
from newsclean.batch.run import _fingerprint
packs = builtin_packs()
written = [replace(pack, rules=tuple(map(replace, pack.rules))) for pack in packs[:8]]  # as if they were read just now
print(_fingerprint(Cleaner(packs=packs)), _fingerprint(Cleaner(packs=written)))
"""


def test_rules_are_the_same_rules_in_every_process(tmp_path: Path) -> None:
    """Or nothing could be resumed: words in sets have another order in each."""
    said = set()
    for seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        said.add(subprocess.check_output([sys.executable, "-c", FINGERPRINT], cwd=tmp_path, env=environment))
    assert len(said) == 1


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    from newsclean.batch.job import Work
    from newsclean.batch.state import State
    from newsclean.errors import InputError

    work = Work(str(tmp_path))
    with State(work).lock(), pytest.raises(InputError, match="another newsclean"), State(work).lock():
        pass
