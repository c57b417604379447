"""A whole batch: find the inputs, hand out what is not done yet, count, put the report together.

run(order, cleaner, watch, stop) -> Outcome
"""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from types import FrameType
from typing import Any, Protocol

from newsclean.batch import job, local, ray_tasks
from newsclean.batch.finding import Wanted, inputs
from newsclean.batch.job import Work
from newsclean.batch.local import Done, Live, Pool
from newsclean.batch.ray_tasks import RayTasks
from newsclean.batch.shards import Shard, place_of, shards
from newsclean.batch.state import State
from newsclean.batch.tally import Tally
from newsclean.engine import Cleaner
from newsclean.errors import InputError


@dataclass(frozen=True, slots=True)
class Order:
    """What to do. `limit`: documents after which to stop; `max_errors`: errors that are one too many when passed;
    `engine`: local or ray; `address`: of the Ray cluster, None for one on this machine."""

    wanted: Wanted
    work: Work
    workers: int = 1
    limit: int | None = None
    max_errors: int | None = None
    resume: bool = False
    overwrite: bool = False
    engine: str = "local"
    address: str | None = None


@dataclass
class Outcome:
    """How it ended. `stopped`: by a signal's number or by errors, if it was; `skipped`: shards that were done before."""

    tally: Tally = field(default_factory=Tally)
    files: int = 0
    shards: int = 0
    skipped: int = 0
    bytes: int = 0
    stopped: int | None = None
    too_many_errors: bool = False


class Watch(Protocol):
    """Who is told how it goes."""

    def begin(self, files: int, size: int) -> None: ...

    def go(self, tally: Tally, live: list[int], size: int) -> None: ...

    def error(self, place: str, reason: str) -> None: ...

    def fields(self, name: str, fields: dict[str, Any]) -> None: ...


