"""A batch on a real Ray cluster on the loopback: a head and two nodes with a core each, and one of them killed in mid-job.

    python benchmarks/cluster.py                       # 40 MB of JSON lines made from fixtures/articles
    python benchmarks/cluster.py --from news.jsonl     # lines of your own, repeated
    python benchmarks/cluster.py --rounds 3            # each engine three times, in turn
    python benchmarks/cluster.py --engines local-1 local-2   # no Ray

It prints for local workers and for Ray: documents a second on the clock, CPU seconds of all processes (`ours`: those that
do shards and the one that hands them out; the rest are Ray's), and peak memory (PSS). Then it runs Ray again, kills a node
with all its processes when a third of the shards is done, and compares every file and the report with the local ones.

Ray insists on the host's own address; so the script moves into a network namespace that has a loopback only, if that is
allowed, and says so if not. Ratios of one run mean something, and of CPU seconds more than of the clock.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from types import TracebackType

import psutil
from batch import EVERY, texts, tree

ADDRESS = "127.0.0.1:6399"
FILE_MB = 2.5  # of each file, which is a portion of its own or half of one
KEPT = ("text", "title", "url", "site")
INSIDE = "NEWSCLEAN_LOOPBACK_ONLY"
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "RAY_AUTH_MODE": "disabled"}  # no token: nobody else is here


# --- the machine --------------------------------------------------------------------------------------


def enter_namespace() -> None:
    """Begin again in a network namespace with nothing but a loopback. Where that is not allowed, stay and say so."""
    if os.environ.get(INSIDE):
        return
    up = "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x49))"
    shell = 'python=$1; shift; "$python" -c "$0" && exec "$python" "$@"'
    command = ["unshare", "--net", "--map-root-user", "sh", "-c", shell, up, sys.executable, *sys.argv]
    allowed = (
        shutil.which("unshare")
        and not subprocess.run(["unshare", "--net", "--map-root-user", "true"], capture_output=True).returncode
    )
    if allowed:
        os.execvpe("unshare", command, {**os.environ, INSIDE: "1"})
    print("no network namespace allowed: Ray listens on this host's own address")


class Meter:
    """CPU seconds and memory of the trees of some processes, from when it is entered until it is left."""

    def __init__(self, roots: list[int]) -> None:
        self.roots = roots
        self.first: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.kinds: dict[int, str] = {}
        self.peak = 0.0

    def __enter__(self) -> Meter:
        self.look()
        self.first = dict(self.last)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.look()

    def look(self) -> None:
        memory = 0.0
        for root in self.roots:
            for one in tree(psutil.Process(root)) if psutil.pid_exists(root) else []:
                try:
                    with one.oneshot():
                        used, memory = one.cpu_times(), memory + one.memory_full_info().pss / 1e6
                        self.last[one.pid] = used.user + used.system
                        self.kinds[one.pid] = kind_of(one.cmdline())
                except psutil.Error:
                    continue
        self.peak = max(self.peak, memory)

    def cpu(self, kind: str | None = None) -> float:
        return sum(at - self.first.get(pid, 0) for pid, at in self.last.items() if kind in (None, self.kinds[pid]))


def kind_of(command: list[str]) -> str:
    """Whose work a process does: ours, or Ray's."""
    line = " ".join(command)
    if line.startswith("ray::"):
        return "ray" if "Agent" in line else "ours"
    return "ray" if "/ray/" in line or "ray start" in line else "ours"


# --- the collection -----------------------------------------------------------------------------------


def make(folder: Path, megabytes: float, source: Path | None) -> tuple[int, float]:
    """Files of JSON lines, as many as make up the size; how many documents they have, and MB of text. No two are equal."""
    folder.mkdir(parents=True)
    records, number, chars = cycle([{key: one[key] for key in KEPT if one.get(key)} for one in texts(source)]), 0, 0
    for file in range(max(4, round(megabytes / FILE_MB))):
        with open(folder / f"{file:04d}.jsonl", "w", encoding="utf-8") as stream:
            size = 0
            while size < FILE_MB * 1_000_000:
                record, number = next(records), number + 1
                text = f"{record['text']}\n\nCopy {number}."
                chars += len(text.encode())
                size += stream.write(json.dumps({**record, "id": number, "text": text}) + "\n")
    return number, chars / 1e6


def digests(out: Path) -> dict[str, str]:
    """Every file of the output but the state, with its hash."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and ".newsclean" not in path.parts)
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# --- the cluster --------------------------------------------------------------------------------------


@dataclass
class Cluster:
    """A head without cores, and nodes with one each."""

    roots: list[subprocess.Popen[bytes]] = field(default_factory=list)
    last: tuple[str, ...] = ()  # what the last node was begun with

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.roots]

    def begin(self, *options: str) -> None:
        self.last = options
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--node-ip-address=127.0.0.1", *options]
        quiet = {**os.environ, **QUIET}
        self.roots.append(subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a node with all it started, at once."""
        for one in reversed(tree(psutil.Process(process.pid))):
            try:
                one.kill()
            except psutil.Error:
                continue
        process.wait()


@contextmanager
def cluster(nodes: int) -> Iterator[Cluster]:
    made = Cluster()
    store = "--object-store-memory=100000000"
    with tempfile.TemporaryDirectory(prefix="nc-", dir="/tmp") as folder:  # short: sockets lie in it
        try:
            made.begin(
                "--head",
                f"--port={ADDRESS.partition(':')[2]}",
                "--num-cpus=0",
                "--include-dashboard=false",
                f"--temp-dir={folder}",
                store,
            )
            wait_for(0)
            for number in range(nodes):
                made.begin(f"--address={ADDRESS}", "--num-cpus=1", store)
                wait_for(number + 1, made)
            yield made
        finally:
            for process in made.roots:
                if process.poll() is None:
                    made.end(process)


