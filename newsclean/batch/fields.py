"""Which field of a record is the text, the title, the address, the site: named by the user, or guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from newsclean.errors import InputError

# What the usual tools call them (news-please, trafilatura, newspaper4k, Fundus, RealNews, CC-News, datatrove), best first.
# Where both stand, `maintext` is the article and `text` may be anything (news-please).
KNOWN: dict[str, tuple[str, ...]] = {
    "text": (
        *("maintext", "text", "plaintext", "content", "body", "articleBody", "article_body", "article_text", "article"),
        *("full_text", "fulltext", "raw_content", "raw_text", "document", "story"),
    ),
    "title": ("title", "headline", "title_page", "metadata.title"),
    "url": ("url", "canonical_link", "link", "source_url", "source", "metadata.url"),
    "site": ("domain", "source_domain", "hostname", "site", "source-hostname", "metadata.domain"),
    "id": ("id", "guid", "uuid", "_id", "doc_id", "article_id"),
}
SAMPLE = 20  # records looked at for a guess


@dataclass(frozen=True, slots=True)
class Fields:
    """The field of each role, a dotted path into nested records; None where there is none (or, of a wish, none is named)."""

    text: str | None = None
    title: str | None = None
    url: str | None = None
    site: str | None = None
    id: str | None = None

    def __str__(self) -> str:
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return ", ".join(f"{role} from '{path}'" for role, path in named if path)


def value_at(record: Any, path: str | None) -> Any:
    """The value at a dotted path; a name that has dots itself goes first. None where there is none."""
    if path is None or not isinstance(record, Mapping):
        return None
    if path in record:
        return record[path]
    first, dot, rest = path.partition(".")
    return value_at(record.get(first), rest) if dot else None


def texts_of(record: Any, chosen: Fields) -> dict[str, str | None]:
    """What a record says of the document: title, url, site, id; only what is text (an id may be a number)."""
    found = {role: value_at(record, path) for role, path in asdict(chosen).items() if role != "text"}
    if isinstance(found["id"], int):
        found["id"] = str(found["id"])
    return {role: value if isinstance(value, str) and value else None for role, value in found.items()}


def guess(samples: Sequence[Any], wished: Fields, name: str) -> Fields:
    """The fields of a table: as wished, else the first known name with a text under it in the `samples`.

    Raises InputError, naming the table `name`, where there is no text field, or the one that was named is not there.
    """
    records = [record for record in samples if isinstance(record, Mapping)]
    if not records:
        return wished if wished.text else Fields(text=KNOWN["text"][0])
    chosen = {role: getattr(wished, role) or _known(records, role) for role in KNOWN}
    if chosen["text"] is None:  # none yet
        chosen["text"] = next((path for path in KNOWN["text"] if any(path in record for record in records)), None)
    if chosen["text"] is None or not any(_has(record, chosen["text"]) for record in records):
        there = ", ".join(map(str, list(_names(records))[:20])) or "none"
        wanted = f"no field '{wished.text}'" if wished.text else "no field that is known to hold the text"
        raise InputError(f"{name}: {wanted}; name it with --text-field, one of: {there}")
    return Fields(**chosen)


def _known(records: Sequence[Mapping[str, Any]], role: str) -> str | None:
    """The first known name with a value that fits; else, but for the text, the first that is there and empty so far."""
    found = (path for path in KNOWN[role] if any(_fits(value_at(r, path), role, path) for r in records))
    empty = (path for path in KNOWN[role] if role != "text" and all(r.get(path, 0) is None for r in records))
    return next(found, None) or next(empty, None)


def _fits(value: Any, role: str, path: str) -> bool:
    if role == "id":
        return isinstance(value, str | int) and not isinstance(value, bool)
    if path == "source":  # an address with trafilatura, the name of a paper elsewhere
        return isinstance(value, str) and value.startswith(("http://", "https://"))
    return isinstance(value, str)


def _has(record: Mapping[str, Any], path: str) -> bool:
    return path in record or value_at(record, path) is not None


def _names(records: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {str(name): None for record in records for name in record}
