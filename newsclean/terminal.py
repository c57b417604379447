"""What people see in the terminal: diffs in three styles, tables and summaries, drawn by rich from slices of the text.

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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from newsclean.explain import Explained
from newsclean.folding import squeeze
from newsclean.report import Cleaned, Removal, Spared
from newsclean.rules import Rule

STYLES = ("unified", "inline", "side-by-side")
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


def _color(label: str) -> str:
    return LABEL_COLORS.get(label, "red")


# --- the diff ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line to show: of the original, with the stretches of it that were cut, and what was spared in it."""

    number: int
    text: str
    start: int
    cuts: tuple[Removal, ...]
    spared: tuple[Spared, ...]

    @property
    def gone(self) -> bool:
        """Whether nothing of it but white space is left."""
        left = list(self.text)
        for cut in self.cuts:
            for i in range(max(0, cut.start - self.start), min(len(left), cut.end - self.start)):
                left[i] = " "
        return bool(self.cuts) and bool(self.text.strip()) and not "".join(left).strip()


def diff(cleaned: Cleaned, name: str, style: str = "unified", context: int = 2, spared: bool = False) -> Iterator[RenderableType]:
    """The diff of one document, to print on a console. `context`: lines around a change; `spared`: show those, too."""
    yield _title(cleaned, name)
    lines = list(_lines(cleaned, spared))
    shown = _near(lines, context)
    if not any(shown):
        yield Text("nothing to cut" + ("" if not cleaned.report.spared else "; --all shows what was spared"), style="green")
    else:
        yield _VIEWS[style](lines, shown)
    yield from summary([cleaned])


def _title(cleaned: Cleaned, name: str) -> Text:
    before, after = len(cleaned.report.original), len(cleaned.text)
    share = 100 * (before - after) / before if before else 0
    title = Text(plain(name), style="bold")
    title.append(f"  {before:,} to {after:,} characters, {share:.1f} % cut", style="dim")
    for flag in cleaned.report.flags:
        title.append(f"  {flag}", style="bold yellow")
    return title


def _lines(cleaned: Cleaned, spared: bool) -> Iterator[Line]:
    """The original's lines; of what was cut and spared those parts that touch the line's words."""
    report, start = cleaned.report, 0
    for number, text in enumerate(report.original.split("\n"), 1):
        end = start + len(text)
        first, last = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        cuts = tuple(r for r in report.removals if r.start < last and r.end > first and first < last)
        found = tuple(s for s in report.spared if s.start < last and s.end > first) if spared else ()
        yield Line(number, text, start, cuts, found)
        start = end + 1


def _near(lines: list[Line], context: int) -> list[bool]:
    near = [False] * len(lines)
    for i, line in enumerate(lines):
        if line.cuts or line.spared:
            first, last = max(0, i - context), min(len(lines), i + context + 1)
            near[first:last] = [True] * (last - first)
    return near