class Stop:
    """SIGINT and SIGTERM: the first asks to stop, the second stops at once, as KeyboardInterrupt. And SIGPIPE, which main lets
    end the program, is ignored from here on: the pipe may be that of a worker who died."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.told: Callable[[], None] = lambda: None  # called when one asks
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._asked)
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # for good: threads of the pool write to the last
        return self

    def __exit__(self, *_: object) -> None:
        """After one of them the program only says how it ended, and another must not cut that short."""
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.signal is not None else handler)

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        self.told()


def identity(order: Order, cleaner: Cleaner) -> dict[str, Any]:
    """What results depend on, besides the inputs: two runs that agree in it may be mixed."""
    from newsclean import __version__

    work = asdict(order.work)
    del work["out"]
    return {
        "newsclean": __version__, "packs": {pack.name: pack.version for pack in cleaner.packs}, "rules": _fingerprint(cleaner),
        "policy": asdict(cleaner.policy), **work, "limit": order.limit,
    }  # fmt: skip


def _fingerprint(cleaner: Cleaner) -> str:
    """Of all that the rules say, or of what they were read from. What was derived is left out: sets have no order."""
    rules = [rule for pack in cleaner.packs for rule in pack.rules]
    said = [rule.origin or {**asdict(rule), "scan": None, "needs": None} for rule in rules]
    said += [asdict(selectors) for pack in cleaner.packs for selectors in pack.selectors]
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def run(order: Order, cleaner: Cleaner, watch: Watch, stop: Stop) -> Outcome:
    """Do it. Raises InputError where the inputs or OUT will not do, OutputError where something cannot be written."""
    state = State(order.work)
    out = order.work.path()
    outcome = Outcome()
    for one in inputs(order.wanted, out, order.work.to):  # once to know how much it is, and that the names go together
        outcome.files += 1
        outcome.bytes += one.size
    if not outcome.files:
        raise InputError("nothing to clean: " + nothing_to_do(order.wanted))
    with joined(order.engine, order.address, order.workers), state.lock():
        state.begin(identity(order, cleaner), order.resume, order.overwrite)
        watch.begin(outcome.files, outcome.bytes)
        try:
            _Run(order, cleaner, watch, stop, state, outcome).run()
        finally:
            state.tidy()
    return outcome


def nothing_to_do(wanted: Wanted) -> str:
    """Why there is nothing to do."""
    if wanted.left_out[0]:
        return f"none of {wanted.left_out[0]:,} files there is of a kind that newsclean reads"
    return "no files there"


def joined(engine: str, address: str | None, workers: int) -> AbstractContextManager[None]:
    """The cluster that an engine needs, if any. Joined before anything is written: there may be none."""
    return ray_tasks.cluster(address, workers) if engine == "ray" else nullcontext()


class _Run:
    """A run under way."""

    def __init__(self, order: Order, cleaner: Cleaner, watch: Watch, stop: Stop, state: State, outcome: Outcome) -> None:
        self.order, self.cleaner, self.watch, self.stop, self.state, self.outcome = order, cleaner, watch, stop, state, outcome
        self.ids: list[str] = []  # of all shards, in their order
        self.files: dict[str, list[Shard]] = {}  # files in slices that are not all done
        self.given_up: list[dict[str, Any]] = []
        self.size = self.done = self.known_errors = 0  # errors of shards that were done before
        self.told: set[str] = set()
        self.live = Live(1)
        self.all_known = False

    def run(self) -> None:
        for done in self._executed():
            self._take(done)
        stopped = self.stop.signal is not None and (not self.all_known or self.done < len(self.ids))
        self.outcome.stopped = self.stop.signal if stopped else None  # it may have been asked when all was done
        if self.outcome.stopped is None and not self.outcome.too_many_errors:
            failed = {error["shard"] for error in self.given_up}
            unjoined = {shard.id for slices in self.files.values() for shard in slices}
            self.state.finish((i for i in self.ids if i not in failed), self._errors(), unjoined)

    def _executed(self) -> Iterator[Done]:
        order = self.order
        if order.engine == "ray":
            one, home = partial(job.run, work=order.work, cleaner=self.cleaner), self.state.work.state("run.json")
            return RayTasks(one, home, order.workers, self._stopping, self._each).run(self._waiting())
        if order.workers == 1 or order.limit is not None:
            live = self.live
            return local.run_here(self._waiting(), order.work, self.cleaner, live, self._stopping, order.limit, self._each)
        pool = Pool(order.work, self.cleaner, order.workers, self._stopping, self._each)
        self.live = pool.live
        return pool.run(self._waiting())

    def _waiting(self) -> Iterator[Shard]:
        """The shards that are to be done. Those that are done are counted on the way."""
        wanted, work = self.order.wanted, self.order.work
        for shard in shards(inputs(wanted, work.path(), work.to), work.fields, work.encoding):
            self.ids.append(shard.id)
            self.outcome.shards += 1
            marker = self.state.done(shard)
            if marker is None:
                yield shard
            else:
                self.outcome.skipped += 1
                self.known_errors += marker["tally"]["errors"]
                self._take(Done(shard, marker))
        self.all_known = True

    def _take(self, done: Done) -> None:
        self.done += 1
        self.size += done.shard.size
        if done.marker is None:
            self._give_up(done)
        else:
            self.outcome.tally.add(Tally.from_dict(done.marker["tally"]))
            for error in done.marker["errors"]:
                self.watch.error(error["place"], error["reason"])
            for output in done.marker["outputs"]:
                self._tell_fields(output)
            self._join(done.shard)
        self._each()

    def _give_up(self, done: Done) -> None:
        """An error for each file of a shard that nobody survived. It gets no marker: `--resume` tries again."""
        self.outcome.tally.errors += len(done.shard.inputs)
        for one in done.shard.inputs:
            place = place_of(one.name, done.shard.start, None)
            reason = f"given up with its portion: {done.reason}"
            self.watch.error(place, reason)
            self.given_up.append({"shard": done.shard.id, "file": one.name, "place": place, "reason": reason})

    def _join(self, shard: Shard) -> None:
        if not shard.slices:
            return
        name = shard.inputs[0].out
        slices = self.files.setdefault(name, [])
        slices.append(shard)
        if len(slices) == shard.slices:
            del self.files[name]
            self.state.join(sorted(slices, key=lambda one: one.start))

    def _each(self) -> None:
        self.watch.go(self.outcome.tally, self.live.total(), self.size)
        most = self.order.max_errors
        if most is not None and self.outcome.tally.errors - self.known_errors + self.live.total()[3] > most:
            self.outcome.too_many_errors = True

    def _stopping(self) -> bool:
        return self.stop.signal is not None or self.outcome.too_many_errors

    def _tell_fields(self, output: dict[str, Any]) -> None:
        fields = {role: path for role, path in (output["fields"] or {}).items() if path}
        if fields and str(fields) not in self.told and fields != asdict(self.order.work.fields):
            self.told.add(str(fields))
            self.watch.fields(output["name"], fields)

    def _errors(self) -> Iterator[dict[str, Any]]:
        for shard_id in self.ids:
            yield from (self.state.marker(shard_id) or {}).get("errors", ())
        yield from ({key: error[key] for key in ("file", "place", "reason")} for error in self.given_up)
