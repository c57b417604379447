"""`newsclean clean`, and how the commands for single files read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsclean.errors import InputError, NewscleanError
from newsclean.options import PAGES, SOME_FAILED, Images, Settings, To, say, takes_settings

if TYPE_CHECKING:
    from newsclean.engine import Cleaner
    from newsclean.report import Cleaned

Files = Annotated[list[str] | None, typer.Argument(metavar="FILE|-", help="Texts, or web pages (.html, .htm, .xhtml, .mhtml); - or none is standard input.")]  # fmt: skip
InputFormat = Annotated[str | None, typer.Option("--input-format", metavar="FORMAT", help="text or html, whatever the names say.", rich_help_panel=PAGES)]  # fmt: skip


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
        each(names, lambda name: targets[name].put(_page_text(name, settings)))
        return
    cleaner = settings.cleaner()
    changed = []

    def work(name: str) -> None:
        cleaned = cleaned_of(cleaner, name, settings, input_format)
        if not check:
            targets[name].deliver(cleaned, rendered(cleaned, to, images))
        elif cleaned.report.removals:
            changed.append(name)
            say(f"{name}: would lose {len(cleaned.report.original) - len(cleaned.text):,} characters")

    each(names, work)
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


# --- the common way -------------------------------------------------------------------------------------


def cleaned_of(cleaner: Cleaner, name: str, settings: Settings, format: str | None) -> Cleaned:
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


def each(names: list[str], work: Callable[[str], None]) -> None:
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
