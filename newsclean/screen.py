"""Printing on the terminal: what all commands share, summaries, tables of rules, and the pager.

Clean text never comes through here: rich wraps lines and drops control characters.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from newsclean.errors import OutputError
from newsclean.explain import Explained
from newsclean.folding import squeeze
from newsclean.report import Cleaned
from newsclean.rules import Rule
from newsclean.stats import RuleStats

LABEL_COLORS = {
    "paywall": "red", "newsletter": "magenta", "app": "magenta", "social": "blue", "related": "cyan", "ad": "yellow",
    "promo": "magenta", "donation": "red", "player": "blue", "nav": "blue", "comments": "green", "legal": "bright_black",
    "consent": "bright_black", "dup": "yellow", "junk": "bright_black", "timestamp": "yellow",
}  # fmt: skip
BAR = 24  # columns of the longest bar
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def console(width: int | None = None) -> Console:
    """Standard output for tables and diffs. Off a terminal: no colour, as wide as COLUMNS says, 100 if it says nothing."""
    on_terminal = sys.stdout.isatty()
    columns = os.environ.get("COLUMNS", "")
    wide = width or (None if on_terminal else int(columns) if columns.isdigit() and int(columns) > 20 else 100)
    return Console(width=wide, highlight=False, emoji=False, markup=False, soft_wrap=False)


def plain(text: str) -> str:
    """The text as a terminal may have it: no control characters, a tab as blanks."""
    return _CONTROL.sub("\N{SYMBOL FOR SUBSTITUTE FORM TWO}", text.rstrip("\r\n").replace("\t", "    "))


def label_color(label: str) -> str:
    return LABEL_COLORS.get(label, "red")


# --- summaries ----------------------------------------------------------------------------------------


def summary(documents: Iterable[Cleaned], spared_shown: bool = False) -> Iterator[RenderableType]:
    """What was cut, by label: cuts, characters, a bar; nothing if nothing was."""
    cuts: Counter[str] = Counter()
    chars: Counter[str] = Counter()
    spared = 0
    for cleaned in documents:
        spared += len(cleaned.report.spared)
        for removal in cleaned.report.removals:
            cuts[removal.label] += 1
            chars[removal.label] += removal.end - removal.start
    if not cuts:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, justify in (("label", "left"), ("cuts", "right"), ("characters", "right"), ("", "left")):
        table.add_column(name, justify=justify, header_style="dim")  # type: ignore[arg-type]
    most = max(chars.values())
    for label, count in sorted(chars.items(), key=lambda item: (-item[1], item[0])):
        bar = Text("█" * max(1, round(BAR * count / most)), style=label_color(label))
        table.add_row(Text(label, style=label_color(label)), str(cuts[label]), f"{count:,}", bar)
    yield Text()
    yield table
    if spared and not spared_shown:
        yield Text(f"{spared} spared (--all shows them)", style="dim")


# --- explanations and rules -----------------------------------------------------------------------------

_FATES = {"stays": "green", "goes": "red", "goes in part": "yellow"}


def explanation(found: Iterable[Explained], left_out: int) -> Iterator[RenderableType]:
    """Line number, fate and text of each block, and below it a line for each reason."""
    for one in found:
        head = Text(f"{one.block.line}: ", style="dim")
        head.append(one.fate, style=f"bold {_FATES[one.fate]}")
        head.append(f"  {plain(squeeze(one.text))[:200]}")
        yield head
        for reason in one.reasons():
            yield Text(f"    {reason}", style="dim")
    if left_out:
        yield Text(f"{left_out} other lines stay, and no rule has anything to say about them (--all shows them)", style="dim")


def rule_table(rules: Iterable[Rule]) -> Table:
    """The rules with label, kind and what each one is."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("rule", "label", "kind"):
        table.add_column(name, no_wrap=True)
    table.add_column("what it is")
    for rule in rules:
        strength = "" if rule.strength == "strong" else " (weak)"
        table.add_row(rule.id, Text(rule.label, style=label_color(rule.label)), rule.kind + strength, rule.about)
    return table


def rule_stats(found: Iterable[RuleStats], spared: bool) -> Iterator[RenderableType]:
    """For each rule a line of figures, and below it what it cut."""
    shown = [stats for stats in found if stats.cuts or spared]
    if not shown:
        yield Text("no rule fired", style="green")
    for stats in shown:
        line = Text(stats.rule, style=f"bold {label_color(stats.label)}")
        line.append(f"  {stats.label}  {stats.documents:,} documents, {stats.cuts:,} cuts, {stats.chars:,} characters")
        line.append(f", {stats.spared:,} spared" if stats.spared else "", style="dim")
        yield line
        for mark, samples in (("-", stats.samples), ("~", stats.spared_samples if spared else {})):
            for text, source in samples.items():
                sample = Text(f"    {mark} {plain(text)[:160]}")
                sample.append(f"  {plain(source)}", style="dim")
                yield sample


def markdown(text: str) -> RenderableType:
    """Markdown drawn on a terminal; as it is elsewhere."""
    if not sys.stdout.isatty():
        return Text(text)
    from rich.markdown import Markdown

    return Markdown(text)


# --- the pager ----------------------------------------------------------------------------------------


def show(parts: Iterable[RenderableType], paged: bool = True) -> None:
    """Print on standard output; through $PAGER (or less) on a terminal, if it does not fit there."""
    try:
        _show(parts, paged)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: cannot write: {error.strerror}") from None


def _show(parts: Iterable[RenderableType], paged: bool) -> None:
    screen = console()
    with screen.capture() as capture:
        for part in parts:  # text is wrapped for people only: a pipe gets its lines whole
            screen.print(part, soft_wrap=isinstance(part, Text) and not screen.is_terminal)
    text = capture.get()
    pager = _pager() if paged and sys.stdout.isatty() and text.count("\n") >= screen.height else None
    if pager:
        _page(text, pager)
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()


def _pager() -> list[str] | None:
    named = shlex.split(os.environ.get("PAGER", ""))
    if named:
        return named if shutil.which(named[0]) else None
    return ["less"] if "PAGER" not in os.environ and shutil.which("less") else None


def _page(text: str, command: list[str]) -> None:
    environment = {"LESS": "FRX", **os.environ}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    if hasattr(signal, "SIGPIPE"):  # a pager that is left early is no reason to die
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        process.communicate(text.encode("utf-8", "replace"))
    except KeyboardInterrupt:  # meant for the pager
        process.wait()