def _unified(lines: list[Line], shown: list[bool]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(overflow="fold", max_width=34)
    named: object = None
    for line in _rows(lines, shown):
        if line is None:
            table.add_row("", "", Text("...", style="dim"), "")
            continue
        notes = _notes(line, named)
        named = line.cuts[-1] if line.cuts else None
        for row in _unified_rows(line, notes):
            table.add_row(*row)
    return table


def _rows(lines: list[Line], shown: list[bool]) -> Iterator[Line | None]:
    """Lines to show, and None where some are left out."""
    for i, line in enumerate(lines):
        if shown[i]:
            yield line
        elif i and shown[i - 1] and any(shown[i:]):
            yield None


def _unified_rows(line: Line, notes: Text) -> Iterator[tuple[RenderableType, ...]]:
    number = str(line.number)
    if not line.cuts:
        yield number, Text("~", style="yellow") if line.spared else " ", Text(plain(line.text)), notes
        return
    color = _color(line.cuts[0].label)
    yield number, Text("-", style=color), _marked(line, f"strike {color}" if not line.gone else color), notes
    if not line.gone:
        yield "", Text("+", style="green"), Text(plain(_left(line))), ""


def _notes(line: Line, named: object) -> Text:
    """Label and rule of what was cut, once for a cut that goes over many lines; and why the rest was spared."""
    notes = Text()
    for cut in line.cuts:
        if cut is not named:
            notes.append(("\n" if notes else "") + cut.label, style=f"bold {_color(cut.label)}")
            notes.append(f" {cut.rule}", style="dim")
    for spared in line.spared:
        notes.append(("\n" if notes else "") + f"spared: {spared.rule}: ", style="yellow")
        notes.append(spared.why, style="dim")
    return notes


def _pieces(line: Line) -> Iterator[tuple[str, Removal | None]]:
    """The line in order: what stays, and what was cut with its removal."""
    at = 0
    for cut in line.cuts:
        first, last = max(0, cut.start - line.start), min(len(line.text), cut.end - line.start)
        yield line.text[at:first], None
        yield line.text[first:last], cut
        at = last
    yield line.text[at:], None


def _marked(line: Line, style: str) -> Text:
    text = Text()
    for piece, cut in _pieces(line):
        text.append(plain(piece), style=style if cut else None)
    return text


def _left(line: Line) -> str:
    return "".join(piece for piece, cut in _pieces(line) if not cut)


def _inline(lines: list[Line], shown: list[bool]) -> Text:
    """Running text, with what was cut in [-...-] behind which stands the rule."""
    text = Text()
    for line in _rows(lines, shown):
        if line is None:
            text.append("...\n", style="dim")
            continue
        for piece, cut in _pieces(line):
            if cut and not piece.isspace() and piece:
                text.append(f"[-{plain(piece)}-]", style=f"strike {_color(cut.label)}")
                text.append(f" {{{cut.label} {cut.rule}}}", style="dim")
            else:
                text.append(plain(piece))
        for spared in line.spared:
            text.append(f" {{spared {spared.rule}: {spared.why}}}", style="yellow")
        text.append("\n")
    return text


def _side_by_side(lines: list[Line], shown: list[bool]) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("", justify="right", style="dim", no_wrap=True)
    table.add_column("original", ratio=1, overflow="fold", header_style="bold")
    table.add_column("clean", ratio=1, overflow="fold", header_style="bold")
    for line in _rows(lines, shown):
        if line is None:
            table.add_row("", Text("...", style="dim"), Text("...", style="dim"))
            continue
        right = Text(plain(_left(line))) if not line.gone else Text()
        notes = _notes(line, None)
        if notes:
            right.append("\n" if right else "").append_text(notes)
        table.add_row(str(line.number), _marked(line, f"strike {_color(line.cuts[0].label)}" if line.cuts else ""), right)
    return table


_VIEWS: dict[str, Callable[[list[Line], list[bool]], RenderableType]] = {
    "unified": _unified,
    "inline": _inline,
    "side-by-side": _side_by_side,
}


# --- summaries ----------------------------------------------------------------------------------------


def summary(documents: Iterable[Cleaned]) -> Iterator[RenderableType]:
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
        bar = Text("█" * max(1, round(BAR * count / most)), style=_color(label))
        table.add_row(Text(label, style=_color(label)), str(cuts[label]), f"{count:,}", bar)
    yield Text()
    yield table
    if spared:
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
        table.add_row(rule.id, Text(rule.label, style=_color(rule.label)), rule.kind + strength, rule.about)
    return table


def markdown(text: str) -> RenderableType:
    """Markdown drawn on a terminal; as it is elsewhere."""
    if not sys.stdout.isatty():
        return Text(text)
    from rich.markdown import Markdown

    return Markdown(text)


# --- the pager ----------------------------------------------------------------------------------------


def show(parts: Iterable[RenderableType], paged: bool = True) -> None:
    """Print on standard output; through $PAGER (or less) on a terminal, if it does not fit there."""
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
