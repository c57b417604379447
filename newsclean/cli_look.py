"""`newsclean diff`, `newsclean explain`: look at what would go, and why. `newsclean restore`: have it back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from newsclean.cli_clean import Files, InputFormat, cleaned_of, each
from newsclean.errors import InputError, RestoreError
from newsclean.options import Settings, counted, say, takes_settings


@takes_settings
def diff(
    files: Files = None,
    *,
    input_format: InputFormat = None,
    style: Annotated[str, typer.Option("--style", metavar="STYLE", help="unified, inline or side-by-side.")] = "unified",
    context: Annotated[int, typer.Option("--context", "-C", min=0, metavar="N", help="Lines shown around a cut.")] = 2,
    spared: Annotated[bool, typer.Option("--all", "-a", help="Show what was spared as well, and why.")] = False,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Page long output on a terminal, through $PAGER or less.")] = True,
    settings: Settings,
) -> None:  # fmt: skip
    """Show what would go, with label and rule of every cut. Writes nothing.

    On a terminal in colour; in a pipe, unified is a plain diff that `patch -R` takes.

    **Examples**

    - `newsclean diff article.txt`
    - `newsclean diff --style side-by-side --all article.txt`
    - `newsclean diff article.txt > article.diff`
    - `newsclean diff --profile body page.html`
    """
    from newsclean import screen, terminal
    from newsclean.outputs import diff_report

    if style not in terminal.STYLES:
        raise InputError(f"unknown style '{style}'; known: {', '.join(terminal.STYLES)}")
    cleaner = settings.cleaner()
    patch = style == "unified" and not spared and not screen.console().is_terminal
    parts: list[object] = []

    def work(name: str) -> None:
        cleaned = cleaned_of(cleaner, name, settings, input_format)
        if patch:
            sys.stdout.buffer.write(diff_report(cleaned))
            sys.stdout.buffer.flush()
        else:
            shown = "standard input" if name == "-" else name
            parts.extend([*([""] if parts else []), *terminal.diff(cleaned, shown, style, context, spared)])

    try:
        each(list(files or ["-"]), work)
    finally:
        if parts:
            screen.show(parts, pager)  # type: ignore[arg-type]


@takes_settings
def explain(
    place: Annotated[str, typer.Argument(metavar="FILE[:LINE]", help="A text or a page, - for standard input, and perhaps the number of a line (of a page's text, as --extract-only gives it).")],
    *,
    input_format: InputFormat = None,
    every: Annotated[bool, typer.Option("--all", "-a", help="Every line, those too that no rule has anything to say about.")] = False,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Page long output on a terminal, through $PAGER or less.")] = True,
    settings: Settings,
) -> None:  # fmt: skip
    """Say why lines stayed or went: every rule that fits, its evidence, and what spoke against it.

    **Examples**

    - `newsclean explain article.txt`
    - `newsclean explain article.txt:14`
    - `newsclean explain --all --profile corpus article.txt`
    """
    from newsclean import screen
    from newsclean.explain import explain as explained

    name, line = _place(place)
    found = explained(cleaned_of(settings.cleaner(), name, settings, input_format), line)
    if line is not None and not found:
        raise InputError(f"{name}: line {line} is blank, or not in the file")
    wanted = [e for e in found if line is not None or every or e.removals or e.spared]
    screen.show(screen.explanation(wanted, len(found) - len(wanted)), pager)


def _place(place: str) -> tuple[str, int | None]:
    name, colon, line = place.rpartition(":")
    if colon and line.isdigit() and not os.path.exists(place):
        return name, int(line)
    return place, None


def restore(
    files: Annotated[list[str] | None, typer.Argument(metavar="CLEAN REPORT", help="The clean text (- is standard input) and its JSON report; with --from the files to restore, all if none is named.")] = None,
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE|DIR", help="Write the original here, not to standard output; with --from a directory.")] = None,
    batch: Annotated[str | None, typer.Option("--from", metavar="OUT", help="Restore what a batch cleaned into OUT, verified by the digests of its inputs.")] = None,
) -> None:  # fmt: skip
    """Give the original back, byte for byte, from the clean text and its report.

    Refuses (exit code 2) if either was edited.

    **Examples**

    - `newsclean restore clean.txt report.json > article.txt`
    - `newsclean restore article.txt reports/article.txt.json --output article.txt`
    - `newsclean restore --from clean/ --output raw-again/`
    """
    if batch is not None:
        if output is None:
            raise InputError("--from needs --output DIR")
        from newsclean.batch.results import Results

        say(f"{counted(Results(batch).restore(output, files or ()), 'file')} restored and verified")
    elif files is None or len(files) != 2:
        raise InputError("restore takes a clean text and its report: newsclean restore CLEAN REPORT; or --from OUT")
    else:
        _restore(files[0], files[1], output)


def _restore(clean: str, report: str, output: Path | None) -> None:
    from newsclean.inputs import read, write_text
    from newsclean.report import encode, parse_report
    from newsclean.report import restore as give_back

    data = parse_report(read(report, "utf-8").text, report)
    try:
        text = give_back(read(clean, str(data["encoding"])).text, data)
    except RestoreError as error:
        raise RestoreError(f"{clean}, {report}: {error}") from None
    if output:
        write_text(output, text, data["encoding"])
    else:
        sys.stdout.buffer.write(encode(text, data["encoding"]))
        sys.stdout.buffer.flush()
