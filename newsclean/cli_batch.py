"""`newsclean batch` and `newsclean report`: whole collections."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsclean.errors import InputError
from newsclean.options import RULES, SOME_FAILED, Images, Settings, To, counted, say, takes_settings

if TYPE_CHECKING:
    from newsclean.batch.finding import Wanted
    from newsclean.batch.run import Order as BatchOrder
    from newsclean.batch.run import Outcome
    from newsclean.learn.run import Order as LearnOrder
    from newsclean.learn.run import Outcome as LearnOutcome
    from newsclean.rules import Pack

ENGINES = ("local", "ray")
INPUT, TABLES, OUTPUT, RUNNING = "Input", "Tables", "Output", "Running"

Places = Annotated[list[str] | None, typer.Argument(metavar="INPUT", help="Files, folders (at any depth) and patterns, as 'raw/**/*.jsonl.gz'.")]  # fmt: skip
Out = Annotated[str, typer.Option("--output", "-o", metavar="OUT", help="The directory for clean copies and the report.")]  # fmt: skip
FilesFrom = Annotated[str | None, typer.Option("--files-from", metavar="FILE|-", help="Read the files to clean from a list, a name a line.", rich_help_panel=INPUT)]  # fmt: skip
Null = Annotated[bool, typer.Option("--null", "-0", help="The names in that list end in NUL, as find -print0 writes them.", rich_help_panel=INPUT)]  # fmt: skip
InputFormat = Annotated[str | None, typer.Option("--input-format", metavar="FORMAT", help="text, html, jsonl, json, csv, parquet or warc, whatever the names say.", rich_help_panel=INPUT)]  # fmt: skip
Include = Annotated[list[str] | None, typer.Option("--include", metavar="GLOB", help="Of folders, only files like this (as in .gitignore). Repeatable.", rich_help_panel=INPUT)]  # fmt: skip
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Of folders, no files like this. Repeatable.", rich_help_panel=INPUT)]  # fmt: skip
Hidden = Annotated[bool, typer.Option("--hidden", help="Files and folders whose names begin with a dot, too.", rich_help_panel=INPUT)]  # fmt: skip
Follow = Annotated[bool, typer.Option("--follow", "-L", help="Follow symbolic links.", rich_help_panel=INPUT)]  # fmt: skip
TextField = Annotated[str | None, typer.Option("--text-field", metavar="FIELD", help="The text in a table; a.b is b in a. Guessed if not named.", rich_help_panel=TABLES)]  # fmt: skip
HtmlField = Annotated[str | None, typer.Option("--html-field", metavar="FIELD", help="The field that holds a web page; the text goes into the field 'text', or that of --text-out.", rich_help_panel=TABLES)]  # fmt: skip
TitleField = Annotated[str | None, typer.Option("--title-field", metavar="FIELD", help="The headline.", rich_help_panel=TABLES)]  # fmt: skip
UrlField = Annotated[str | None, typer.Option("--url-field", metavar="FIELD", help="The address.", rich_help_panel=TABLES)]  # fmt: skip
SiteField = Annotated[str | None, typer.Option("--site-field", metavar="FIELD", help="The site, as example.com.", rich_help_panel=TABLES)]  # fmt: skip
IdField = Annotated[str | None, typer.Option("--id-field", metavar="FIELD", help="What the report calls the document.", rich_help_panel=TABLES)]  # fmt: skip
TextOut = Annotated[str | None, typer.Option("--text-out", metavar="FIELD", help="Leave the text as it is, and put the clean one into this field.", rich_help_panel=TABLES)]  # fmt: skip
Columns = Annotated[bool, typer.Option("--columns", help="Add newsclean_removed_chars, newsclean_labels and newsclean_flags.", rich_help_panel=TABLES)]  # fmt: skip
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Write the report only.", rich_help_panel=OUTPUT)]  # fmt: skip
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N documents, in this process.", rich_help_panel=OUTPUT)]  # fmt: skip
Sample = Annotated[float | None, typer.Option("--sample", metavar="SHARE", help="Only this share of the documents, drawn by --seed.", rich_help_panel=OUTPUT)]  # fmt: skip
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The seed of --sample.", rich_help_panel=OUTPUT)]  # fmt: skip
Learn = Annotated[bool, typer.Option("--learn", help="First learn what comes back on the articles of each site (newsclean learn), and cut that as well. The pack is OUT/.newsclean/site-pack.toml.", rich_help_panel=RULES)]  # fmt: skip
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Begin anew in an OUT that has something in it.", rich_help_panel=OUTPUT)]  # fmt: skip
Workers = Annotated[int, typer.Option("--workers", "-j", min=0, metavar="N", help="Processes; 1 is this one, 0 (default) as many as there are cores.", rich_help_panel=RUNNING)]  # fmt: skip
Engine = Annotated[str, typer.Option("--engine", metavar="NAME", help="local (this machine, default) or ray (tasks on a Ray cluster).", rich_help_panel=RUNNING)]  # fmt: skip
RayAddress = Annotated[str | None, typer.Option("--ray-address", metavar="ADDRESS", envvar="RAY_ADDRESS", show_envvar=False, help="The cluster for --engine ray, as HOST:6379, or auto for the one this machine is in; default $RAY_ADDRESS, else one of its own.", rich_help_panel=RUNNING)]  # fmt: skip
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT: what is done and unchanged is left alone.", rich_help_panel=RUNNING)]  # fmt: skip
MaxErrors = Annotated[int | None, typer.Option("--max-errors", min=0, metavar="N", help="Stop when more than N documents could not be read.", rich_help_panel=RUNNING)]  # fmt: skip
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first of them.", rich_help_panel=RUNNING)]  # fmt: skip
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say errors only.", rich_help_panel=RUNNING)]  # fmt: skip
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="A plain line every second, instead of the bar.", rich_help_panel=RUNNING)]  # fmt: skip


@takes_settings
def batch(
    places: Places = None, *, output: Out,
    files_from: FilesFrom = None, null: Null = False, input_format: InputFormat = None, include: Include = None,
    exclude: Exclude = None, hidden: Hidden = False, follow: Follow = False,
    text_field: TextField = None, html_field: HtmlField = None, title_field: TitleField = None, url_field: UrlField = None, site_field: SiteField = None,
    id_field: IdField = None, text_out: TextOut = None, columns: Columns = False,
    to: To = "text", images: Images = False,
    dry_run: DryRun = False, limit: Limit = None, sample: Sample = None, seed: Seed = 0, overwrite: Overwrite = False,
    workers: Workers = 0, engine: Engine = "local", ray_address: RayAddress = None, resume: Resume = False, max_errors: MaxErrors = None, fail_fast: FailFast = False,
    quiet: QuietOption = False, verbose: Verbose = False, learn: Learn = False,
    settings: Settings,
) -> None:  # fmt: skip
    """Clean a collection: folders, tables (.jsonl, .json, .csv, .tsv, .parquet), pages and web archives, each also .gz or .zst.

    OUT gets a clean copy of every file, a table in its own format with the text cleaned in place, and `report.jsonl.zst`, a
    line for every document. A batch can be stopped (Ctrl-C) and taken up again with --resume. Exit code 3: all is done but for
    what could not be read, and `errors.jsonl` says what that was.

    **Examples**

    - `newsclean batch raw/ -o clean/`
    - `newsclean batch news.jsonl.gz -o clean/ --text-field maintext --columns`
    - `find crawl -name '*.warc.gz' -print0 | newsclean batch --files-from - -0 -o clean/ --resume`
    - `newsclean batch pages/ crawl.warc.gz -o clean/ --to markdown --profile body`
    - `newsclean batch crawl.jsonl -o clean/ --html-field html`
    - `newsclean batch /shared/raw/ -o /shared/clean/ --engine ray --ray-address auto`
    - `newsclean batch raw/ -o trial/ --sample 0.01 --dry-run && newsclean report trial/`
    - `newsclean batch raw/ -o clean/ --learn`
    """
    from newsclean.batch import progress, run
    from newsclean.batch.fields import Fields
    from newsclean.batch.job import Work
    from newsclean.inputs import check_encoding, check_rendering

    if sample is not None and not 0 < sample <= 1:
        raise InputError(f"--sample is a share above 0 and up to 1, not {sample}")
    if limit is not None and resume:
        raise InputError("--limit is for a trial: it cannot go with --resume")
    check_encoding(settings.encoding)
    check_rendering(to, images)
    check_fields(text_field, html_field)
    if settings.title or settings.url:
        raise InputError("--title and --url are of one document; a table has them in --title-field and --url-field")
    fields = Fields(html_field or text_field, title_field, url_field, site_field, id_field)
    check_engine(engine)
    if limit is not None and engine != "local":
        raise InputError("--limit is for a trial in this process: it cannot go with --engine ray")
    drawn = None if sample is None else (sample, seed)
    work = Work(
        output, fields, settings.encoding, text_out or ("text" if html_field else None), columns, dry_run, drawn,
        settings.site, bool(html_field), to, images,
    )  # fmt: skip
    with name_list(files_from) as names:
        wanted = wanted_inputs(places, names, null, include, exclude, hidden, follow, input_format)
        most = 0 if fail_fast else max_errors
        processes = workers if engine == "ray" else workers or cores()
        order = run.Order(wanted, work, processes, limit, most, resume, overwrite, engine, ray_address)
        cleaner = settings.cleaner(*([_learned_pack(order, quiet, verbose)] if learn else []))
        with run.Stop() as stop, progress.watcher(quiet, verbose) as watch:
            stop.told = lambda: watch.say("stopping: what is under way is being finished; once more stops at once")
            try:
                outcome = run.run(order, cleaner, watch, stop)
            except KeyboardInterrupt:
                watch.say(f"stopped at once; what is done is in {output}. The same command with --resume goes on")
                raise typer.Exit(128 + (stop.signal or signal.SIGINT)) from None
    _end(outcome, output, quiet)


def check_engine(name: str) -> None:
    if name not in ENGINES:
        raise InputError(f"unknown engine '{name}'; known: {', '.join(ENGINES)}")


def check_fields(text_field: str | None, html_field: str | None) -> None:
    if html_field and text_field:
        raise InputError("--html-field and --text-field exclude each other: which of them is the document?")


def _learned_pack(order: BatchOrder, quiet: bool, verbose: bool) -> Pack:
    """What the inputs of a batch teach. A batch that is taken up again goes on with what it learned."""
    from newsclean.batch.places import is_url
    from newsclean.batch.state import State
    from newsclean.learn.count import Counting
    from newsclean.learn.merge import Limits
    from newsclean.learn.run import Order
    from newsclean.loading import load_pack

    work = order.work
    if is_url(work.out):
        raise InputError("--learn needs OUT on a disk; learn a pack with newsclean learn, and give it with --pack")
    path = work.state("site-pack.toml")
    begun = State(work).refuse(order.resume, order.overwrite)
    if begun is None or order.overwrite or not path.exists():
        counting = Counting("", work.fields, work.encoding, work.site, work.html)
        limits = Limits(threads=order.workers or cores())
        outcome = learned(
            Order(
                order.wanted,
                path,
                counting,
                limits,
                order.workers,
                max_errors=order.max_errors,
                batch=Path(work.out),
                engine=order.engine,
                address=order.address,
            ),
            quiet,
            verbose,
        )
        if outcome.too_many_errors:
            raise typer.Exit(SOME_FAILED)
    return load_pack(path)


def learned(order: LearnOrder, quiet: bool, verbose: bool) -> LearnOutcome:
    """Learn, and say how it goes."""
    from newsclean.batch import progress, run
    from newsclean.learn.run import learn

    with run.Stop() as stop, progress.watcher(quiet, verbose, cuts=False) as watch:
        stop.told = lambda: watch.say("stopping; nothing is written")
        outcome = learn(order, watch, stop)
    if outcome.stopped is not None:
        raise typer.Exit(128 + outcome.stopped)
    if outcome.too_many_errors:
        say(f"stopped after {counted(outcome.tally.errors, 'error')}; nothing is written")
    elif not quiet:
        read = f"{counted(outcome.tally.documents, 'document')}, {outcome.copies:,} near copies left out"
        say(f"{read}; {counted(outcome.lines, 'line')} of {counted(outcome.sites, 'site')}, in {order.out}")
    return outcome


def cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


@contextmanager
def name_list(files_from: str | None) -> Iterator[str | None]:
    """The list of names as a file that can be read twice."""
    if files_from is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(prefix="newsclean-") as file:
        try:
            with nullcontext(sys.stdin.buffer) if files_from == "-" else open(files_from, "rb") as names:
                shutil.copyfileobj(names, file)
        except OSError as error:
            raise InputError(f"{files_from}: cannot read: {error.strerror or error}") from None
        file.flush()
        yield file.name


def wanted_inputs(
    places: list[str] | None, listed: str | None, null: bool, include: list[str] | None, exclude: list[str] | None,
    hidden: bool, follow: bool, format: str | None, to_do: str = "clean",
) -> Wanted:  # fmt: skip
    from newsclean.batch.finding import Wanted
    from newsclean.batch.formats import FORMATS

    if not places and not listed:
        raise InputError(f"nothing to {to_do}: name files or folders, or --files-from")
    if null and not listed:
        raise InputError("--null is for the list of --files-from")
    if format is not None and format not in FORMATS:
        raise InputError(f"unknown input format '{format}'; known: {', '.join(FORMATS)}")
    ender = "\0" if null else "\n"
    return Wanted(tuple(places or ()), listed, ender, tuple(include or ()), tuple(exclude or ()), hidden, follow, format)


def _end(outcome: Outcome, output: str, quiet: bool) -> None:
    """The summary, and the exit code that goes with it."""
    from rich.console import Console

    from newsclean.batch.progress import summary

    if not quiet:
        screen = Console(stderr=True, highlight=False, markup=False, emoji=False, width=None if sys.stderr.isatty() else 100)
        for part in summary(outcome.tally):
            screen.print(part, soft_wrap=not screen.is_terminal)
        if outcome.skipped:
            say(f"{outcome.skipped:,} of {outcome.shards:,} portions were done before")
    if outcome.stopped is not None:
        say(f"stopped; what is done is in {output}. The same command with --resume goes on")
        raise typer.Exit(128 + outcome.stopped)
    if outcome.too_many_errors:
        say(f"stopped after {counted(outcome.tally.errors, 'error')}; the same command with --resume goes on")
    if outcome.tally.errors:
        raise typer.Exit(SOME_FAILED)


def report(
    run: Annotated[str | None, typer.Argument(metavar="OUT", help="The directory of a batch.")] = None, *,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one page to look at: totals, bars, search, every document's diff.")] = None,
    compare: Annotated[tuple[str, str] | None, typer.Option("--compare", metavar="OLD NEW", help="What changed between two batches, by rule; exit code 1 if anything did.")] = None,
    samples: Annotated[int, typer.Option("--samples", min=0, metavar="N", help="Lines shown of each rule by --compare.")] = 3,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Page long output on a terminal, through $PAGER or less.")] = True,
) -> None:  # fmt: skip
    """Read what a batch did: the summary, a page of HTML, or what changed between two batches.

    **Examples**

    - `newsclean report clean/`
    - `newsclean report clean/ --html report.html`
    - `newsclean report --compare clean-1.2/ clean-1.3/`
    """
    from newsclean import screen
    from newsclean.batch import compare as comparing
    from newsclean.batch import progress
    from newsclean.batch.results import Results

    if (run is None) == (compare is None):
        raise InputError("name the OUT of a batch, or two with --compare OLD NEW")
    if compare is not None and html is not None:
        raise InputError("--html is a page on one batch: it cannot go with --compare")
    if compare is not None:
        found = comparing.compare(Results(compare[0]), Results(compare[1]))
        screen.show(comparing.shown(found, samples), pager)
        raise typer.Exit(1 if found.changed else 0)
    results = Results(run or "")
    if html is None:
        screen.show(progress.summary(results.tally()), pager)
    else:
        results.write_page(html)