def wait_for(cores: int, made: Cluster | None = None) -> None:
    """Until the cluster has so many. A node that ended, since it found a port taken, is begun again."""
    look = f"import ray; ray.init('{ADDRESS}', logging_level='error'); print(int(ray.cluster_resources().get('CPU', 0)))"
    until, said = time.monotonic() + 120, ""
    while time.monotonic() < until:
        found = subprocess.run([sys.executable, "-c", look], env={**os.environ, **QUIET}, capture_output=True, text=True)
        if found.stdout.strip() == str(cores):
            return
        said = f"{found.stdout} {found.stderr[-2000:]}"
        if made and made.roots[-1].poll() is not None:
            made.roots.pop()
            made.begin(*made.last)
        time.sleep(1)
    sys.exit(f"the cluster did not come up with {cores} cores: {said}")


# --- the runs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    seconds: float
    cpu: float
    ours: float
    memory: float


def ran(source: Path, out: Path, options: list[str], pids: list[int], each: Callable[[float], None] = lambda _: None) -> Run:
    """A batch, measured with the processes of the cluster. `each` is called with the seconds so far."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "newsclean", "batch", str(source), "-o", str(out), "-q", *options]
    began = time.monotonic()
    with Meter(pids) as meter, subprocess.Popen(command, env={**os.environ, **QUIET}) as process:
        meter.roots = [*pids, process.pid]
        while process.poll() is None:
            meter.look()
            each(time.monotonic() - began)
            time.sleep(EVERY)
    assert process.returncode == 0, command
    return Run(time.monotonic() - began, meter.cpu(), meter.cpu("ours"), meter.peak)


class Killer:
    """Kills a node when a third of the shards is done."""

    def __init__(self, made: Cluster, out: Path, shards: int) -> None:
        self.made, self.done, self.shards, self.at = made, out / ".newsclean" / "done", shards, 0

    def __call__(self, _seconds: float) -> None:
        found = len(list(self.done.glob("*.json"))) if self.done.exists() else 0
        if not self.at and found >= self.shards / 3:
            self.at = found
            self.made.end(self.made.roots[-1])


def show(name: str, runs: list[Run], documents: int, size: float) -> Run:
    """The line of an engine: the least of each figure, which others on the machine disturbed least."""
    best = Run(*(min(getattr(run, key) for run in runs) for key in ("seconds", "cpu", "ours", "memory")))
    rate = f"{documents / best.seconds:6.0f} documents/s {documents / best.cpu:6.0f} a CPU-s {size / best.cpu:5.2f} MB a CPU-s"
    print(
        f"{name:9s} {best.seconds:7.1f} s {best.cpu:7.1f} CPU-s, ours {best.ours / best.cpu:4.0%} {best.memory:6.0f} MB {rate}",
        flush=True,
    )
    return best


ENGINES = {"local-1": ["-j", "1"], "local-2": ["-j", "2"], "ray": ["--engine", "ray", "--ray-address", ADDRESS]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=40)
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--option", action="append", default=[], help="of newsclean batch, as --option=--lang=en")
    options = parser.parse_args()
    enter_namespace()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        base = Path(folder)
        documents, size = make(base / "in", options.megabytes, options.source)
        cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
        print(f"{documents:,} documents, {size:,.1f} MB of text, {cores} cores, load {load:.1f}", flush=True)
        made = stack.enter_context(cluster(2)) if "ray" in options.engines else Cluster()
        runs: dict[str, list[Run]] = {name: [] for name in options.engines}
        for _ in range(options.rounds):
            for name in options.engines:
                pids = made.pids if name == "ray" else []
                runs[name].append(ran(base / "in", base / name, [*ENGINES[name], *options.option], pids))
        best = {name: show(name, found, documents, size) for name, found in runs.items()}
        compare(best)
        if "ray" in best:
            reference = digests(base / options.engines[0])
            assert digests(base / "ray") == reference, "Ray's files are not the local ones"
            kill(base, made, documents, reference, options.option)


def compare(best: dict[str, Run]) -> None:
    if {"local-1", "local-2"} <= best.keys():
        print(f"two local workers: {best['local-1'].seconds / best['local-2'].seconds:.2f} x one, on the clock")
    if {"local-2", "ray"} <= best.keys():
        print(f"ray at two cores: {best['ray'].cpu / best['local-2'].cpu:.2f} x the CPU of two local workers")


def kill(base: Path, made: Cluster, documents: int, reference: dict[str, str], more: list[str]) -> None:
    """The run with a node killed: it ends, and nothing is lost and nothing twice."""
    out, shards = base / "killed", len(list((base / "ray" / ".newsclean" / "done").glob("*.json")))
    killer = Killer(made, out, shards)
    run = ran(base / "in", out, [*ENGINES["ray"], *more], made.pids, killer)
    assert killer.at, "the run was over before a node could be killed"
    same = digests(out) == reference
    ids = [json.loads(line)["id"] for path in sorted(out.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    once = sorted(ids) == list(range(1, documents + 1))
    print(f"node killed after {killer.at} of {shards} portions: {run.seconds:.1f} s {run.cpu:.1f} CPU-s")
    print(f"every file the same: {same}; every document once: {once}")
    if not (same and once):
        sys.exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
