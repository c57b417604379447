"""Which of a document's timestamps stays, and what time it says.

Rules of the kind `repeat` of `timestamp` find them; a document needs one, and `choose` says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from newsclean.folding import fold_case, squeeze
from newsclean.report import Timestamp

POLICIES = ("first", "latest", "all", "none")
CHRONOLOGY = 4  # so many lines that are a bare date are no timestamps but a chronology or a changelog

_DIGITS = re.compile(r"\d")
# What stands before or around a time and is no part of it. The words are those of the timestamp rules.
_VERB = re.compile(r"^[^\d:]{0,40}?:\s*|^(?:(?:first|originally|last) )?(?:published|posted|updated|modified|created)(?: on| at)?\b:?\s*", re.I)
_LEAD = re.compile(r"^[^\W\d]+(?: [^\W\d]+){0,2} (?=\d)")
_RELATIVE = re.compile(r"\bago\b|^vor |^il y a |^hace |^há |\bfa$|geleden|temu|назад|前$|전$")
_PARTS = re.compile(r"\d{1,2}\s*[:.h]\s*\d{2}|\d\s*[ap]\.?m\b|\d\s*uhr|[時시点]", re.I)


def choose(stamps: Sequence[Timestamp], policy: str) -> dict[int, str]:
    """Which timestamps go: position in `stamps` (in text order) -> reason.

    `policy` first keeps the first time of publication, latest the latest time, all everything, none nothing.
    """
    if policy == "all" or not stamps:
        return {}
    kept = None if policy == "none" else _kept(stamps, policy)
    if kept is None:
        return dict.fromkeys(range(len(stamps)), "timestamps are not wanted")
    why = f'the time is given already: "{squeeze(stamps[kept].text)[:60]}"'
    return {i: "a reading time" if s.role == "reading" else why for i, s in enumerate(stamps) if i != kept}


def _kept(stamps: Sequence[Timestamp], policy: str) -> int | None:
    order = {"published": 0, "updated": 1, "relative": 2}
    known = [i for i, stamp in enumerate(stamps) if stamp.role in order]
    if policy == "latest":
        times = {i: when for i in known if (when := _moment(stamps[i].text))}
        if times:
            return max(times, key=lambda i: (times[i].replace(tzinfo=None), -i))
    return min(known, key=lambda i: (order[stamps[i].role], i), default=-1)


def normalised(stamps: Iterable[Timestamp]) -> list[Timestamp]:
    """The timestamps with their `time` in ISO 8601. Loads the date library if there is any timestamp."""
    return [replace(stamp, time=stamp.time or iso(stamp.text)) for stamp in stamps]


def iso(text: str) -> str | None:
    """The time that a timestamp line says, in ISO 8601 with what is known of time of day and zone; None if there
    is none to know, as in "3 hours ago".

    >>> iso("Updated: November 23, 2021 6:46pm")
    '2021-11-23T18:46'
    """
    moment = _moment(text)
    if moment is None:
        return None
    if not _PARTS.search(text) and (moment.hour, moment.minute) == (0, 0):
        return moment.date().isoformat()
    return moment.isoformat(timespec="minutes" if moment.second == 0 else "seconds")


def _moment(text: str) -> datetime | None:
    folded = squeeze(fold_case(text))
    if not _DIGITS.search(folded) or _RELATIVE.search(folded.lower()):
        return None
    import dateparser

    # Whole dates only: the library would fill what is missing from today's date, and differ from day to day.
    settings = {"REQUIRE_PARTS": ["year", "month", "day"], "PARSERS": ["absolute-time"]}
    bare = _VERB.sub("", folded)
    for attempt in dict.fromkeys((bare, folded, _LEAD.sub("", bare))):
        try:
            if moment := dateparser.parse(attempt, settings=settings):
                return moment
        except Exception:  # noqa: BLE001 - the library raises many things on odd input, and a time is never worth a crash
            continue
    return None
