"""What the shards noted, as tables of a database on disk: read, kept for another time, and freed of near copies of documents.

    connect(folder, memory, threads) -> database; load(database, folder, before); keep(database, path)
    without_copies(database) -> how many documents were left out; table `live` has the others, table `kept` their lines

The database is DuckDB: it stays below its limit of memory, and spills into the folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsclean.errors import InputError
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


def connect(folder: Path, memory: str, threads: int) -> Any:
    """A database in `folder`. Raises ConfigError where DuckDB is not installed, InputError where `memory` is no size."""
    try:
        import duckdb
    except ImportError:
        raise missing() from None
    database = duckdb.connect(str(folder / "merge.duckdb"))
    try:
        database.execute("SET memory_limit = ?", [memory])
    except duckdb.Error as error:
        raise InputError(f"--memory {memory}: {first_line(error)}") from None
    database.execute("SET temp_directory = ?", [str(folder / "spill")])
    database.execute(f"SET threads = {threads}")
    database.execute("SET preserve_insertion_order = false")
    database.execute("SET enable_progress_bar = false")
    return database


def first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def number(database: Any, query: str) -> int:
    """The only number that a query gives."""
    return int(database.execute(query).fetchone()[0])


def load(database: Any, folder: Path, before: Path | None = None) -> None:
    """The tables of all shards in `folder` as views, with those of the file of counts `before`. What both have counts once.
    Raises InputError where `before` is no such file."""
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
            raise InputError(f"{before}: is no file of counts: {first_line(error)}") from None


def _csv(folder: Path, table: str, columns: str) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in (column.split() for column in columns.split(", ")))
    shape = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
    return f"read_csv('{_quoted(folder)}/*.{table}.csv.zst', columns = {{{types}}}, {shape})"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def keep(database: Any, path: Path) -> None:
    """Write all counts into one file, for another time. Of texts only what came back, or may with other numbers and names: a
    later shard that has a line has its text."""
    back = "SELECT h FROM lines GROUP BY h HAVING count(*) > 1 OR max(s) > 0"
    texts = f"SELECT h, min(text) AS text FROM texts WHERE h IN ({back}) GROUP BY h"
    parts = [f"SELECT {KIND[table]} kind, * FROM {table}" for table in ("docs", "lines", "sents")]
    union = " UNION ALL BY NAME ".join([*parts, f"SELECT {KIND['texts']} kind, * FROM ({texts})"])
    database.execute(f"COPY ({union} ORDER BY kind, uid, pos, h) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)")


# --- copies -------------------------------------------------------------------------------------------


def without_copies(database: Any) -> int:
    """Table `live`: documents without those that say the same as another, have the same address, or share most sentences with
    one; `kept`: the lines of these. Of copies the first one stays, by what it says. How many were left out."""
    database.execute("""
        CREATE TABLE candidates AS
        SELECT (row_number() OVER (ORDER BY site, key, name, uid))::UINTEGER AS doc, uid, site, name FROM (
            SELECT *, row_number() OVER (PARTITION BY site, said ORDER BY key, name, uid) AS same_text,
                row_number() OVER (PARTITION BY site, CASE WHEN url = 0 THEN uid ELSE url END ORDER BY key, name, uid) AS same_url
            FROM docs) WHERE same_text = 1 AND same_url = 1""")
    database.execute("CREATE TABLE sentences AS SELECT h, doc FROM sents JOIN candidates USING (uid)")
    _find_near_copies(database)
    database.execute("DROP TABLE sentences")
    database.execute("CREATE TABLE live AS SELECT * FROM candidates WHERE doc NOT IN (SELECT doc FROM gone)")
    database.execute("CREATE TABLE kept AS SELECT doc, pos, h, s, flags FROM lines JOIN live USING (uid)")
    return number(database, "SELECT (SELECT count(*) FROM docs) - (SELECT count(*) FROM live)")


def _find_near_copies(database: Any) -> None:
    """Table `gone`: documents most of whose sentences stand in one that comes before them. Each sentence that comes back, but not
    all over the site, stands for the first document that has it; pairs are counted with these only."""
    database.execute("""
        CREATE TABLE heads AS SELECT h, min(doc) AS head, count(*) AS docs FROM sentences GROUP BY h HAVING count(*) > 1""")
    database.execute(f"""
        CREATE TABLE common AS SELECT h FROM heads JOIN candidates ON head = doc
        JOIN (SELECT site, count(*) AS size FROM candidates GROUP BY site) USING (site)
        WHERE docs > greatest({COMMON_DOCS}, {COMMON_SHARE} * size)""")
    database.execute("DELETE FROM heads WHERE h IN (SELECT h FROM common)")
    database.execute("""
        CREATE TABLE sizes AS SELECT doc, count(*) AS size FROM sentences WHERE h NOT IN (SELECT h FROM common) GROUP BY doc""")
    database.execute(f"""
        CREATE TABLE gone AS SELECT DISTINCT doc FROM (
            SELECT head, doc, count(*) AS shared FROM sentences JOIN heads USING (h) WHERE doc <> head GROUP BY ALL) AS pairs
        JOIN sizes USING (doc) JOIN sizes AS others ON others.doc = head
        WHERE shared >= {COPY_SHARE} * least(sizes.size, others.size)""")
