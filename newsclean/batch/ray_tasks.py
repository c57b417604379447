"""Shards on a cluster: one Ray Core task each (extra `ray`). Scheduling, retrying and placing are Ray's.

    with cluster(address, workers):
        RayTasks(job, home, workers, stopping, each).run(shards) -> a Done for each shard, in the order in which they end

`job` is any function of a shard that gives its marker; it is sent to each process once. The nodes have newsclean installed, and
see inputs and outputs where this process sees them.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from newsclean.batch.local import AHEAD, TICK, Done, Live
from newsclean.batch.places import path_of
from newsclean.batch.shards import Shard
from newsclean.errors import ConfigError, OutputError

RETRIES = 5  # of a shard whose worker or node died
STORE = 128 << 20  # bytes of shared memory of a cluster of our own: the job is a few megabytes, and markers are small
HERE = "local"  # Ray's name for a cluster of this process's own

Job = Callable[[Shard], dict[str, Any]]

# What a process of a worker has: the job, under its key.
_jobs: dict[str, Job] = {}


def _do(shard: Shard, key: str, packed: list[Any], home: str, version: str) -> dict[str, Any]:
    """What a task does. The job comes in a list, since Ray would fetch and unpack an argument for each task anew."""
    if key not in _jobs:
        _check_node(home, version)
        import ray

        _jobs.clear()
        _jobs[key] = ray.get(packed[0])
    return _jobs[key](shard)


def _check_node(home: str, version: str) -> None:
    """Raise where a node would do something else than the one that asks, or put it where nobody looks."""
    from newsclean import __version__

    if __version__ != version:
        raise ConfigError(f"node {os.uname().nodename} has newsclean {__version__}, not {version}; install the same everywhere")
    if not path_of(home, live=True).exists():
        raise OutputError(f"{home}: is not there on node {os.uname().nodename}; it has to be on a disk that all nodes share")


class RayTasks:
    """A cluster at work. `job`: what is done with a shard; `home`: a file or folder where it writes, which every node has to see;
    `workers`: tasks at a time, 0 for as many as there are cores, and some that wait; `each`: called every now and then."""

    def __init__(self, job: Job, home: Path, workers: int, stopping: Callable[[], bool], each: Callable[[], None]) -> None:
        import ray

        from newsclean import __version__

        self.ray: Any = ray
        self.workers, self.stopping, self.each = workers, stopping, each
        self.live = Live(1)  # of what is under way elsewhere nothing is known until it ends
        packed = [self.ray.put(job)]
        remote = self.ray.remote(num_cpus=1, max_retries=RETRIES)(_do)
        self.start = partial(remote.remote, key=secrets.token_hex(8), packed=packed, home=str(home), version=__version__)
        self.under_way: dict[Any, Shard] = {}

    def run(self, shards: Iterator[Shard]) -> Iterator[Done]:
        """Do all shards, until `stopping()`; then those under way. Raises what a job raised."""
        before, sys.stdout = sys.stdout, sys.stderr  # where Ray tells of nodes that died; the product has that one for itself
        try:
            while True:
                more = self._hand_out(shards)
                if not self.under_way and not more:
                    return
                ended, _ = self.ray.wait(list(self.under_way), timeout=TICK, fetch_local=False)
                self.each()
                for ref in ended:
                    yield self._ended(ref)
        finally:
            sys.stdout = before
            self._end()

    def _hand_out(self, shards: Iterator[Shard]) -> bool:
        """Hand out what there is room for. Whether anything may follow."""
        if self.stopping():
            return False
        room = self._room()
        while len(self.under_way) < room:
            shard = next(shards, None)
            if shard is None:
                return False
            self.under_way[self.start(shard)] = shard
        return True

    def _room(self) -> int:
        """How many tasks may be under way: some wait, so that no core does, and that a cluster that can grow does."""
        return self.workers or max(1, AHEAD * int(self.ray.cluster_resources().get("CPU", 0)))

    def _ended(self, ref: Any) -> Done:
        shard = self.under_way.pop(ref)
        errors = self.ray.exceptions
        try:
            return Done(shard, self.ray.get(ref))
        except errors.RayTaskError as error:
            raise error.cause from None
        except errors.RayError as error:
            return Done(shard, None, f"its worker or node died {RETRIES + 1} times ({type(error).__name__})")

    def _end(self) -> None:
        """All that was asked for is there, or is not wanted any more."""
        for ref in self.under_way:
            self.ray.cancel(ref, force=True)


@contextmanager
def cluster(address: str | None, workers: int) -> Iterator[None]:
    """This process is in a cluster: at `address`, or its own on this machine, with a core for each of `workers` (0: all there
    are), if it is in none yet. Raises ConfigError where there is no Ray, or no cluster at that address."""
    ray = _ray()
    if ray.is_initialized():
        yield
        return
    _join(ray, address, workers)
    try:
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    # Ray reads this when it is loaded. Nobody is told about a run.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise ConfigError("--engine ray needs an extra: pip install 'newsclean[ray]'") from None
    return ray


def _join(ray: Any, address: str | None, workers: int) -> None:
    own = address in (None, HERE)
    options = {"num_cpus": workers or None, "include_dashboard": False, "object_store_memory": STORE} if own else {}
    logging.getLogger("ray").setLevel(logging.ERROR)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # The address is always said: without one Ray would join what a cluster that is gone has left behind.
        ray.init(HERE if own else address, log_to_driver=False, configure_logging=False, **options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ConfigError(f"--ray-address {address}: no Ray cluster there: {' '.join(str(error).split())[:300]}") from None
    finally:
        for number, handler in handlers.items():  # Ray sets its own, which end the process
            signal.signal(number, handler)
