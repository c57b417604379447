"""Where clean texts and reports go: planned before the first file is read, so that a wrong plan writes nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsclean.errors import InputError
from newsclean.inputs import STDIN, write, write_text
from newsclean.report import Cleaned, encode


def json_report(cleaned: Cleaned) -> bytes:
    return (json.dumps(cleaned.report.to_dict(), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")


def diff_report(cleaned: Cleaned) -> bytes:
    """A unified diff in the encoding of the file, as patch needs it."""
    from newsclean.diffs import unified

    return encode(unified(cleaned, cleaned.report.source or "article"), cleaned.report.encoding)


def html_report(cleaned: Cleaned) -> bytes:
    from newsclean.page import page

    return page(cleaned).encode("utf-8")


REPORTS: dict[str, Callable[[Cleaned], bytes]] = {"json": json_report, "diff": diff_report, "html": html_report}


def rendered(cleaned: Cleaned, to: str, images: bool) -> str:
    """The clean text, or what is to be made of a page: text, markdown or html."""
    if to == "text":
        return cleaned.text
    from newsclean.html import RENDERERS, CleanedPage

    return RENDERERS[to](cleaned, images) if isinstance(cleaned, CleanedPage) else cleaned.text


@dataclass(frozen=True, slots=True)
class Target:
    """One input and where it goes. `text` and `report` are paths, "-" for standard output, None for nowhere."""

    name: str
    text: str | None
    report: str | None
    report_format: str = "json"

    def deliver(self, cleaned: Cleaned, product: str | None = None) -> None:
        """Write the report, then the text, or what was made of it: where writing stops in between, nothing is lost."""
        if self.report:
            _put(self.report, REPORTS[self.report_format](cleaned))
        self.put(cleaned.text if product is None else product, cleaned.report.encoding)

    def put(self, text: str, encoding: str = "utf-8") -> None:
        """Write a text where the clean text goes."""
        if self.text == STDIN:
            _put(self.text, encode(text, encoding))
        elif self.text:
            write_text(self.text, text, encoding)


def _put(place: str, data: bytes) -> None:
    if place == STDIN:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write(place, data)


def plan(
    names: Sequence[str], folder: Path | None, in_place: bool, report: str | None, report_format: str,
    copies: Mapping[str, str] | None = None,
) -> list[Target]:  # fmt: skip
    """A target for each input. `copies`: names of copies that are not called like their originals. Raises InputError where the
    options do not go together, or two files would be one."""
    if report_format not in REPORTS:
        raise InputError(f"unknown report format '{report_format}'; known: {', '.join(REPORTS)}")
    if in_place and folder:
        raise InputError("--in-place and --output exclude each other")
    if in_place and (not report or report == STDIN):
        raise InputError("--in-place needs --report FILE (a directory for several files), so that nothing is lost")
    if in_place and report_format == "html":
        raise InputError("--in-place needs a report that can be restored from: --report-format json or diff")
    if STDIN in names and (in_place or folder):
        raise InputError("standard input has no file name: it cannot go with --in-place or --output")
    if len(names) > 1 and not (folder or in_place):
        raise InputError("several files need --output DIR or --in-place; newsclean diff shows them all")
    if len(names) > 1 and report == STDIN:
        raise InputError("several files need a directory for their reports: --report DIR")
    if in_place and copies:
        raise InputError(
            f"{next(iter(copies))}: is a page, and its clean text is none: --in-place is for texts; use --output DIR"
        )
    texts = _texts([(copies or {}).get(name, name) for name in names], folder, in_place, report)
    reports = _reports(names, report, report_format)
    _refuse_clashes([*texts, *reports])
    _make_folders(folder, report, reports)
    return [Target(n, t, r, report_format) for n, t, r in zip(names, texts, reports, strict=True)]


def _texts(names: Sequence[str], folder: Path | None, in_place: bool, report: str | None) -> list[str | None]:
    if in_place:
        return list(names)
    if folder:
        return [str(folder / Path(name).name) for name in names]
    return [None if report == STDIN else STDIN for _ in names]


def _reports(names: Sequence[str], report: str | None, report_format: str) -> list[str | None]:
    if report is None or report == STDIN:
        return [report] * len(names)
    if len(names) > 1 or report.endswith("/") or Path(report).is_dir():
        return [str(Path(report) / f"{Path(name).name if name != STDIN else 'stdin'}.{report_format}") for name in names]
    return [report]


def _refuse_clashes(places: Sequence[str | None]) -> None:
    counts = Counter(str(Path(place).resolve()) for place in places if place and place != STDIN)
    for place, count in counts.items():
        if count > 1:
            raise InputError(f"{place}: two files would be written here; clean them into different directories")


def _make_folders(folder: Path | None, report: str | None, reports: Sequence[str | None]) -> None:
    wanted = [folder] if folder else []
    if report and reports[:1] != [report]:
        wanted.append(Path(report))
    for path in wanted:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path}: cannot make this directory: {error.strerror or error}") from None
