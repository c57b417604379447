"""Parquet tables, read and written in batches by pyarrow (extra `parquet`). Row groups are what can be sliced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from newsclean.batch.fields import SAMPLE, texts_of
from newsclean.batch.places import is_url, opening
from newsclean.errors import ConfigError, InputError

if TYPE_CHECKING:
    from newsclean.batch.files import File
    from newsclean.html import Extracted


BATCH = 512  # rows read at a time
GROUP_BYTES = 64 << 20  # rows of about so many bytes are written as one group
COLUMN_TYPES = {"newsclean_removed_chars": "int64"}  # of added columns; the others are strings


def _pyarrow(name: str) -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise ConfigError(f"{name}: Parquet needs an extra: pip install 'newsclean[parquet]'") from None
    return pyarrow


@dataclass(slots=True)
class ParquetRow:
    """Row `index` of `batch`. `raw` stands for what has to come back: the text, since a Parquet file's bytes cannot."""

    batch: Any
    index: int
    fields: Any
    number: int
    text: str | None
    known: dict[str, str | None]
    problem: str | None = None
    page: Extracted | None = None

    @property
    def raw(self) -> bytes:
        return text_bytes(self.text)

    def style(self) -> Any:
        return None

    def put(self, text: str | None, add: Mapping[str, Any], drop: Sequence[str] = (), style: Any = None) -> bytes:
        return text_bytes(text)


def text_bytes(text: str | None) -> bytes:
    return b"\0" if text is None else text.encode("utf-8", "surrogatepass") + b"\n"


def opened(path: str | Path, name: str) -> Any:
    """The ParquetFile at `path`. Raises InputError where it is none."""
    pyarrow = _pyarrow(name)
    try:
        return pyarrow.parquet.ParquetFile(opening(path) if is_url(path) else path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{name}: no Parquet file that can be read: {_line(error)}") from None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def rows(file: File) -> Iterator[ParquetRow]:
    """The rows of the row groups from `file.start` to `file.stop`."""
    pyarrow = _pyarrow(file.name)
    table = opened(file.path, file.name)
    names = table.schema_arrow.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{file.name}: several columns are called '{twice[0]}'")
    groups = range(file.start, table.num_row_groups if file.stop is None else file.stop)
    number = 0
    try:
        with table:
            for batch in table.iter_batches(BATCH, row_groups=list(groups)):
                fields = file.fields or file.choose(_samples(pyarrow, batch.slice(0, SAMPLE)))
                texts = column(batch, fields.text or "")
                knowns = _knowns(batch, fields)
                for index, text in enumerate(texts):
                    number += 1
                    text = text if isinstance(text, str) else None
                    yield ParquetRow(batch, index, fields, number, text, knowns[index])
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file.name}: breaks off after row {number}: {_line(error)}") from None


def _samples(pyarrow: Any, batch: Any) -> list[dict[str, Any]]:
    """The first records, of the columns that may hold what is looked for: others may have values that Python has not."""
    kinds = pyarrow.types
    rows: list[dict[str, Any]] = [{} for _ in range(batch.num_rows)]
    for field, values in zip(batch.schema, batch.columns, strict=True):
        kind = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        if kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind) or kinds.is_integer(kind):
            found = values.to_pylist()
        elif kinds.is_struct(kind):
            found = _structs(pyarrow, values)
        else:
            found = [True] * batch.num_rows  # there, and no text
        for row, value in zip(rows, found, strict=True):
            row[field.name] = value
    return rows


def _structs(pyarrow: Any, values: Any) -> list[Any]:
    inner = pyarrow.record_batch([values.field(i) for i in range(values.type.num_fields)], names=[f.name for f in values.type])
    there = values.is_valid().to_pylist()
    return [row if valid else None for row, valid in zip(_samples(pyarrow, inner), there, strict=True)]


def column(batch: Any, path: str) -> list[Any]:
    """The values at a dotted path: of a column, or of a struct's field."""
    names = batch.schema.names
    if path in names:
        found: list[Any] = batch.column(names.index(path)).to_pylist()
        return found
    first, dot, rest = path.partition(".")
    if not dot or first not in names:
        return [None] * batch.num_rows
    values, there = batch.column(names.index(first)), None
    for name in rest.split("."):  # only the field, since its neighbours may have values that Python has not
        kind = values.type
        if name not in [kind.field(i).name for i in range(getattr(kind, "num_fields", 0))]:
            return [None] * batch.num_rows
        valid = values.is_valid().to_pylist()
        there = valid if there is None else [a and b for a, b in zip(there, valid, strict=True)]
        values = values.field(name)
    return [value if valid else None for value, valid in zip(values.to_pylist(), there or [], strict=True)]


def _knowns(batch: Any, fields: Any) -> list[dict[str, str | None]]:
    paths = {path for path in (fields.title, fields.url, fields.site, fields.id) if path}
    values = {path: column(batch, path) for path in paths}
    return [texts_of({path: values[path][i] for path in paths}, fields) for i in range(batch.num_rows)]


