"""Shards on this machine: in this process, or in others that may die without taking the run with them.

    run_here(shards, ...), Pool(...).run(shards) -> a Done for each shard, in the order in which they end

A worker that is killed costs the pool (a ProcessPoolExecutor is broken then), which is made anew. What was under way is done
again, one shard at a time, so that it is known which of them kills its worker; one that does so three times is given up.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import Any

from newsclean.batch import job
from newsclean.batch.shards import Shard
from newsclean.engine import Cleaner

AHEAD = 2  # shards a worker that are handed out at most
STRIKES = 3
TICK = 0.2  # seconds between two looks at what is going on
THREAD_SECONDS = 5.0  # that a pool may take to end after its workers did
COUNTS = 4  # numbers a worker tells: documents, characters, removed, errors
SLOT = COUNTS + 1  # and which input of its shard it is at
Job = Callable[..., dict[str, Any]]  # of a shard, work and cleaner, as batch.job.run


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that ended: with its `marker`, or given up for a `reason`."""

    shard: Shard
    marker: dict[str, Any] | None
    reason: str | None = None


class Live:
    """Counts of the shards under way. Each has a slot of its own, since a lock would be held for ever by a worker killed."""

    def __init__(self, slots: int) -> None:
        self.numbers: Any = RawArray("q", SLOT * slots)

    def total(self) -> list[int]:
        return [sum(self.numbers[i::SLOT]) for i in range(COUNTS)]

    def clear(self, slot: int) -> None:
        self.numbers[SLOT * slot : SLOT * (slot + 1)] = [0] * SLOT

    def at(self, slot: int) -> int:
        """Which input the shard in this slot is at."""
        return int(self.numbers[SLOT * slot + COUNTS])

    def begins(self, slot: int, number: int) -> None:
        self.numbers[SLOT * slot + COUNTS] = number

    def teller(self, slot: int, each: Callable[[], None] | None = None) -> job.Tell:
        """What counts in this slot, and calls `each` at most every TICK seconds."""
        looked = time.monotonic()

        def tell(*counts: int) -> None:
            nonlocal looked
            for i, count in enumerate(counts):
                self.numbers[SLOT * slot + i] += count
            if each and time.monotonic() - looked > TICK:
                each()
                looked = time.monotonic()

        return tell


# What a worker process has: set once, when it begins.
_worker: dict[str, Any] = {}


_STOPS = (signal.SIGINT, signal.SIGTERM)


def _begin(run: Job, work: Any, cleaner: str, numbers: Any) -> None:
    for number in _STOPS:  # sent to all of a group, they are for the one who hands out
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    live = Live(0)
    live.numbers = numbers
    _worker.update(run=run, work=work, cleaner=pickle.loads(Path(cleaner).read_bytes()), live=live)
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent.join()
    os._exit(1)


def _do(shard: Shard, slot: int) -> dict[str, Any]:
    live: Live = _worker["live"]
    run: Job = _worker["run"]
    return run(shard, _worker["work"], _worker["cleaner"], live.teller(slot), begins=lambda number: live.begins(slot, number))


def run_here(
    shards: Iterator[Shard], work: Any, cleaner: Cleaner | None, live: Live,
    stopping: Callable[[], bool], limit: int | None, each: Callable[[], None], run: Job = job.run,
) -> Iterator[Done]:  # fmt: skip
    """All in this process, one after the other. `limit`: documents after which to stop; `each`: called now and then; `run`: the
    job that each shard is."""
    left = limit
    while not stopping() and left != 0:
        shard = next(shards, None)
        if shard is None:
            return
        marker = run(shard, work, cleaner, live.teller(0, each), left)
        if left is not None:
            left -= min(left, marker["tally"]["documents"])
        live.clear(0)
        yield Done(shard, marker)


