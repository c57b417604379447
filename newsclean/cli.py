"""The command line: parse, call, print, exit code. What happens happens elsewhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsclean.cli_batch import SOME_FAILED, batch, report
from newsclean.cli_learn import learn
from newsclean.cli_rules import rules_app
from newsclean.errors import InputError, NewscleanError, RestoreError
from newsclean.options import PAGES, Images, Settings, To, say, takes_settings

if TYPE_CHECKING:
    from newsclean.engine import Cleaner
    from newsclean.report import Cleaned

# What --help says; docs/cli.md and the README have the same table.
EXIT_CODES = """
**Exit codes**: 0 fine; 1 `clean --check` would cut something, `rules test` failed, or `report --compare` found a change;
2 wrong usage, rule pack, configuration, input or report, or a disk that is full; 3 some of several files or documents failed;
130 interrupted; 143 terminated; 141 the reader of the pipe went away.
"""

app = typer.Typer(
    name="newsclean",
    help="Take the furniture out of scraped news (paywall blurbs, promos, share bars, doubled timestamps), and account "
    "for every character.\n\n" + EXIT_CODES,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(rules_app, name="rules")
app.command()(batch)
app.command()(report)
app.command()(learn)


def _version(wanted: bool) -> None:
    if wanted:
        from newsclean import __version__

        print(f"newsclean {__version__}")
        raise typer.Exit


@app.callback()
def _newsclean(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version.", callback=_version, is_eager=True)] = False,
) -> None:
    pass


Files = Annotated[list[str] | None, typer.Argument(metavar="FILE|-", help="Texts, or web pages (.html, .htm, .xhtml, .mhtml); - or none is standard input.")]  # fmt: skip
InputFormat = Annotated[str | None, typer.Option("--input-format", metavar="FORMAT", help="text or html, whatever the names say.", rich_help_panel=PAGES)]  # fmt: skip


@app.command()
@takes_settings
def clean(
    files: Files = None,
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the clean files into this directory.")] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Clean the files themselves; needs --report, so that nothing is lost.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; name the files that would lose something, and exit with 1 if there are any.")] = False,
    report: Annotated[str | None, typer.Option("--report", metavar="FILE|-", help="Write the report here; - is standard output, which then does not get the text. For several files a directory.")] = None,
    report_format: Annotated[str, typer.Option("--report-format", metavar="FORMAT", help="json, diff (for patch -R) or html (one page, to look at).")] = "json",
    input_format: InputFormat = None,
    to: To = "text",
    images: Images = False,
    extract_only: Annotated[bool, typer.Option("--extract-only", help="All text of a page, in reading order, and nothing cut: what its report and restore speak of.", rich_help_panel=PAGES)] = False,
    settings: Settings,
) -> None:  # fmt: skip
    """Clean articles. The text goes to standard output, or into files.

    Of a web page the article is found first; its report speaks of the page's whole text, and names the elements.

    **Examples**

    - `newsclean clean article.txt > clean.txt`
    - `curl -s https://example.com/a.txt | newsclean clean | wc -w`
    - `newsclean clean raw/*.txt --output clean --report reports`
    - `newsclean clean raw/*.txt --in-place --report reports`
    - `newsclean clean article.txt --report - --report-format html > report.html`
    - `newsclean clean page.html --to markdown > page.md`
    - `curl -s https://example.com/ | newsclean clean --input-format html --url https://example.com/`
    """
    from newsclean.inputs import copy_name, is_page
    from newsclean.outputs import plan, rendered

    names = list(files or ["-"])
    pages = [name for name in names if is_page(name, input_format)]
    _check_rendering(to, images, names, pages, extract_only)
    if check and (output or in_place):
        raise InputError("--check writes nothing: it cannot go with --output or --in-place")
    if extract_only and (check or report or to != "text"):
        raise InputError("--extract-only cuts nothing: it cannot go with --check, --report or --to")
    copies = {name: copy_name(name, to) for name in pages}
    targets = {} if check else {t.name: t for t in plan(names, output, in_place, report, report_format, copies)}
    if extract_only:
        _each(names, lambda name: targets[name].put(_page_text(name, settings)))
        return
    cleaner = settings.cleaner()
    changed = []

    def work(name: str) -> None:
        cleaned = _cleaned(cleaner, name, settings, input_format)
        if not check:
            targets[name].deliver(cleaned, rendered(cleaned, to, images))
        elif cleaned.report.removals:
            changed.append(name)
            say(f"{name}: would lose {len(cleaned.report.original) - len(cleaned.text):,} characters")

    _each(names, work)
    if changed:
        raise typer.Exit(1)


def _check_rendering(to: str, images: bool, names: list[str], pages: list[str], extract_only: bool) -> None:
    from newsclean.inputs import check_rendering

    check_rendering(to, images)
    if (to != "text" or extract_only) and (texts := [name for name in names if name not in pages]):
        option, name = "--extract-only" if extract_only else f"--to {to}", "standard input" if texts[0] == "-" else texts[0]
        raise InputError(f"{name}: {option} is for pages; if this is one, say --input-format html")


def _page_text(name: str, settings: Settings) -> str:
    from newsclean.html import extract
    from newsclean.inputs import check_encoding, markup, read_bytes

    return extract(markup(read_bytes(name), name), check_encoding(settings.encoding)).text


@app.command()
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
        cleaned = _cleaned(cleaner, name, settings, input_format)
        if patch:
            sys.stdout.buffer.write(diff_report(cleaned))
            sys.stdout.buffer.flush()
        else:
            shown = "standard input" if name == "-" else name
            parts.extend([*([""] if parts else []), *terminal.diff(cleaned, shown, style, context, spared)])

    try:
        _each(list(files or ["-"]), work)
    finally:
        if parts:
            screen.show(parts, pager)  # type: ignore[arg-type]


@app.command()
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
        from newsclean.batch.progress import counted
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


@app.command()
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
    found = explained(_cleaned(settings.cleaner(), name, settings, input_format), line)
    if line is not None and not found:
        raise InputError(f"{name}: line {line} is blank, or not in the file")
    wanted = [e for e in found if line is not None or every or e.removals or e.spared]
    screen.show(screen.explanation(wanted, len(found) - len(wanted)), pager)


def _place(place: str) -> tuple[str, int | None]:
    name, colon, line = place.rpartition(":")
    if colon and line.isdigit() and not os.path.exists(place):
        return name, int(line)
    return place, None


# --- the common way -------------------------------------------------------------------------------------


def _cleaned(cleaner: Cleaner, name: str, settings: Settings, format: str | None) -> Cleaned:
    from newsclean.inputs import check_encoding, is_page, looks_like_page, markup, read, read_bytes

    if is_page(name, format):
        from newsclean.html import clean_html

        return clean_html(
            markup(read_bytes(name), name), cleaner, **settings.known, source=name, charset=check_encoding(settings.encoding)
        )
    source = read(name, settings.encoding)
    if format is None and looks_like_page(source.text):
        say(
            f"{'standard input' if name == '-' else name}: looks like a web page, and is read as text; --input-format html reads it"
        )
    return cleaner.clean(source.text, **settings.known, source=name, encoding=source.encoding)


def _each(names: list[str], work: Callable[[str], None]) -> None:
    """`work` for each file. Where there are several, one that fails is told and does not keep the others from being done."""
    failed = 0
    for name in names:
        try:
            work(name)
        except NewscleanError as error:
            if len(names) == 1:
                raise
            say(str(error))
            failed += 1
    if failed:
        raise typer.Exit(SOME_FAILED)


def main() -> None:
    """Run the command line. What a user can mend is one line on standard error; a crash of ours shows its traceback."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # closed by whoever started us
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if hasattr(signal, "SIGPIPE"):  # a reader that goes away ends us as it ends other filters: at once, without a word
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        app()
    except NewscleanError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # where a command has to ignore the signal
        sys.exit(128 + signal.SIGPIPE)
