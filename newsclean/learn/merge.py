"""One merge of what all shards noted: near copies of documents out, what comes back counted, furniture told from text. On DuckDB.

    merge(folder, limits, share, ...) -> Merged(documents by site, proposals)

All tables lie on disk and spill there; memory stays below the limit. Ties are broken by content, so the result does not depend on
who counted what, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsclean.errors import InputError, OutputError
from newsclean.learn.count import BARE, FIRST, FIRST_SLOTTED, HEAD, UNFIT, PROSE, QUESTION, SHORT, TAIL
from newsclean.learn.sites import missing

KIND = {"docs": 0, "lines": 1, "texts": 2, "sents": 3}  # of the rows of a file of counts
COLUMNS = {
    "docs": "uid UBIGINT, site VARCHAR, key UBIGINT, said UBIGINT, url UBIGINT, name VARCHAR",
    "lines": "uid UBIGINT, pos INTEGER, h UBIGINT, s UBIGINT, flags INTEGER",
    "texts": "h UBIGINT, text VARCHAR",
    "sents": "uid UBIGINT, h UBIGINT",
}

# Near copies: articles that share so many of their sentences. A sentence on more documents of its site than this is template.
COPY_SHARE, COMMON_SHARE, COMMON_DOCS = 0.6, 0.2, 3

# Shares of a site's documents on which a line stands that has nothing but that to speak for it.
PROSE_SHARE = 0.4  # sentences and questions: series, columns and disclaimers have theirs on fewer
SLOTS_SHARE = 0.25  # lines that are the same but for numbers and names
BARE_SHARE = 0.5  # one word, no word
INSIDE_SHARE = 0.5  # between paragraphs, where interviews and recipes have theirs
AGAIN, AGAIN_SHARE = 1.3, 0.3  # or there several times a document, as markers of ads
EDGE = 0.9  # of the places where a line stands, for it to stand there
BESIDE = 0.8  # of the places where one word stands, it has a known line beside it
IN_ZONE = 0.95


@dataclass(frozen=True, slots=True)
class Limits:
    """What a line needs: `docs` documents of a site, `share` of its documents. `memory` as DuckDB has it, `spill`: a folder on
    disk, `threads` of the merge."""

    docs: int = 3
    share: float = 0.1
    memory: str = "1GB"
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that comes back: `docs` documents of `site`, `times` in all; `flags` of its text; where it stands; whether it was
    `grown` from what stands around it."""

    site: str
    text: str
    slots: bool
    docs: int
    times: int
    flags: int
    where: str
    grown: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """`sites`: documents of each, near copies left out; `copies`: how many these were; `known`: documents and times of the
    fingerprints that were asked for."""

    sites: dict[str, int]
    proposals: list[Proposal]
    copies: int = 0
    known: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def connect(folder: Path, limits: Limits) -> Any:
    """A database in `folder` that keeps to the limits. Raises ConfigError where DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        raise missing() from None
    try:
        database = duckdb.connect(str(folder / "merge.duckdb"))
        database.execute("SET memory_limit = ?", [limits.memory])
    except duckdb.Error as error:
        raise InputError(f"--memory {limits.memory}: {_first_line(error)}") from None
    database.execute("SET temp_directory = ?", [str(folder / "spill")])
    database.execute(f"SET threads = {limits.threads}")
    database.execute("SET preserve_insertion_order = false")
    database.execute("SET enable_progress_bar = false")
    return database


def merge(
    folder: Path, limits: Limits, before: Path | None = None, keep: Path | None = None, wanted: Iterable[int] = ()
) -> Merged:
    """Merge the tables that shards left in `folder`. `before`: a file of counts to add; `keep`: where to write such a file, of
    all; `wanted`: fingerprints of lines to be counted whatever becomes of them.

    Raises OutputError where the disk is full or memory too small, InputError where `before` is no such file.
    """
    database = connect(folder, limits)
    import duckdb

    try:
        with database:
            load(database, folder, before)
            if keep:
                _keep(database, keep)
            copies = _live(database)
            return _merged(database, limits, copies, list(wanted))
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise OutputError(f"cannot merge the counts: {_first_line(error)}; --memory and --scratch give room") from None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


# --- the tables ---------------------------------------------------------------------------------------


def load(database: Any, folder: Path, before: Path | None = None) -> None:
    """The tables of all shards as views, with those of a file of counts. What both know is taken from the file."""
    for table, columns in COLUMNS.items():
        database.execute(f"CREATE TABLE empty_{table} ({columns})")
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        source = _csv(folder, table, columns) if any(folder.glob(f"*.{table}.csv.zst")) else f"empty_{table}"
        view = f"SELECT {names} FROM {source}"
        if before:
            old = f"read_parquet('{_quoted(before)}')"
            again = "" if table == "texts" else f" WHERE uid NOT IN (SELECT uid FROM {old} WHERE kind = {KIND['docs']})"
            view = f"SELECT {names} FROM {old} WHERE kind = {KIND[table]} UNION ALL {view}{again}"
        try:
            database.execute(f"CREATE VIEW {table} AS {view}")
        except Exception as error:
            if before is None or "duckdb" not in type(error).__module__:
                raise
            raise InputError(f"{before}: is no file of counts: {_first_line(error)}") from None


def _csv(folder: Path, table: str, columns: str) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in (column.split() for column in columns.split(", ")))
    shape = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
    return f"read_csv('{_quoted(folder)}/*.{table}.csv.zst', columns = {{{types}}}, {shape})"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _keep(database: Any, path: Path) -> None:
    """All counts as one file, for another time. Of texts only what came back, or may with other numbers and names: who has a line
    later has its text."""
    back = "SELECT h FROM lines GROUP BY h HAVING count(*) > 1 OR max(s) > 0"
    texts = f"SELECT h, min(text) AS text FROM texts WHERE h IN ({back}) GROUP BY h"
    parts = [f"SELECT {KIND[table]} kind, * FROM {table}" for table in ("docs", "lines", "sents")]
    union = " UNION ALL BY NAME ".join([*parts, f"SELECT {KIND['texts']} kind, * FROM ({texts})"])
    database.execute(f"COPY ({union} ORDER BY kind, uid, pos, h) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)")


def _live(database: Any) -> int:
    """Table `live`: documents without those that say the same as another, or have the same address; and `rows`, the lines of these.
    How many documents were left out."""
    database.execute("""
        CREATE TABLE live AS
        SELECT (row_number() OVER (ORDER BY site, key, name, uid))::UINTEGER AS doc, uid, site, name FROM (
            SELECT *, row_number() OVER (PARTITION BY site, said ORDER BY key, name, uid) AS same_text,
                row_number() OVER (PARTITION BY site, CASE WHEN url = 0 THEN uid ELSE url END ORDER BY key, name, uid) AS same_url
            FROM docs) WHERE same_text = 1 AND same_url = 1""")
    database.execute("CREATE TABLE rows AS SELECT doc, pos, h, s, flags FROM lines JOIN live USING (uid)")
    database.execute("CREATE TABLE sentences AS SELECT h, doc FROM sents JOIN live USING (uid)")
    return _one(database, "SELECT (SELECT count(*) FROM docs) - (SELECT count(*) FROM live)")


def _one(database: Any, query: str) -> int:
    return int(database.execute(query).fetchone()[0])


# --- the steps ----------------------------------------------------------------------------------------


def _merged(database: Any, limits: Limits, copies: int, wanted: list[int]) -> Merged:
    copies += _near_copies(database)
    database.execute("CREATE VIEW kept AS SELECT * FROM rows WHERE doc NOT IN (SELECT doc FROM gone)")
    database.execute("CREATE TABLE sites AS SELECT site, count(*) AS docs FROM live WHERE doc NOT IN (SELECT doc FROM gone) GROUP BY site")
    _recurring(database, limits)
    _places(database, limits.docs)
    _furniture(database, limits)
    sites = dict(database.execute("SELECT site, docs FROM sites ORDER BY site").fetchall())
    return Merged(sites, _proposals(database), copies, _known(database, wanted))


def _near_copies(database: Any) -> int:
    """Table `gone`: documents most of whose sentences stand in one that comes before them. Each sentence that comes back, but not
    all over the site, stands for the first document that has it; pairs are counted with these only."""
    database.execute(f"CREATE TABLE heads AS SELECT h, min(doc) AS head, count(*) AS docs FROM sentences GROUP BY h HAVING count(*) > 1")
    database.execute(f"""
        CREATE TABLE common AS SELECT h FROM heads JOIN live ON head = doc
        JOIN (SELECT site, count(*) AS size FROM live GROUP BY site) USING (site)
        WHERE docs > greatest({COMMON_DOCS}, {COMMON_SHARE} * size)""")
    database.execute("DELETE FROM heads WHERE h IN (SELECT h FROM common)")
    database.execute(f"""
        CREATE TABLE sizes AS SELECT doc, count(*) AS size FROM sentences WHERE h NOT IN (SELECT h FROM common)
        GROUP BY doc""")
    database.execute(f"""
        CREATE TABLE gone AS SELECT DISTINCT doc FROM (
            SELECT head, doc, count(*) AS shared FROM sentences JOIN heads USING (h) WHERE doc <> head GROUP BY head, doc) AS pairs
        JOIN sizes USING (doc) JOIN sizes AS others ON others.doc = head
        WHERE shared >= {COPY_SHARE} * least(sizes.size, others.size)""")
    return _one(database, "SELECT count(*) FROM gone")


_COUNTS = f"""
    count(*) AS times, bit_or(flags) AS flags, min(doc) AS doc, min(h) AS h,
    count(*) FILTER (flags & {HEAD} > 0) AS heads, count(*) FILTER (flags & {TAIL} > 0) AS tails,
    count(*) FILTER (flags & {HEAD | TAIL} > 0) AS edges"""


def _recurring(database: Any, limits: Limits) -> None:
    """Tables `exact` and `slotted`: what comes back on enough documents, as it is, else but for numbers and names."""
    database.execute(f"""
        CREATE TABLE exact AS SELECT h AS k, false AS slots, count(*) FILTER (flags & {FIRST} > 0) AS docs, {_COUNTS}
        FROM kept WHERE flags & {UNFIT} = 0 GROUP BY h HAVING count(*) FILTER (flags & {FIRST} > 0) >= {limits.docs}""")
    database.execute(f"""
        CREATE TABLE slotted AS SELECT s AS k, true AS slots, count(*) FILTER (flags & {FIRST_SLOTTED} > 0) AS docs, {_COUNTS}
        FROM kept WHERE s > 0 AND h NOT IN (SELECT k FROM exact) GROUP BY s
        HAVING count(*) FILTER (flags & {FIRST_SLOTTED} > 0) >= {limits.docs} AND min(h) <> max(h)""")
    database.execute("""
        CREATE TABLE back AS SELECT counts.*, live.site, counts.docs / sites.docs AS share
        FROM (SELECT * FROM exact UNION ALL SELECT * FROM slotted) AS counts JOIN live USING (doc) JOIN sites USING (site)""")


def _places(database: Any, docs: int) -> None:
    """Table `marks`: where they stand. `bodies`: from where to where paragraphs go that do not come back: the article. `lines_` knows
    in which zone each of them stands, and whether outside the article. A teaser stands at the foot of many pages, and at the head
    of one, as its own headline."""
    database.execute("""
        CREATE TABLE marks AS SELECT doc, pos, h AS k FROM kept WHERE h IN (SELECT k FROM exact)
        UNION ALL SELECT doc, pos, s AS k FROM kept WHERE s IN (SELECT k FROM slotted) AND h NOT IN (SELECT k FROM exact)""")
    database.execute(f"""
        CREATE TABLE bodies AS SELECT doc, min(pos) AS begins, max(pos) AS ends FROM kept
        WHERE flags & {PROSE} > 0 AND h NOT IN (SELECT k FROM exact) GROUP BY doc""")
    database.execute(f"""
        CREATE TABLE lines_ AS SELECT back.*, coalesce(inside, 0) <= {1 - EDGE} * times AS outside, CASE
            WHEN tails >= {docs} AND times - tails <= greatest(1, {1 - IN_ZONE} * times) THEN 'tail'
            WHEN heads >= {IN_ZONE} * times THEN 'head' WHEN edges >= {IN_ZONE} * times THEN 'edges' ELSE 'anywhere' END AS place
        FROM back LEFT JOIN (
            SELECT k, count(*) AS inside FROM marks JOIN bodies USING (doc) WHERE pos > begins AND pos < ends GROUP BY k) USING (k)""")


def _furniture(database: Any, limits: Limits) -> None:
    """Table `furniture`: what its share of the documents speaks for; then what it stands beside or below."""
    share, prose = limits.share, f"flags & {PROSE | QUESTION} > 0"
    again = f"times >= {AGAIN} * docs AND share >= {max(share, AGAIN_SHARE)} AND flags & {QUESTION} = 0"
    database.execute(f"""
        CREATE TABLE furniture AS SELECT *, false AS grown FROM lines_ WHERE CASE
            WHEN slots THEN share >= {max(share, SLOTS_SHARE)} AND outside AND NOT {prose}
            WHEN flags & {BARE} > 0 THEN share >= {max(share, BARE_SHARE)} AND outside AND NOT {prose} OR {again}
            WHEN outside THEN share >= CASE WHEN {prose} OR place = 'edges' THEN {max(share, PROSE_SHARE)} ELSE {share} END
            ELSE share >= {max(share, INSIDE_SHARE)} AND flags & {SHORT | QUESTION} = 0 OR {again} END""")
    database.execute("""
        CREATE TABLE seeds AS SELECT marks.doc, pos, place = 'tail' AS low FROM marks JOIN furniture USING (k)""")
    # One word, on a fair share of the documents, beside a known line: an item of its menu.
    database.execute(f"""
        INSERT INTO furniture SELECT *, false FROM lines_ WHERE share >= {share} AND outside AND NOT {prose} AND NOT slots
        AND k NOT IN (SELECT k FROM furniture) AND k IN (
            SELECT k FROM (
                SELECT DISTINCT marks.doc, marks.pos, marks.k FROM marks
                JOIN seeds ON seeds.doc = marks.doc AND seeds.pos = marks.pos - 1 WHERE marks.k NOT IN (SELECT k FROM furniture)
                UNION SELECT DISTINCT marks.doc, marks.pos, marks.k FROM marks
                JOIN seeds ON seeds.doc = marks.doc AND seeds.pos = marks.pos + 1 WHERE marks.k NOT IN (SELECT k FROM furniture))
            JOIN (SELECT k, times FROM lines_) USING (k) GROUP BY k, times HAVING count(*) >= {BESIDE} * times)""")
    # Below the article, and there below a line that is known to stand there: whatever comes back is of the page.
    database.execute(f"""
        INSERT INTO furniture SELECT *, true FROM lines_ WHERE place = 'tail' AND outside AND (share >= {share} OR NOT {prose})
        AND k NOT IN (SELECT k FROM furniture) AND k IN (
            SELECT k FROM marks JOIN (
                SELECT seeds.doc, min(seeds.pos) AS first FROM seeds LEFT JOIN bodies USING (doc)
                WHERE low AND seeds.pos > coalesce(ends, -1) GROUP BY seeds.doc) USING (doc)
            JOIN (SELECT k, tails FROM lines_) USING (k) WHERE pos > first GROUP BY k, tails HAVING count(*) >= {IN_ZONE} * tails)""")


def _proposals(database: Any) -> list[Proposal]:
    database.execute("CREATE TABLE said AS SELECT h, min(text) AS text FROM texts WHERE h IN (SELECT h FROM furniture) GROUP BY h")
    database.execute(f"""
        CREATE TABLE samples AS SELECT k, min(kept.doc, 2) AS docs FROM (
            SELECT h AS k, doc FROM kept WHERE flags & {FIRST} > 0 AND h IN (SELECT k FROM furniture WHERE NOT slots)
            UNION ALL SELECT s AS k, doc FROM kept WHERE flags & {FIRST_SLOTTED} > 0 AND h NOT IN (SELECT k FROM exact)
                AND s IN (SELECT k FROM furniture WHERE slots)) AS kept GROUP BY k""")
    rows = database.execute(f"""
        SELECT furniture.site, text, slots, furniture.docs, times, flags,
            place,
            grown AND share < 0.1, one.name, two.name
        FROM furniture JOIN said USING (h) JOIN samples USING (k)
        JOIN live AS one ON one.doc = samples.docs[1] LEFT JOIN live AS two ON two.doc = samples.docs[2]
        ORDER BY furniture.site, text, slots""").fetchall()
    return [Proposal(*row[:8], samples=tuple(name for name in row[8:] if name is not None)) for row in rows]


def _known(database: Any, wanted: list[int]) -> dict[int, tuple[int, int]]:
    if not wanted:
        return {}
    database.execute("CREATE TABLE wanted AS SELECT unnest(?::UBIGINT[]) AS k", [wanted])
    rows = database.execute(f"""
        SELECT h, count(*) FILTER (flags & {FIRST} > 0), count(*) FROM kept WHERE h IN (SELECT k FROM wanted) GROUP BY h
        UNION ALL SELECT s, count(*) FILTER (flags & {FIRST_SLOTTED} > 0), count(*) FROM kept WHERE s IN (SELECT k FROM wanted)
        AND s > 0 GROUP BY s""").fetchall()
    return {k: (docs, times) for k, docs, times in rows}
