"""A whole learning: note all shards, merge once, write the pack.

learn(order, watch, stop) -> Outcome
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from newsclean.batch import local
from newsclean.batch.finding import Wanted, inputs
from newsclean.batch.local import Done, Live, Pool
from newsclean.batch.ray_tasks import RayTasks
from newsclean.batch.run import Stop, Watch, joined, nothing_to_do
from newsclean.batch.shards import place_of, shards
from newsclean.batch.tally import Tally
from newsclean.errors import InputError, OutputError
from newsclean.learn import count
from newsclean.learn.count import Counting
from newsclean.learn.merge import Limits, merge
from newsclean.learn.pack import Sections, added, fingerprints, read, sections_of, vetoed, write


@dataclass(frozen=True, slots=True)
class Order:
    """What to learn from, and where the pack goes. `update`: a pack that this adds to; `counts`: a file of counts that is read if
    it is there, and written; `scratch`: a folder for what is under way; `max_errors`: errors that are one too many when passed;
    `batch`: the OUT of the batch that this is for, which is no input; `engine`, `address`: as in batch. With ray `scratch` has
    to be on a disk that all nodes share; it is beside the pack if none is named."""

    wanted: Wanted
    out: Path
    counting: Counting
    limits: Limits = field(default_factory=Limits)
    workers: int = 1
    update: Path | None = None
    counts: Path | None = None
    scratch: Path | None = None
    max_errors: int | None = None
    batch: Path | None = None
    engine: str = "local"
    address: str | None = None


@dataclass
class Outcome:
    """How it ended. `copies`: near copies of documents, left out; `stopped`: by a signal's number, if it was."""

    tally: Tally = field(default_factory=Tally)
    copies: int = 0
    sites: int = 0
    lines: int = 0
    chars: int = 0
    stopped: int | None = None
    too_many_errors: bool = False


class Telling(Watch, Protocol):
    """Who is told how it goes, and when something else begins."""

    def phase(self, what: str) -> None: ...


def learn(order: Order, watch: Telling, stop: Stop) -> Outcome:
    """Do it. Nothing is written before all is counted. Raises InputError where inputs or an older pack will not do, OutputError
    where something cannot be written."""
    old = read(order.update) if order.update else {}
    found = list(inputs(order.wanted, order.batch))
    if not found:
        raise InputError(f"nothing to learn from: {nothing_to_do(order.wanted)}")
    watch.begin(len(found), sum(one.size for one in found))
    beside = order.out.absolute().parent if order.engine == "ray" else None
    with joined(order.engine, order.address, order.workers), _scratch(order.scratch or beside) as folder:
        learning = _Learning(order, folder, watch, stop)
        learning.count()
        if learning.outcome.stopped is None and not learning.outcome.too_many_errors:
            learning.write(old)
    return learning.outcome


@contextmanager
def _scratch(wanted: Path | None) -> Iterator[Path]:
    """A folder for the tables, gone when all is done, whichever way."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="newsclean-learn-", dir=wanted))
    except OSError as error:
        raise OutputError(f"{wanted or tempfile.gettempdir()}: cannot write: {error.strerror or error}") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Stopped(Exception):  # noqa: N818  # no error
    """Somebody asked to stop."""


class _Learning:
    """A learning under way."""

    def __init__(self, order: Order, folder: Path, watch: Telling, stop: Stop) -> None:
        self.order, self.folder, self.watch, self.stop = order, folder, watch, stop
        self.work = replace(order.counting, out=str(folder))
        self.outcome, self.live, self.size = Outcome(), Live(1), 0

    def count(self) -> None:
        """Note all shards. Where somebody asks to stop, this is at once: what is noted by then is of no use."""
        with suppress(_Stopped):
            for done in self._executed():
                self.size += done.shard.size
                self._take(done)
                self._each()
        self.outcome.stopped = self.stop.signal

    def _executed(self) -> Iterator[Done]:
        order = self.order
        todo = shards(inputs(order.wanted, order.batch), self.work.fields, self.work.encoding)
        if order.engine == "ray":
            one = partial(count.run, work=self.work)
            return RayTasks(one, self.folder, order.workers, self._stopping, self._each).run(todo)
        if order.workers == 1:
            return local.run_here(todo, self.work, None, self.live, self._stopping, None, self._each, count.run)
        pool = Pool(self.work, None, order.workers, self._stopping, self._each, count.run)
        self.live = pool.live
        return pool.run(todo)

    def _take(self, done: Done) -> None:
        if done.marker is None:
            self.outcome.tally.errors += len(done.shard.inputs)
            for one in done.shard.inputs:
                self.watch.error(place_of(one.name, done.shard.start, None), f"given up with its portion: {done.reason}")
            return
        self.outcome.tally.add(Tally.from_dict(done.marker["tally"]))
        for error in done.marker["errors"]:
            self.watch.error(error["place"], error["reason"])

    def _each(self) -> None:
        if self.stop.signal is not None:
            raise _Stopped
        live = self.live.total()
        self.watch.go(self.outcome.tally, live, self.size)
        most = self.order.max_errors
        if most is not None and self.outcome.tally.errors + live[3] > most:
            self.outcome.too_many_errors = True

    def _stopping(self) -> bool:
        return self.stop.signal is not None or self.outcome.too_many_errors

    def write(self, old: Sections) -> None:
        """Merge what was counted, and write the pack."""
        order, counts = self.order, self.order.counts
        before = counts if counts and counts.exists() else None
        kept = self.folder / "counts.parquet" if counts else None
        self.watch.phase("all is noted; merging")
        merged = merge(self.folder, order.limits, before, kept, fingerprints(old).values())
        self.outcome.stopped = self.stop.signal
        if self.outcome.stopped is not None:
            return
        sections = sections_of(merged)
        if old:
            sections = vetoed(old, sections) if before else added(old, sections, merged)
        write(order.out, sections)
        if counts and kept:
            _moved(kept, counts)
        outcome = self.outcome
        outcome.copies, outcome.sites = merged.copies, len(sections)
        outcome.lines = sum(len(section.entries) for section in sections.values())
        outcome.chars = sum(entry.chars for section in sections.values() for entry in section.entries if not entry.keep)


def _moved(source: Path, target: Path) -> None:
    """The file under its name, whole or not at all; it may come from another disk."""
    from newsclean.batch.streams import copy, writing

    with writing(target, target.absolute().parent, pack=False) as file, open(source, "rb") as whole:
        copy(whole, file)
