"""What OUT remembers: which run it is of, which shards are done, and where each one's part of the report lies.

OUT/report.jsonl.zst            a line for every document
OUT/errors.jsonl                a line for everything that could not be read, if there is any
OUT/.newsclean/run.json         version, rules and options of the run
OUT/.newsclean/done/ID.json     a shard's marker: its inputs, outputs, counts and errors
OUT/.newsclean/parts/           parts of the report and of large files that are not put together yet
OUT/.newsclean/report.json      where in the report each shard's part lies
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsclean.batch.job import Work
from newsclean.batch.places import entries, is_url, opening, remove_all
from newsclean.batch.shards import ERRORS, REPORT, STATE, Shard, id_of
from newsclean.batch.streams import EMPTY_ZST, copy, writing
from newsclean.errors import InputError, OutputError

FORMAT = 1


class State:
    """The memory of one run, in OUT."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.ranges: dict[str, tuple[int, int]] = {}

    # --- the run ---

    def begin(self, identity: Mapping[str, Any], resume: bool, overwrite: bool) -> None:
        """Take possession of OUT. Raises InputError where it has another run's results, or files of somebody else."""
        before = self.refuse(resume, overwrite)
        if before is not None and not overwrite:
            self._refuse_mixing(before, identity)
        elif overwrite:
            remove_all(self.work.state("done"))
        self.tidy()
        self._write("run.json", {"format": FORMAT, **identity})
        self.ranges = self._ranges()

    def refuse(self, resume: bool, overwrite: bool) -> dict[str, Any] | None:
        """What is known of the run whose results OUT has. Raises InputError where they, or other files, are in the way."""
        before = self._read(self.work.state("run.json"))
        if overwrite or (before is not None and resume):
            return before
        if before is not None:
            raise InputError(f"{self.work.out}: has a run's results; --resume goes on with it, --overwrite begins anew")
        if self._others():
            raise InputError(f"{self.work.out}: is not empty; name a new directory, or --overwrite what is in it")
        return None

    def _others(self) -> bool:
        """Whether there are files of somebody else."""
        try:
            return any(name != STATE for name in entries(self.work.path()))
        except OSError as error:
            raise OutputError(f"{self.work.out}: cannot read: {error.strerror or error}") from None

    def _refuse_mixing(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        were, are = _flat(before), _flat(json.loads(json.dumps(now)))
        if other := [key for key in are if were.get(key) != are[key]]:
            changed = "; ".join(f"{key} was {json.dumps(were.get(key))}, is {json.dumps(are[key])}" for key in other)
            raise InputError(f"{self.work.out}: was begun with other options ({changed}); use another OUT, or --overwrite")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else works on this OUT meanwhile. The lock goes with the process, however that ends. Stores have none."""
        if is_url(self.work.out):
            yield
            return
        path = self.work.state("lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open(path, "a")  # noqa: SIM115  # held open as long as the lock
        except OSError as error:
            raise OutputError(f"{path.parent}: cannot write: {error.strerror or error}") from None
        with file:
            try:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:  # no locks on this system
                pass
            except OSError:
                raise InputError(f"{self.work.out}: another newsclean is at work on it") from None
            yield

    # --- shards ---

    def marker(self, shard_id: str) -> dict[str, Any] | None:
        return self._read(self.work.state("done", f"{shard_id}.json"))

    def done(self, shard: Shard) -> dict[str, Any] | None:
        """The shard's marker, if it is done: of these inputs as they are, and all of it there."""
        marker = self.marker(shard.id)
        if marker is None or {key: marker.get(key) for key in ("inputs", "slice")} != shard.stamp():
            return None
        if not self.part(shard.id).exists() and shard.id not in self.ranges:
            return None
        if self.work.dry_run:
            return marker
        there = all(self._there(shard, output) for output in marker["outputs"] if output["out"])
        return marker if there else None

    def _there(self, shard: Shard, output: Mapping[str, Any]) -> bool:
        if shard.slices and (joined := self.marker(self.joined(shard))) and joined["inputs"] == shard.stamp()["inputs"]:
            return _size(self.work.path(output["out"])) == int(joined["size"])
        path = self.slice(shard.id) if shard.slices else self.work.path(output["out"])
        return _size(path) == int(output["size"])

    def part(self, shard_id: str) -> Path:
        return self.work.state("parts", f"{shard_id}.jsonl.zst")

    def slice(self, shard_id: str) -> Path:
        return self.work.state("parts", f"{shard_id}.out")

    @staticmethod
    def joined(shard: Shard) -> str:
        """The name of the marker of a file that was put together from slices."""
        return f"{id_of(shard.inputs[0], -shard.slices)}.joined"

    def join(self, shards: list[Shard]) -> None:
        """Put a file together from its slices, unless it is already."""
        if self.work.dry_run or not all(self.slice(shard.id).exists() for shard in shards):
            return
        target = self.work.path(shards[0].inputs[0].out)
        with writing(target, self.work.state("tmp")) as stream:
            if shards[0].inputs[0].format == "parquet":
                from newsclean.batch.parquet import join

                join([self.slice(shard.id) for shard in shards], stream, str(target))
            else:
                for shard in shards:
                    with opening(self.slice(shard.id)) as part:
                        copy(part, stream)
        self._write(f"done/{self.joined(shards[0])}.json", {"inputs": shards[0].stamp()["inputs"], "size": _size(target)})
        for shard in shards:
            self.slice(shard.id).unlink()

    # --- the report ---

    def _ranges(self) -> dict[str, tuple[int, int]]:
        """Where the parts lie in the report as it is; nothing where that is not the one the ranges are of."""
        index = self._read(self.work.state("report.json"))
        if not index or _size(self.work.path(REPORT)) != index["size"]:
            return {}
        return {shard_id: (start, size) for shard_id, (start, size) in index["ranges"].items()}

    def tidy(self) -> None:
        """Nobody is writing any more: what is unfinished goes."""
        remove_all(self.work.state("tmp"))

    def finish(self, shard_ids: Iterable[str], errors: Iterable[Mapping[str, Any]], unjoined: Collection[str] = ()) -> None:
        """Put the report together, in the order of the shards: packed parts, one behind the other, are packed as a whole.
        Slices of files that are not whole (`unjoined`) wait for the others."""
        at, ranges = 0, {}
        with writing(self.work.path(REPORT), self.work.state("tmp"), pack=False) as target:
            for shard_id in shard_ids:
                ranges[shard_id] = (at, self._copied(shard_id, target))
                at += ranges[shard_id][1]
            if not at:  # not even an empty part
                at = target.write(EMPTY_ZST)
        self._write("report.json", {"size": at, "ranges": ranges})
        for part in self.work.state("parts").glob("*"):
            if part.name.partition(".")[0] not in unjoined or part.suffix == ".zst":
                part.unlink()
        self._sweep(ranges)
        self._errors(errors)

    def _copied(self, shard_id: str, target: Any) -> int:
        if self.part(shard_id).exists():
            with opening(self.part(shard_id)) as part:
                return copy(part, target)
        start, size = self.ranges[shard_id]
        with opening(self.work.path(REPORT)) as before:
            before.seek(start)
            return copy(before, target, size)

    def _sweep(self, ranges: Mapping[str, Any]) -> None:
        """Markers of inputs that are no longer there."""
        for path in self.work.state("done").glob("*.json"):
            if path.stem not in ranges and not path.stem.endswith(".joined"):
                path.unlink()

    def _errors(self, errors: Iterable[Mapping[str, Any]]) -> None:
        first = next(iter(errors := iter(errors)), None)
        if first is None:
            self.work.path(ERRORS).unlink(missing_ok=True)
            return
        with writing(self.work.path(ERRORS), self.work.state("tmp")) as file:
            file.write(json.dumps(first).encode() + b"\n")
            for error in errors:
                file.write(json.dumps(error).encode() + b"\n")

    # --- files ---

    def _read(self, path: Path) -> dict[str, Any] | None:
        with contextlib.suppress(OSError, ValueError):
            with opening(path) as file:
                data = json.loads(file.read())
            return data if isinstance(data, dict) else None
        return None

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        with writing(self.work.state(name), self.work.state("tmp")) as file:
            file.write(json.dumps(data, indent=1).encode() + b"\n")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options with dotted names."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat
