"""One document's report as one page of HTML: what was cut, in place, and why.

    page(cleaned) -> HTML

The page needs nothing beside itself: no network, no fonts, no library. Its style and its script stand in page.html.
It is the same for the same report, and can be written as UTF-8 whatever the text holds.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from itertools import pairwise
from typing import Any, NamedTuple

from newsclean.report import Cleaned, Removal, Report, Spared, Timestamp
from newsclean.timestamps import normalised

FLAGS = {
    "paywalled": "Only the part of the article in front of a paywall is here, or the page says that it is for subscribers.",
    "no-article": "No article was found here. A notice that would have gone is marked as spared.",
    "brake": "Nothing was cut: too much of the document would have gone. It is marked as spared.",
}

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SCRIPT = re.compile(r"<script>(.*)</script>", re.S)
# What HTML cannot hold, or no one can see: controls but tab and line ends, halves of pairs, non-characters.
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class _Piece(NamedTuple):
    """A stretch of one line: all of it cut by removal number `cut`, or none; `spared`: numbers of what was spared here."""

    start: int
    end: int
    cut: int | None
    spared: tuple[int, ...]


def page(cleaned: Cleaned) -> str:
    """The report of `cleaned` as a page of HTML that stands alone, to be written as UTF-8."""
    report, markup = cleaned.report, template("newsclean", "page.html")
    parts = {
        "name": plain(_name(report)[0]),
        "head": _head(cleaned),
        "strip": _strip(report),
        "legend": _legend(report),
        "spared": f"{len(report.spared):,}",
        "spared_off": "" if report.spared else " disabled",
        "spared_on": " checked" if report.spared and {"brake", "no-article"} & set(report.flags) else "",
        "text": _text(report),
        "about": _about(report),
        "data": _data(report),
        "script_hash": script_hash(markup),
    }
    return filled(markup, parts)


@cache
def template(package: str, name: str) -> str:
    """The page `name` of a package, with the palette that all our pages have."""
    palette = resources.files("newsclean").joinpath("palette.css").read_text("utf-8")
    return resources.files(package).joinpath(name).read_text("utf-8").replace("{{palette}}\n", palette)


def filled(markup: str, parts: Mapping[str, str]) -> str:
    """A stretch of a template with its {{places}} filled."""
    return _PLACE.sub(lambda place: parts[place[1]], markup)


@cache
def script_hash(markup: str) -> str:
    """The page lets no script run but its own, even if a text should slip through the escaping."""
    script = _SCRIPT.search(markup)
    return b64encode(sha256(script[1].encode()).digest()).decode() if script else ""


# --- escaping -----------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """`text` for an attribute or a single line."""
    return _kept_cr(escape(ODD.sub("\ufffd", text)))


def _shown(text: str) -> str:
    """`text` for the running text, where each odd character says what it was."""
    return _kept_cr(ODD.sub(lambda odd: f'<span class="odd" title="U+{ord(odd[0]):04X}">\ufffd</span>', escape(text)))


def _kept_cr(markup: str) -> str:
    return markup.replace("\r", "&#13;")  # HTML reads a bare CR as LF


def _data(report: Report) -> str:
    """The records for the script. JSON in ASCII without "<": nothing in it can end the element that holds it."""
    cuts = [[r.rule, r.label, r.evidence, r.end - r.start, r.round, list(r.also), list(r.paths)] for r in report.removals]
    spared = [[s.rule, s.label, s.evidence, s.end - s.start, s.why] for s in report.spared]
    return json.dumps({"cuts": cuts, "spared": spared}, separators=(",", ":")).replace("<", "\\u003c")


# --- around the text ----------------------------------------------------------------------------------


def _name(report: Report) -> tuple[str, str]:
    """The last part of the source's path, and the path if it says more."""
    source = report.source or ""
    last = re.split(r"[/\\]", source.rstrip("/\\"))[-1]
    return last or "Cleaned text", source if last != source else ""


def _head(cleaned: Cleaned) -> str:
    report = cleaned.report
    name, path = _name(report)
    before, after = len(report.original), len(cleaned.text)
    share = 100 * (before - after) / before if before else 0
    return "\n".join([
        f'<h1 dir="auto">{plain(name)}</h1>',
        f'<p class="path"><bdi>{plain(path)}</bdi></p>' if path else "",
        f'<p class="sizes"><span><b>{before:,}</b> characters before</span> <span><b>{after:,}</b> after</span> '
        f"<span><b>{share:.1f} %</b> cut</span> <span><b>{len(report.removals):,}</b> {_cuts(len(report.removals))}</span></p>",
        *(f'<p class="flag"><strong>{plain(flag)}</strong> {FLAGS.get(flag, "")}</p>' for flag in report.flags),
        _stamps(report),
    ])  # fmt: skip


def _cuts(number: int) -> str:
    return "cut" if number == 1 else "cuts"


def _stamps(report: Report) -> str:
    rows = "".join(_stamp(stamp) for stamp in normalised(report.timestamps))
    return f'<ul class="stamps" aria-label="Time stamps">{rows}</ul>' if rows else ""


def _stamp(stamp: Timestamp) -> str:
    known = f"<time>{plain(stamp.time)}</time>" if stamp.time else ""
    said = plain(" ".join(stamp.text.split()))
    fate = "kept" if stamp.kept else "cut"
    return f'<li><span>{plain(stamp.role)}</span> {known} <q dir="auto">{said}</q> <em>{fate}</em></li>'


def _strip(report: Report) -> str:
    """Where the cuts lie from the first to the last character, one bar each."""
    total = len(report.original) or 1
    return "".join(
        f'<rect x="{1000 * r.start / total:.1f}" width="{max(1.5, 1000 * (r.end - r.start) / total):.1f}" height="8" '
        f'data-c="{i}" data-l="{plain(r.label)}"/>'
        for i, r in enumerate(report.removals)
    )


def _legend(report: Report) -> str:
    numbers = Counter(removal.label for removal in report.removals)
    rows = (_legend_row(label, numbers[label], chars) for label, chars in report.by_label.items())
    return "".join(rows) or '<p class="none">Nothing was cut.</p>'


def _legend_row(label: str, number: int, chars: int) -> str:
    name, unit = plain(label), "char" if chars == 1 else "chars"
    return (
        f'<button type="button" aria-pressed="true" data-l="{name}"><i></i><bdi>{name}</bdi> '
        f'<b>{number:,}</b><span class="hush"> {_cuts(number)},</span> <small>{chars:,} {unit}</small></button>'
    )


def _about(report: Report) -> str:
    from newsclean import __version__

    facts: dict[str, Any] = {"encoding": report.encoding, **report.options}
    packs = [f"{name} {version}" for name, version in report.packs.items()]
    said = [f"newsclean {__version__}", *(f"{k}: {_listed(v)}" for k, v in facts.items()), f"packs: {_listed(packs)}"]
    return " · ".join(plain(fact) for fact in said)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


# --- the text -----------------------------------------------------------------------------------------


def _text(report: Report) -> str:
    return "".join(_paragraph(report, line) for line in _lines(report))


def _lines(report: Report) -> Iterator[list[_Piece]]:
    """The original as lines, each as its pieces."""
    line: list[_Piece] = []
    ends = set(_line_ends(report.original))
    for piece in _pieces(report, ends):
        line.append(piece)
        if piece.end in ends:
            yield line
            line = []


def _line_ends(text: str) -> Iterator[int]:
    end = 0
    for line in text.splitlines(keepends=True):
        end += len(line)
        yield end


def _pieces(report: Report, line_ends: set[int]) -> Iterator[_Piece]:
    """The original in stretches over which nothing changes. What was spared may overlap; what was cut does not."""
    records: list[Removal | Spared] = [*report.removals, *report.spared]
    edges = sorted({0, *line_ends, *(e for r in records for e in (r.start, r.end))})
    starts = [removal.start for removal in report.removals]
    waiting = sorted(range(len(report.spared)), key=lambda i: report.spared[i].start, reverse=True)
    here: list[int] = []
    for start, end in pairwise(edges):
        while waiting and report.spared[waiting[-1]].start <= start:
            here.append(waiting.pop())
        here = [i for i in here if report.spared[i].end > start]
        last = bisect_right(starts, start) - 1
        cut = last if last >= 0 and start < report.removals[last].end else None
        yield _Piece(start, end, cut, tuple(sorted(here)) if cut is None else ())


def _paragraph(report: Report, line: list[_Piece]) -> str:
    """One line of the text. Class k: none of it was cut; x: all of it that can be seen was; e: an empty line."""
    text = report.original
    if all(piece.cut is None for piece in line):
        kind = "k"
    else:
        kind = "" if any(p.cut is None and not text[p.start : p.end].isspace() for p in line) else "x"
    if text[line[0].start : line[-1].end].isspace():
        kind += " e"
    body = "".join(_marked(report, piece, wrap=kind[:1] != "k") for piece in line)
    return f'<p class="{kind}" dir="auto">{body}</p>' if kind else f'<p dir="auto">{body}</p>'


def _marked(report: Report, piece: _Piece, wrap: bool) -> str:
    text = report.original[piece.start : piece.end]
    if piece.cut is not None:
        return _cut(report.removals[piece.cut], piece, text)
    body = _spared(report, piece, _shown(text)) if piece.spared else _shown(text)
    return f'<span class="k">{body}</span>' if wrap else body


def _cut(removal: Removal, piece: _Piece, text: str) -> str:
    """A piece of a cut, tinted but for white space at its edges. The one with the first letter can be focused and
    stands for them all."""
    first = removal.start + len(removal.text) - len(removal.text.lstrip() or removal.text)
    seen = text.strip() or (text if removal.text.isspace() else "")
    before, _, behind = text.partition(seen) if seen else (text, "", "")
    role = f' id="c{piece.cut}" role="button" tabindex="0" aria-controls="panel"' if piece.start <= first < piece.end else ""
    body = f"<span{role}>{_shown(seen)}</span>" if seen else ""
    return f'<del data-c="{piece.cut}" data-l="{plain(removal.label)}">{_shown(before)}{body}{_shown(behind)}</del>'


def _spared(report: Report, piece: _Piece, body: str) -> str:
    """A piece of what was spared; one that begins something can be focused while the spared is shown."""
    begins = " f" if any(report.spared[i].start == piece.start for i in piece.spared) else ""
    numbers = " ".join(map(str, piece.spared))
    return f'<span class="s{begins}" data-s="{numbers}" data-l="{plain(report.spared[piece.spared[0]].label)}">{body}</span>'
