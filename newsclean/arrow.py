"""Arrow tables in, Arrow tables out: one function for all engines that hold columns (extra `arrow`).

    clean_table(table, Options(text="maintext")) -> the table with five more columns
    output_schema(table.schema, options)         -> what that will have, for engines that ask before

It keeps no state but the compiled rules, once a process; so it can be sent to any worker by its name. docs/scale.md shows it in
Ray, Spark, Dask, Daft, DuckDB and Polars.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsclean.batch.job import COLUMNS
from newsclean.batch.parquet import column
from newsclean.engine import Cleaner
from newsclean.errors import ConfigError, InputError
from newsclean.loading import load_pack
from newsclean.policy import Policy
from newsclean.report import Cleaned

if TYPE_CHECKING:
    import pyarrow

TEXT_OUT, REPORT = "newsclean_text", "newsclean_report"
SAME_FOR_ALL = ("source", "packs", "options")  # of a report, what no row needs to repeat


@dataclass(frozen=True, slots=True)
class Options:
    """What to clean, and how. Can be pickled, compared and hashed.

    `text`: the column of the texts; `title`, `site`, `url`: columns of what is known of each, dotted paths into structs;
    `text_out`: the column for clean texts, `text` itself to replace them; `report`: whether a column gets each document's
    report as JSON; `policy`: what goes and stays; `packs`: paths of packs besides, read once in each process.
    """

    text: str = "text"
    title: str | None = None
    site: str | None = None
    url: str | None = None
    text_out: str = TEXT_OUT
    report: bool = True
    policy: Policy = field(default_factory=Policy)
    packs: tuple[str, ...] = ()

    @property
    def added(self) -> tuple[str, ...]:
        """The columns that a table gets besides: the clean text, characters removed, labels, flags, the report."""
        clean = () if self.text_out == self.text else (self.text_out,)
        return (*clean, *COLUMNS, *((REPORT,) if self.report else ()))


PLAIN = Options()


def clean_table(table: pyarrow.Table | pyarrow.RecordBatch, options: Options = PLAIN) -> pyarrow.Table:
    """The table, all its columns and rows in their order, with what `Options.added` names: `newsclean_text`,
    `newsclean_removed_chars` (int64, code points), `newsclean_labels` and `newsclean_flags` (separated by blanks, most
    characters first) and `newsclean_report` (JSON; with the clean text it gives the original back, by `newsclean.restore`).

    The texts may be string, large_string, string_view, or a dictionary of these, in any chunks; a null stays null in all
    columns. Raises InputError where a column is not there, is no text, or stands already; ConfigError without pyarrow,
    and PackError or ConfigError as `Cleaner` and `load_pack` do.
    """
    pa = _pyarrow()
    schema = output_schema(table.schema, options)
    batches = table.to_batches() if isinstance(table, pa.Table) else [table]
    cleaned = [_cleaned(pa, batch, schema, options) for batch in batches if batch.num_rows]
    return pa.concat_tables(cleaned) if cleaned else schema.empty_table()


def output_schema(schema: pyarrow.Schema, options: Options = PLAIN) -> pyarrow.Schema:
    """The schema that `clean_table` gives a table of `schema`. Raises InputError as it does."""
    pa = _pyarrow()
    _check(pa, schema, options)
    if options.text_out == options.text:
        at = schema.get_field_index(options.text)
        schema = schema.set(at, schema.field(at).with_type(_text_type(pa, schema.field(at).type)))
    for name in options.added:
        schema = schema.append(pa.field(name, pa.int64() if name == COLUMNS[0] else pa.string()))
    return schema


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise ConfigError("Arrow tables need an extra: pip install 'newsclean[arrow]'") from None
    return pyarrow


def _check(pa: Any, schema: Any, options: Options) -> None:
    names = schema.names
    if names.count(options.text) != 1:
        there = "several columns" if options.text in names else "no column"
        raise InputError(f"{there} '{options.text}'; name that of the texts in Options(text=...), one of: {', '.join(names)}")
    kind = schema.field(options.text).type
    if not _is_text(pa, kind):
        raise InputError(f"column '{options.text}' is {kind}, and no text")
    for path in (options.title, options.site, options.url):
        if path is not None and path not in names and path.partition(".")[0] not in names:
            raise InputError(f"no column '{path}', one of: {', '.join(names)}")
    if clash := [name for name in options.added if name in names]:
        raise InputError(f"there is a column '{clash[0]}' already; drop it, or name another in Options(text_out=...)")


def _is_text(pa: Any, kind: Any) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return inner in (pa.string(), pa.large_string(), pa.string_view(), pa.null())


def _text_type(pa: Any, kind: Any) -> Any:
    """What replaced texts are: as before, but no dictionary, since they differ."""
    return kind if kind in (pa.string(), pa.large_string(), pa.string_view()) else pa.string()


def _cleaned(pa: Any, batch: Any, schema: Any, options: Options) -> Any:
    """One chunk. Columns of a table and not of a batch, since texts may be more than one array holds."""
    names = (options.text_out, *COLUMNS, REPORT)
    found = dict(zip(names, zip(*_rows(batch, options), strict=True), strict=True))
    arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
    columns = [pa.array(found[f.name], f.type) if f.name in found else arrays[f.name] for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _rows(batch: Any, options: Options) -> Iterator[tuple[Any, ...]]:
    """For each row the clean text, characters removed, labels, flags, report."""
    cleaner = _cleaner(options.policy, options.packs)
    paths = (options.title, options.site, options.url)
    try:
        texts = column(batch, options.text)
        knowns = [column(batch, path) if path else [None] * batch.num_rows for path in paths]
    except UnicodeDecodeError as error:
        raise InputError(f"column '{options.text}' or what is known of it is not UTF-8: {error.reason}") from None
    for text, *known in zip(texts, *knowns, strict=True):
        if text is None:
            yield (None,) * 5
            continue
        title, site, url = (value if isinstance(value, str) and value else None for value in known)
        cleaned = cleaner.clean(text, title, site, url)
        report = cleaned.report
        labels, flags = " ".join(report.by_label), " ".join(report.flags)
        yield cleaned.text, len(text) - len(cleaned.text), labels, flags, _json(cleaned) if options.report else None


def _json(cleaned: Cleaned) -> str:
    report = cleaned.report.to_dict()
    return json.dumps({key: value for key, value in report.items() if key not in SAME_FOR_ALL}, ensure_ascii=False)


@lru_cache(maxsize=8)
def _cleaner(policy: Policy, packs: tuple[str, ...]) -> Cleaner:
    return Cleaner(policy, extra=[load_pack(path) for path in packs])