class ParquetSink:
    """Writes the rows it is given to `stream`, in batches: the table as it was, but for the texts and added columns."""

    def __init__(
        self, stream: BinaryIO, source: str | Path, added: Sequence[str] = (), dropped: Sequence[str] = (), name: str = ""
    ) -> None:
        self.pyarrow, self.stream = _pyarrow(name), stream
        self.added, self.dropped = added, dropped
        with opened(source, name) as table:
            self.schema = _schema(self.pyarrow, table.schema_arrow, added, dropped)
            self.packing = _packing(table)
        self.writer = self.pyarrow.parquet.ParquetWriter(stream, self.schema, compression=self.packing)
        self.batch: Any = None
        self.fields: Any = None
        self.new: list[tuple[int, str | None, Mapping[str, Any]]] = []
        self.waiting: list[Any] = []

    def put(self, row: ParquetRow, text: str | None, add: Mapping[str, Any], style: Any = None) -> bytes:
        """Take a row, with its new text, or None for the one it has. What `raw` is of the row as it is written."""
        if row.batch is not self.batch:
            self._flush()
            self.batch, self.fields = row.batch, row.fields
        self.new.append((row.index, text, add))
        return text_bytes(row.text if text is None else text)

    def _flush(self) -> None:
        if self.batch is None:
            return
        self.waiting.append(self._made())
        self.batch, self.new = None, []
        if sum(batch.nbytes for batch in self.waiting) >= GROUP_BYTES:
            self._group()

    def _made(self) -> Any:
        chosen = [index for index, _, _ in self.new]
        taken = self.batch if len(chosen) == self.batch.num_rows else self.batch.take(self.pyarrow.array(chosen))
        arrays = {name: taken.column(i) for i, name in enumerate(taken.schema.names) if name not in self.dropped}
        texts = {i: text for i, (_, text, _) in enumerate(self.new) if text is not None}
        if texts:
            first, _, rest = _split(self.fields.text, arrays)
            arrays[first] = _replaced(self.pyarrow, arrays[first], rest, texts)
        for name in self.added:
            values = [add.get(name) for _, _, add in self.new]
            arrays[name] = self.pyarrow.array(values, self.schema.field(name).type)
        return self.pyarrow.record_batch([arrays[name] for name in self.schema.names], schema=self.schema)

    def _group(self) -> None:
        if self.waiting:
            self.writer.write_table(self.pyarrow.Table.from_batches(self.waiting, self.schema))
        self.waiting = []

    def close(self) -> None:
        self._flush()
        self._group()
        self.writer.close()


def _split(path: str, names: Mapping[str, Any]) -> tuple[str, str, str]:
    return (path, "", "") if path in names else path.partition(".")


def _replaced(pyarrow: Any, array: Any, path: str, texts: Mapping[int, str]) -> Any:
    """The array with other texts at some places; `path`: of the field, where it is one of structs."""
    if not path:
        values = array.to_pylist()
        for i, text in texts.items():
            values[i] = text
        return _as(pyarrow, values, array.type)
    first, _, rest = path.partition(".")
    names = [array.type.field(i).name for i in range(array.type.num_fields)]
    children = [array.field(name) for name in names]
    children[names.index(first)] = _replaced(pyarrow, children[names.index(first)], rest, texts)
    return pyarrow.StructArray.from_arrays(
        children, fields=[array.type.field(i) for i in range(array.type.num_fields)], mask=array.is_null()
    )


def _as(pyarrow: Any, values: list[Any], kind: Any) -> Any:
    if pyarrow.types.is_dictionary(kind):
        return pyarrow.array(values, kind.value_type).dictionary_encode().cast(kind)
    return pyarrow.array(values, kind)


def _schema(pyarrow: Any, schema: Any, added: Sequence[str], dropped: Sequence[str]) -> Any:
    for name in dropped:
        if name in schema.names:
            schema = schema.remove(schema.get_field_index(name))
    for name in added:
        schema = schema.append(pyarrow.field(name, pyarrow.type_for_alias(COLUMN_TYPES.get(name, "string"))))
    return schema


def _packing(table: Any) -> str:
    if not table.num_row_groups or not table.metadata.num_columns:
        return "snappy"
    used = str(table.metadata.row_group(0).column(0).compression).lower()
    return "none" if used == "uncompressed" else used


def slices(path: str | Path, name: str, size: int) -> list[tuple[int, int]]:
    """The row groups in runs of about `size` bytes: first, and behind the last."""
    with opened(path, name) as table:
        found, start, bytes_ = [], 0, 0
        for group in range(table.num_row_groups):
            bytes_ += table.metadata.row_group(group).total_byte_size
            if bytes_ >= size:
                found.append((start, group + 1))
                start, bytes_ = group + 1, 0
        if start < table.num_row_groups:
            found.append((start, table.num_row_groups))
    return found


def join(parts: Sequence[Path], stream: BinaryIO, name: str) -> None:
    """Write the row groups of `parts`, one after the other, as one table."""
    pyarrow = _pyarrow(name)
    with opened(parts[0], name) as first:
        writer = pyarrow.parquet.ParquetWriter(stream, first.schema_arrow, compression=_packing(first))
    for part in parts:
        with opened(part, name) as table:
            for group in range(table.num_row_groups):
                writer.write_table(table.read_row_group(group))
    writer.close()
