"""How a batch shows itself: a bar on a terminal, a line every few seconds elsewhere, and the summary at its end.

All of it is talk, and goes to standard error; `newsclean report` prints the summary on standard output.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from rich.console import Console, RenderableType
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from newsclean.batch.tally import Tally
from newsclean.options import counted
from newsclean.screen import BAR, label_color, plain

EVERY = 5.0  # seconds between two plain lines
SHOWN_ERRORS = 20  # that are told as they come
TOP_RULES = 10


class Quiet:
    """Says errors only. `cuts`: whether anything is cut; where not, there is no list of errors either."""

    def __init__(self, cuts: bool = True) -> None:
        self.errors, self.cuts = 0, cuts

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    def begin(self, files: int, size: int) -> None:
        pass

    def go(self, tally: Tally, live: list[int], size: int) -> None:
        pass

    def error(self, place: str, reason: str) -> None:
        self.errors += 1
        if self.errors <= SHOWN_ERRORS:
            self.say(f"{place}: {reason}")
        elif self.errors == SHOWN_ERRORS + 1:
            self.say("more errors: errors.jsonl will have them all" if self.cuts else "more errors, which are counted only")

    def fields(self, name: str, fields: dict[str, Any]) -> None:
        pass

    def phase(self, what: str) -> None:
        pass

    def say(self, line: str) -> None:
        print(f"newsclean: {_line(line)}", file=sys.stderr)


class Lines(Quiet):
    """Says how it goes in plain lines."""

    def __init__(self, cuts: bool = True, every: float = EVERY) -> None:
        super().__init__(cuts)
        self.every, self.said, self.all, self.began = every, time.monotonic(), 1, time.monotonic()

    def begin(self, files: int, size: int) -> None:
        self.all, self.began = max(1, size), time.monotonic()
        self.say(f"{counted(files, 'file')}, {_bytes(size)}")

    def fields(self, name: str, fields: dict[str, Any]) -> None:
        self.say(f"{name}: " + ", ".join(f"{role} from '{path}'" for role, path in fields.items()))

    def phase(self, what: str) -> None:
        self.say(what)

    def go(self, tally: Tally, live: list[int], size: int) -> None:
        if time.monotonic() - self.said >= self.every:
            self.said = time.monotonic()
            done = min(99, 100 * (size + live[1]) / self.all)
            self.say(f"{done:.0f} % of {_bytes(self.all)}, {self.state(tally, live)}")

    def state(self, tally: Tally, live: list[int]) -> str:
        return _state(tally, live, time.monotonic() - self.began, self.cuts)


class Bar(Lines):
    """A bar that shows how it goes."""

    def __init__(self, cuts: bool = True) -> None:
        super().__init__(cuts)
        self.bar = Progress(
            BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn(compact=True),
            console=Console(stderr=True, highlight=False, markup=False, emoji=False), transient=True,
        )  # fmt: skip
        self.task = self.bar.add_task("", total=None)

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bar.stop()

    def begin(self, files: int, size: int) -> None:
        super().begin(files, size)
        self.bar.update(self.task, total=max(1, size))

    def go(self, tally: Tally, live: list[int], size: int) -> None:
        done = _bytes(min(self.all, size + live[1]))
        said = f"{done} of {_bytes(self.all)}, {self.state(tally, live)}"
        self.bar.update(self.task, completed=min(self.all, size + live[1]), description=said)

    def say(self, line: str) -> None:
        self.bar.console.print(Text(f"newsclean: {_line(line)}"), soft_wrap=True)


def watcher(quiet: bool, verbose: bool, cuts: bool = True) -> Quiet:
    """What suits where standard error goes. `verbose`: lines more often, and on a terminal, too."""
    if quiet:
        return Quiet(cuts)
    if verbose:
        return Lines(cuts, 1.0)
    return Bar(cuts) if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else Lines(cuts)


def _state(tally: Tally, live: list[int], seconds: float, cuts: bool) -> str:
    documents, chars, removed, errors = (
        a + b for a, b in zip((tally.documents, tally.chars, tally.removed, tally.errors), live, strict=True)
    )
    share = 100 * removed / chars if chars else 0
    said = f"{documents:,} documents, {documents / max(seconds, 0.1):,.0f} a second"
    return said + (f", {share:.1f} % cut" if cuts else "") + (f", {counted(errors, 'error')}" if errors else "")


def _line(text: str) -> str:
    """One line, whatever a file is called."""
    return plain(text.replace("\n", "\N{SYMBOL FOR NEWLINE}"))


def _bytes(size: float) -> str:
    return decimal(int(size), separator=" ")


def summary(tally: Tally) -> Iterator[RenderableType]:
    """What a run did: totals, characters cut by label as bars, flags, the rules that cut most."""
    share = 100 * tally.removed / tally.chars if tally.chars else 0
    documents = f"{counted(tally.documents, 'document')}, {tally.changed:,} changed"
    yield Text(f"{documents}; {tally.removed:,} of {tally.chars:,} characters cut ({share:.2f} %)", style="bold")
    extra = [f"{number:,} {flag}" for flag, number in sorted(tally.flags.items())]
    extra += [f"{counted(tally.without_text, 'record')} without text passed through"] if tally.without_text else []
    extra += [f"{counted(tally.errors, 'error')} (errors.jsonl)"] if tally.errors else []
    if extra:
        yield Text("; ".join(extra), style="yellow")
    if tally.labels:
        yield Text()
        yield _table(("label", "cuts", "characters"), [(k, f"{tally.label_cuts[k]:,}", v, k) for k, v in _most(tally.labels)])
        rules = [(k, f"{tally.rule_documents[k]:,}", v, "") for k, v in _most(tally.rules)[:TOP_RULES]]
        yield Text()
        yield _table(("rule", "documents", "characters"), rules)


def _most(counts: Any) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _table(heads: tuple[str, str, str], rows: list[tuple[str, str, int, str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(heads[0], header_style="dim", overflow="fold")
    for head in heads[1:]:
        table.add_column(head, justify="right", header_style="dim")
    table.add_column("")
    most = max(chars for _, _, chars, _ in rows)
    for name, number, chars, label in rows:
        style = label_color(label) if label else ""
        bar = Text("█" * max(1, round(BAR * chars / most)), style=style or "dim")
        table.add_row(Text(name, style=style), number, f"{chars:,}", bar)
    return table
