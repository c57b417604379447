"""One merge of what all shards noted: what comes back is counted, and furniture told from text.

    merge(folder, limits) -> Merged(documents by site, proposals)

Steps are tables, each made of those before it. Ties are broken by content, so the result depends neither on who counted what nor
on the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsclean.errors import OutputError
from newsclean.learn.count import BARE, FIRST, FIRST_SLOTTED, HEAD, PROSE, QUESTION, SAID, SHORT, TAIL, UNFIT
from newsclean.learn.tables import connect, first_line, keep, load, without_copies

# Shares of a site's documents on which a line stands that has nothing but that to speak for it.
PROSE_SHARE = 0.4  # sentences: series, columns, agencies and disclaimers have theirs on fewer
SLOTS_SHARE = 0.25  # lines that are the same but for numbers and names
BARE_SHARE = 0.5  # one word, no word
INSIDE_SHARE = 0.5  # between paragraphs, where interviews and recipes have theirs
MORE_DOCS = 2  # that these need besides the least number, unless that is two: of three articles, three may be a series
AGAIN, AGAIN_SHARE = 1.3, 0.3  # or there several times a document, as markers of ads
EDGE = 0.9  # of the places where a line stands, for it to stand there
BESIDE = 0.8  # of the places where one word stands, it has a known line beside it
IN_ZONE = 0.95


@dataclass(frozen=True, slots=True)
class Limits:
    """What a line needs: `docs` documents of a site, and this `share` of its documents. What the merge may take: `memory`, as
    500MB, and `threads`."""

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


def merge(
    folder: Path, limits: Limits, before: Path | None = None, counts: Path | None = None, wanted: Iterable[int] = ()
) -> Merged:
    """Merge the tables that shards left in `folder`. `before`: a file of counts to add; `counts`: where to write such a file, of
    all; `wanted`: fingerprints of lines to be counted whatever becomes of them.

    Raises OutputError where the disk is full or memory too small, InputError where `before` is no such file.
    """
    database = connect(folder, limits.memory, limits.threads)
    import duckdb

    try:
        with database:
            load(database, folder, before)
            if counts:
                keep(database, counts)
            copies = without_copies(database)
            database.execute("CREATE TABLE sites AS SELECT site, count(*) AS docs FROM live GROUP BY site")
            _recurring(database, limits)
            _places(database, limits.docs)
            _furniture(database, limits)
            sites = dict(database.execute("SELECT site, docs FROM sites ORDER BY site").fetchall())
            return Merged(sites, _proposals(database, limits.share), copies, _known(database, list(wanted)))
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise OutputError(f"cannot merge the counts: {first_line(error)}; --memory and --scratch give room") from None


_COUNTS = f"""
    count(*) AS times, bit_or(flags) AS flags, min(doc) AS doc, min(h) AS h,
    count(*) FILTER (flags & {HEAD} > 0) AS heads, count(*) FILTER (flags & {TAIL} > 0) AS tails,
    count(*) FILTER (flags & {HEAD | TAIL} > 0) AS edges"""


def _recurring(database: Any, limits: Limits) -> None:
    """Tables `exact` and `slotted`: what comes back on enough documents, as it is, else but for numbers and names."""
    database.execute(f"""
        CREATE TABLE exact AS SELECT h AS k, false AS slots, count(*) FILTER (flags & {FIRST} > 0) AS docs, {_COUNTS}
        FROM kept WHERE flags & {UNFIT} = 0 GROUP BY h
        HAVING count(*) FILTER (flags & {FIRST} > 0) >= {limits.docs}""")
    database.execute(f"""
        CREATE TABLE slotted AS SELECT s AS k, true AS slots, count(*) FILTER (flags & {FIRST_SLOTTED} > 0) AS docs, {_COUNTS}
        FROM kept WHERE s > 0 AND h NOT IN (SELECT k FROM exact) GROUP BY s
        HAVING count(*) FILTER (flags & {FIRST_SLOTTED} > 0) >= {limits.docs} AND min(h) <> max(h)""")
    database.execute("""
        CREATE TABLE back AS SELECT counts.*, live.site, counts.docs / sites.docs AS share
        FROM (SELECT * FROM exact UNION ALL SELECT * FROM slotted) AS counts JOIN live USING (doc) JOIN sites USING (site)""")


def _places(database: Any, docs: int) -> None:
    """Table `marks`: where they stand. `bodies`: from where to where paragraphs go that do not come back: the article. `placed`:
    in which zone each of them stands, and whether outside the article. A teaser stands at the foot of many pages, and at the
    head of one, as its own headline."""
    database.execute("""
        CREATE TABLE marks AS SELECT doc, pos, h AS k FROM kept WHERE h IN (SELECT k FROM exact)
        UNION ALL SELECT doc, pos, s AS k FROM kept WHERE s IN (SELECT k FROM slotted) AND h NOT IN (SELECT k FROM exact)""")
    database.execute(f"""
        CREATE TABLE bodies AS SELECT doc, min(pos) AS begins, max(pos) AS ends FROM kept
        WHERE flags & {PROSE} > 0 AND h NOT IN (SELECT k FROM exact) GROUP BY doc""")
    database.execute(f"""
        CREATE TABLE placed AS SELECT back.*, coalesce(inside, 0) <= {1 - EDGE} * times AS outside, CASE
            WHEN tails >= {docs} AND times - tails <= greatest(1, {1 - IN_ZONE} * times) THEN 'tail'
            WHEN heads >= {IN_ZONE} * times THEN 'head' WHEN edges >= {IN_ZONE} * times THEN 'edges' ELSE 'anywhere' END AS place
        FROM back LEFT JOIN (
            SELECT k, count(*) AS inside FROM marks JOIN bodies USING (doc) WHERE pos > begins AND pos < ends GROUP BY k)
        USING (k)""")


def _furniture(database: Any, limits: Limits) -> None:
    """Table `furniture`: what its share of the documents speaks for; then what it stands beside or below."""
    share, prose = limits.share, f"flags & {PROSE | QUESTION | SAID} > 0"
    more = f"docs >= {limits.docs + (MORE_DOCS if limits.docs > 2 else 0)}"
    again = f"{more} AND times >= {AGAIN} * docs AND share >= {max(share, AGAIN_SHARE)} AND flags & {QUESTION} = 0"
    database.execute(f"""
        CREATE TABLE furniture AS SELECT *, false AS grown FROM placed WHERE CASE
            WHEN slots THEN {more} AND share >= {max(share, SLOTS_SHARE)} AND outside AND NOT {prose}
            WHEN flags & {BARE} > 0 THEN share >= {max(share, BARE_SHARE)} AND outside AND NOT {prose} OR {again}
            WHEN outside AND NOT {prose} AND place <> 'edges' THEN share >= {share}
            WHEN outside THEN {more} AND share >= {max(share, PROSE_SHARE)}
            ELSE {more} AND share >= {max(share, INSIDE_SHARE)} AND flags & {SHORT | QUESTION} = 0 OR {again} END""")
    database.execute("""
        CREATE TABLE seeds AS SELECT marks.doc, pos, place = 'tail' AS low FROM marks JOIN furniture USING (k)""")
    # One word, on a fair share of the documents, beside a known line: an item of its menu.
    database.execute(f"""
        INSERT INTO furniture SELECT *, false FROM placed WHERE share >= {share} AND outside AND NOT {prose} AND NOT slots
        AND k NOT IN (SELECT k FROM furniture) AND k IN (
            SELECT k FROM (
                SELECT DISTINCT marks.doc, marks.pos, marks.k FROM marks
                JOIN seeds ON seeds.doc = marks.doc AND seeds.pos = marks.pos - 1 WHERE marks.k NOT IN (SELECT k FROM furniture)
                UNION SELECT DISTINCT marks.doc, marks.pos, marks.k FROM marks
                JOIN seeds ON seeds.doc = marks.doc AND seeds.pos = marks.pos + 1 WHERE marks.k NOT IN (SELECT k FROM furniture))
            JOIN (SELECT k, times FROM placed) USING (k) GROUP BY k, times HAVING count(*) >= {BESIDE} * times)""")
    # Below the article, and there below a line that is known to stand there: whatever comes back is of the page.
    database.execute(f"""
        INSERT INTO furniture SELECT *, true FROM placed WHERE place = 'tail' AND outside
        AND (share >= {share} OR flags & {PROSE | QUESTION} = 0) AND k NOT IN (SELECT k FROM furniture) AND k IN (
            SELECT k FROM marks JOIN (
                SELECT seeds.doc, min(seeds.pos) AS first FROM seeds LEFT JOIN bodies USING (doc)
                WHERE low AND seeds.pos > coalesce(ends, -1) GROUP BY seeds.doc) USING (doc)
            JOIN (SELECT k, tails FROM placed) USING (k) WHERE pos > first
            GROUP BY k, tails HAVING count(*) >= {IN_ZONE} * tails)""")


def _proposals(database: Any, share: float) -> list[Proposal]:
    """The lines with their texts and two documents each."""
    database.execute(
        "CREATE TABLE said AS SELECT h, min(text) AS text FROM texts WHERE h IN (SELECT h FROM furniture) GROUP BY h"
    )
    database.execute(f"""
        CREATE TABLE samples AS SELECT k, min(kept.doc, 2) AS docs FROM (
            SELECT h AS k, doc FROM kept WHERE flags & {FIRST} > 0 AND h IN (SELECT k FROM furniture WHERE NOT slots)
            UNION ALL SELECT s AS k, doc FROM kept WHERE flags & {FIRST_SLOTTED} > 0 AND h NOT IN (SELECT k FROM exact)
                AND s IN (SELECT k FROM furniture WHERE slots)) AS kept GROUP BY k""")
    rows = database.execute(f"""
        SELECT furniture.site, text, slots, furniture.docs, times, flags,
            place,
            grown AND share < {share}, one.name, two.name
        FROM furniture JOIN said USING (h) JOIN samples USING (k)
        JOIN live AS one ON one.doc = samples.docs[1] LEFT JOIN live AS two ON two.doc = samples.docs[2]
        ORDER BY furniture.site, text, slots""").fetchall()
    return [Proposal(*(*row[:8], tuple(name for name in row[8:] if name is not None))) for row in rows]


def _known(database: Any, wanted: list[int]) -> dict[int, tuple[int, int]]:
    if not wanted:
        return {}
    database.execute("CREATE TABLE wanted AS SELECT unnest(?::UBIGINT[]) AS k", [wanted])
    rows = database.execute(f"""
        SELECT h, count(*) FILTER (flags & {FIRST} > 0), count(*) FROM kept WHERE h IN (SELECT k FROM wanted) GROUP BY h
        UNION ALL SELECT s, count(*) FILTER (flags & {FIRST_SLOTTED} > 0), count(*) FROM kept WHERE s IN (SELECT k FROM wanted)
        AND s > 0 GROUP BY s""").fetchall()
    return {k: (docs, times) for k, docs, times in rows}