class Pool:
    """Workers in processes of their own. `each`: called every now and then, while shards are under way; `run`: the job that each
    shard is, a function of a module, with the `work` and the `cleaner` it takes."""

    def __init__(
        self, work: Any, cleaner: Cleaner | None, workers: int, stopping: Callable[[], bool], each: Callable[[], None],
        run: Job = job.run,
    ) -> None:  # fmt: skip
        self.job = run
        self.work, self.workers, self.stopping, self.each = work, workers, stopping, each
        self.live = Live(AHEAD * workers)
        self.free = deque(range(AHEAD * workers))
        self.under_way: dict[Future[dict[str, Any]], tuple[Shard, int]] = {}
        self.suspects: deque[Shard] = deque()  # were under way when a worker died
        self.strikes: dict[str, int] = {}
        # A file and no argument: a worker that dies before it has read its arguments leaves their writer waiting for ever,
        # if they are more than a pipe holds.
        self.packed = tempfile.NamedTemporaryFile(prefix="newsclean-")  # noqa: SIM115  # as long as there are workers
        self.packed.write(pickle.dumps(cleaner))
        self.packed.flush()
        self.pool = self._made()

    def _made(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, context, _begin, (self.job, self.work, self.packed.name, self.live.numbers))

    def run(self, shards: Iterator[Shard]) -> Iterator[Done]:
        """Do all shards, until `stopping()`; then those under way. Raises what a worker raised."""
        try:
            while True:
                more = self._hand_out(shards)
                if not self.under_way and not more:
                    return
                ended, _ = wait(self.under_way, TICK, FIRST_COMPLETED)
                self.each()
                for future in ended:
                    if future in self.under_way:  # not if it went down with its pool
                        yield from self._ended(future)
        finally:
            self._end()

    def _hand_out(self, shards: Iterator[Shard]) -> bool:
        """Hand out what there is room for. Whether anything may follow."""
        if self.stopping():
            return False
        if self.suspects:  # alone, so that it is clear whose fault it is
            if not self.under_way:
                self._submit(self.suspects.popleft())
            return True
        while self.free:
            shard = next(shards, None)
            if shard is None:
                return False
            self._submit(shard)
        return True

    def _submit(self, shard: Shard) -> None:
        slot = self.free.popleft()
        with _unstopped():
            try:
                future = self.pool.submit(_do, shard, slot)
            except (BrokenProcessPool, OSError):  # its thread may be closing what a new worker is to get
                self._mend()
                future = self.pool.submit(_do, shard, slot)
        self.under_way[future] = (shard, slot)

    def _ended(self, future: Future[dict[str, Any]]) -> Iterator[Done]:
        try:
            marker = future.result()
        except BrokenProcessPool:
            yield from self._broken()
            return
        shard, slot = self.under_way.pop(future)
        self._freed(slot)
        yield Done(shard, marker)

    def _freed(self, slot: int) -> None:
        self.live.clear(slot)
        self.free.append(slot)

    def _broken(self) -> Iterator[Done]:
        """A worker died. Alone with its shard it is that shard's strike."""
        alone = len(self.under_way) == 1
        for future, (shard, slot) in list(self.under_way.items()):
            if future.done() and not future.cancelled() and future.exception() is None:
                yield Done(shard, future.result())  # ended just before
            else:
                self.strikes[shard.id] = self.strikes.get(shard.id, 0) + alone
                if self.strikes[shard.id] >= STRIKES:
                    yield Done(shard, None, f"a worker died {STRIKES} times on {shard.inputs[self.live.at(slot)].name}")
                else:
                    self.suspects.append(shard)
            self._freed(slot)
        self.under_way.clear()
        self._mend()

    def _mend(self) -> None:
        self._kill()
        self.pool = self._made()

    def _kill(self) -> None:
        """End the pool and its workers. A broken pool sends them SIGTERM, which they ignore, and waits for them; they may wait
        for a lock that the dead one held. Its thread is waited for: if it closed its pipes while this process ends, Python would
        write to one that is closed."""
        processes = list((self.pool._processes or {}).values())
        thread: Any = self.pool._executor_manager_thread
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        if thread is not None:
            thread.join(THREAD_SECONDS)

    def _end(self) -> None:
        """All that was asked for is there, or is not wanted any more."""
        self._kill()
        self.packed.close()


@contextmanager
def _unstopped() -> Iterator[None]:
    """Signals wait: a worker that begins here inherits that, until it can ignore them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
