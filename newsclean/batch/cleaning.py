"""A row to a cleaned document: a text, or the article of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsclean.batch.rows import Plain, Row
from newsclean.engine import Cleaner
from newsclean.report import Cleaned

if TYPE_CHECKING:
    from newsclean.html import Extracted


def page_in(row: Row, html: bool) -> Extracted | None:
    """The page that a row is, or, where the texts of its table are pages (`html`), has in its text."""
    if row.page is not None or row.text is None or not html:
        return row.page
    from newsclean.html import extract

    return extract(row.text)


def cleaned_row(row: Row, cleaner: Cleaner, site: str | None = None, source: str | None = None) -> Cleaned:
    """Clean the text of `row`, which has one. `site`: of documents that name none; `source`: for the report."""
    known = {"title": row.known.get("title"), "site": row.known.get("site") or site, "url": row.known.get("url")}
    if row.page is not None:
        from newsclean.html import clean_extracted

        return clean_extracted(row.page, cleaner, **known, source=source)
    encoding = row.encoding if isinstance(row, Plain) else "utf-8"
    return cleaner.clean(row.text or "", **known, source=source, encoding=encoding)
