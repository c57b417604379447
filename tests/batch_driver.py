"""A batch in a process of its own, to be killed: `python -m tests.batch_driver IN OUT WORKERS [--resume] [--ray]`.

It has one pack, so that it begins at once, and small slices and groups, so that there is much to be interrupted.
An input whose text says so kills its worker; POISON holds how often.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from newsclean.batch import progress, run, shards
from newsclean.batch.finding import Wanted
from newsclean.batch.job import Work
from newsclean.engine import Cleaner
from newsclean.loading import load_pack
from newsclean.report import Cleaned

SMALL = Path(__file__).parent.parent / "fixtures" / "packs" / "batch.toml"


class Deadly(Cleaner):
    """Dies by the signal that killers use when a text asks for it."""

    def clean(self, text: str, *args: object, **kwargs: object) -> Cleaned:
        if "POISON" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().clean(text, *args, **kwargs)  # type: ignore[arg-type]


def main(source: str, out: str, workers: str, *options: str) -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as newsclean.cli.main has it
    shards.SLICE, shards.GROUP_FILES = 8_000, 40
    order = run.Order(Wanted((source,)), Work(out), int(workers), resume="--resume" in options)
    if "--ray" in options:
        order = replace(order, engine="ray")
    with run.Stop() as stop, progress.Quiet() as watch:
        try:
            outcome = run.run(order, Deadly(packs=[load_pack(SMALL)]), watch, stop)
        except KeyboardInterrupt:
            return 128 + (stop.signal or 0)
    print(outcome.tally.documents, outcome.skipped, outcome.tally.errors)
    return 128 + outcome.stopped if outcome.stopped else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
