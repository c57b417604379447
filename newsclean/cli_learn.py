"""`newsclean learn`: what comes back on the articles of each site, as a rule pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsclean.cli_batch import (
    OUTPUT,
    RUNNING,
    Engine,
    Exclude,
    FailFast,
    FilesFrom,
    Follow,
    Hidden,
    HtmlField,
    IdField,
    Include,
    InputFormat,
    MaxErrors,
    Null,
    Places,
    QuietOption,
    RayAddress,
    SiteField,
    TextField,
    TitleField,
    UrlField,
    Verbose,
    Workers,
    check_engine,
    check_fields,
    cores,
    learned,
    name_list,
    wanted_inputs,
)  # fmt: skip
from newsclean.errors import InputError
from newsclean.options import SOME_FAILED, Encoding, Site

LINES = "Lines"
PackOut = Annotated[Path | None, typer.Option("--output", "-o", metavar="PACK", help="The pack to write, as site-pack.toml; with --update that one if not named.")]  # fmt: skip
Update = Annotated[Path | None, typer.Option("--update", metavar="PACK", help="Add to this pack: documents are added up, and what you changed in it (keep = true) stays.", rich_help_panel=OUTPUT)]  # fmt: skip
Counts = Annotated[Path | None, typer.Option("--counts", metavar="FILE", help="Keep all counts in this file (Parquet), and begin with those that are in it: then learning in parts finds what learning at once does.", rich_help_panel=OUTPUT)]  # fmt: skip
MinDocs = Annotated[int, typer.Option("--min-docs", min=2, metavar="N", help="A line has to stand on N documents of its site.", rich_help_panel=LINES)]  # fmt: skip
MinShare = Annotated[float, typer.Option("--min-share", metavar="SHARE", help="And on this share of them, unless it stands below such a line at the foot. Sentences and lines between paragraphs need more.", rich_help_panel=LINES)]  # fmt: skip
Memory = Annotated[str, typer.Option("--memory", metavar="SIZE", help="What the merge may take, as 500MB; beyond that it uses the disk.", rich_help_panel=RUNNING)]  # fmt: skip
Scratch = Annotated[Path | None, typer.Option("--scratch", metavar="DIR", help="Where counts and what does not fit into memory lie meanwhile: about as much as the texts take (default: the system's folder for such files).", rich_help_panel=RUNNING)]  # fmt: skip


def learn(
    places: Places = None, *, output: PackOut = None, update: Update = None, counts: Counts = None,
    min_docs: MinDocs = 3, min_share: MinShare = 0.1,
    files_from: FilesFrom = None, null: Null = False, input_format: InputFormat = None, include: Include = None,
    exclude: Exclude = None, hidden: Hidden = False, follow: Follow = False,
    text_field: TextField = None, html_field: HtmlField = None, title_field: TitleField = None, url_field: UrlField = None, site_field: SiteField = None,
    id_field: IdField = None, site: Site = None, encoding: Encoding = None,
    workers: Workers = 0, engine: Engine = "local", ray_address: RayAddress = None, memory: Memory = "1GB", scratch: Scratch = None,
    max_errors: MaxErrors = None, fail_fast: FailFast = False, quiet: QuietOption = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Learn the furniture of sites: lines that come back on their articles, in any language. Reads what batch reads.

    A document's site is the domain of its address, else what it names, else the folder it lies in. PACK is a rule pack to look
    through: a line of it for each line found, with its documents and samples; write keep = true into those that should stay. Needs
    `pip install 'newsclean[sites]'`.

    **Examples**

    - `newsclean learn raw/ -o site-pack.toml && newsclean batch raw/ -o clean/ --pack site-pack.toml`
    - `newsclean learn news.jsonl.gz -o site-pack.toml --site-field domain --min-docs 5`
    - `newsclean learn this-week/ --update site-pack.toml`
    - `newsclean learn crawl/*.parquet -o site-pack.toml --counts counts.parquet --memory 500MB --scratch /big/tmp`
    """
    from newsclean.batch.fields import Fields
    from newsclean.inputs import check_encoding
    from newsclean.learn.count import Counting
    from newsclean.learn.merge import Limits
    from newsclean.learn.run import Order

    target = output or update
    if target is None:
        raise InputError("name the pack to write: -o site-pack.toml, or --update PACK")
    if not 0 < min_share <= 1:
        raise InputError(f"--min-share is a share above 0 and up to 1, not {min_share}")
    check_encoding(encoding)
    check_fields(text_field, html_field)
    fields = Fields(html_field or text_field, title_field, url_field, site_field, id_field)
    check_engine(engine)
    threads = workers or cores()
    with name_list(files_from) as names:
        wanted = wanted_inputs(places, names, null, include, exclude, hidden, follow, input_format, "learn from")
        most = 0 if fail_fast else max_errors
        limits = Limits(min_docs, min_share, memory, threads)
        order = Order(
            wanted, target, Counting("", fields, encoding, site, bool(html_field)), limits, workers if engine == "ray" else threads,
            update, counts, scratch, most, engine=engine, address=ray_address,
        )  # fmt: skip
        outcome = learned(order, quiet, verbose)
    if outcome.tally.errors:
        raise typer.Exit(SOME_FAILED)
