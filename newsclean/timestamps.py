"""Which of a document's timestamps stays, and what time it says.

Rules of the kind `repeat` of `timestamp` find them; a document needs one, and `choose` says which.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from newsclean.folding import fold_case, squeeze
from newsclean.programs import compiled
from newsclean.report import Timestamp

POLICIES = ("first", "latest", "all", "none")
CHRONOLOGY = 4  # so many lines that are a bare date are no timestamps but a chronology or a changelog

GAP_CHARS, CLOCK_CHARS = 24, 32  # at most between a date and its time; the longest time

_DIGITS = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = r"[^\W\d_]{3,14}"

# A whole date, in the order in which its parts are written; which of several meanings it has is seen later.
_DATE = rf"""(?ix)
    (?<!\d)(?<!\d[.:/-])(?:
        (?P<iso_year>\d{{4}})\s?(?:[-/.年]|년)\s?(?P<iso_month>\d{{1,2}})\s?(?:[-/.月]|월)\s?(?P<iso_day>\d{{1,2}})(?!\d)(?:\s?[日일])?
      | (?P<one>\d{{1,2}})\s?(?P<mark>[-/.])\s?(?P<two>\d{{1,2}})\s?(?P=mark)\s?(?P<last>\d{{4}}|\d{{2}})(?![\d:])(?!\.\d)
      | (?P<day>\d{{1,2}})(?:st|nd|rd|th|er|re|[oa°])?[ .,-]{{0,2}}(?:(?:de|of|d['e]|di|the)\s?)?
        (?P<word>{_NAME})[.,]{{0,2}}[ -]?(?:(?:de|del|of)\ )?
        (?P<year>\d{{4}})(?!\d)
    )
    | (?<![^\W\d_])(?P<word_first>{_NAME})[.,]?[ -](?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<year_third>\d{{4}})(?!\d)
    """
# A time of day with what may follow it: am or pm, a zone.
_CLOCK = r"""(?ix)
    (?P<iso>(?<=\d)T)?(?<!\d)(?<!\d[.,:/-])(?P<half_before>午前|午後|上午|下午|오전|오후)?\s?
    (?:(?P<hour>\d{1,2})\s?(?:[:.h時时点點]|시)\s?(?P<minute>\d{2}|\d(?=\s?[分분]))(?:\s?[分분])?
        (?:\s?[:.]?\s?(?P<second>\d{2})(?:\.\d+)?(?!\d)\s?[秒초]?)?
      | (?P<full>\d{1,2})(?=\s?(?:[ap]\.?\s?m\b|uhr\b|h\b|uur\b|heures?\b|[時时点點시])))
    (?![\d%]|[.,:]\d)
    (?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?(?:uhr|hrs?|h|uur|heures?|часов|[時时点點시])(?![^\W\d_]))?
    (?:[\s,]{0,2}\(?(?P<zone>(?-i:[A-Z]{1,5}|МСК|мск))\b\.?)?
    (?:\s?\(?(?P<offset>(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)(?!\d))?
    """
_AFTERNOON = {"午後", "下午", "오후"}
# Words of timestamp lines in languages that write the day first; in English, 04/03/2024 may be either.
_DAY_FIRST = r"""(?ix)\b(?:(?:am|um|le|el|em|il|om|den)\s(?=\d)|publi[ée]e?\b|mise?\s[àa]\b|modifié|veröffentlicht|erstellt
    |erschienen|aktualisiert|stand:|uhr\b|publi(?:cado|ziert)|actualizado|a\slas\b|às\b|atualizad[oa]|postad[oa]|alle\b|ore\b
    |pubblicat[oa]|aggiornat[oa]|aggiornamento|ultima\smodifica|gepubliceerd|geplaatst|bijgewerkt|uur\b|opublikowan[oa]
    |aktualizacja|dodano|godz\b|data\s(?:publikacji|di)|опубликовано|обновлено|publicerad|uppdaterad|udgivet|opdateret
    |publisert|oppdatert|julkaistu|päivitetty|klo?\b|yayınlan?ma|güncelle|giriş|oluşturma)|\d\s?h\s?\d\d"""
# Words that say that the time behind them is another one's, not that of the date before.
_AGAIN = r"""(?ix)\b(?:updat|modif|edit|publi|post|mise?\ à|aktuali|geänd|stand|actuali|atuali|aggior|bijgew|gewijz|обновл
    |uppdat|opdat|oppdat|päivit|güncel|更新|수정|read|min)"""
# Hours east of Greenwich. Names with several meanings (IST, AST, BST in Asia) are left out, or mean what news means by them.
_ZONES = {
    "z": 0, "gmt": 0, "utc": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "mez": 1, "wat": 1, "cest": 2, "mesz": 2, "eet": 2,
    "cat": 2, "sast": 2, "eest": 3, "msk": 3, "мск": 3, "trt": 3, "eat": 3, "pkt": 5, "wib": 7, "ict": 7, "hkt": 8, "sgt": 8,
    "pht": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "acdt": 10.5, "aedt": 11, "nzst": 12, "nzdt": 13,
    "brt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "akdt": -8, "hst": -10,
}  # fmt: skip
_US_ZONES = {"et": -5, "ct": -6, "mt": -7, "pt": -8}  # in winter


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
    """The timestamps with their `time` in ISO 8601. Loads the date library if one is not in English."""
    return [replace(stamp, time=stamp.time or iso(stamp.text)) for stamp in stamps]


def iso(text: str) -> str | None:
    """The time that a timestamp line says, in ISO 8601 with what is known of time of day and zone; None if there
    is none to know, as in "3 hours ago", or if it can be read in two ways, as in "04/03/2024". Of several times
    the first counts.

    >>> iso("Updated: November 23, 2021 6:46pm")
    '2021-11-23T18:46'
    """
    folded = squeeze(fold_case(text))
    found = _date(folded)
    if found is None:
        return None
    clock = _clock(folded, found)
    if clock is None:
        return found.day.isoformat()
    moment = datetime.combine(found.day, clock)
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


def _moment(text: str) -> datetime | None:
    """The same, for comparing; a date alone counts from midnight."""
    said = iso(text)
    return datetime.fromisoformat(said) if said else None


# --- the date -----------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A date, and where it stands in the text."""

    day: date
    start: int
    end: int


def _date(text: str) -> _Found | None:
    """The first whole date in the text. None where a date that can be read in two ways stands before it."""
    place = 0
    while found := compiled(_DATE).search(text, place):
        place = found.start() + 1
        days = _days(found, text)
        if len(days) > 1:
            return None
        if days:
            return _Found(days.pop(), found.start(), found.end())
    return None


def _days(found: re.Match[str], text: str) -> set[date]:
    """All days that a date can mean: one, as a rule; none where it is no date, as in 31.06.2024."""
    if word := found["word"] or found["word_first"]:
        day, year = found["day"] or found["day_second"], found["year"] or found["year_third"]
        return _valid([(int(year), _month(word.lower()), int(day))])
    if found["iso_year"]:
        return _valid([(int(found["iso_year"]), int(found["iso_month"]), int(found["iso_day"]))])
    one, two, last = int(found["one"]), int(found["two"]), int(found["last"])
    day_first, month_first, year_first = (_year(last), two, one), (_year(last), one, two), (_year(one), two, last)
    if compiled(_DAY_FIRST).search(text):
        return _valid([day_first])
    readings = [day_first] if found["mark"] == "." else [day_first, month_first]
    return _valid(readings if len(found["last"]) == 4 else [*readings, year_first])


def _year(number: int) -> int:
    """A year of two digits is one of 1970 to 2069."""
    return number if number > 99 else number + (2000 if number < 70 else 1900)


def _valid(readings: Iterable[tuple[int, int, int]]) -> set[date]:
    days = set[date]()
    for year, month, day in readings:
        if 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            days.add(date(year, month, day))
    return days


_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {name: number for number, month in enumerate(_ENGLISH, 1) for name in (month, month[:3])} | {"sept": 9}


def _month(word: str) -> int:
    """Number of the month that is called so in some language, 0 if it is none. English ones need no library, which takes a third
    of a second to load."""
    return _MONTHS.get(word) or _month_anywhere(word)


@lru_cache(maxsize=1024)
def _month_anywhere(word: str) -> int:
    """The same, in any language that the date library knows.

    The library gets a whole date: it would fill what is missing from today's, and differ from day to day.
    """
    import dateparser

    try:
        found = dateparser.parse(
            f"15 {word} 2001", settings={"REQUIRE_PARTS": ["year", "month", "day"], "PARSERS": ["absolute-time"]}
        )
    except Exception:  # noqa: BLE001 - the library raises many things on odd input, and a time is never worth a crash
        return 0
    return found.month if found and (found.year, found.day) == (2001, 15) else 0


# --- the time of day ------------------------------------------------------------------------------------


def _clock(text: str, day: _Found) -> time | None:
    """The time right before the date ("18:30 GMT, 4 March 2024"), else the one right behind it."""
    before = next((m for m in compiled(_CLOCK).finditer(text, 0, day.start) if _joins(text[m.end() : day.start])), None)
    if before and (clock := _time(before, day.day)):
        return clock
    behind = compiled(_CLOCK).search(text, day.end, day.end + GAP_CHARS + CLOCK_CHARS)
    return _time(behind, day.day) if behind and _joins(text[day.end : behind.start()]) else None


def _joins(gap: str) -> bool:
    """Whether what stands between date and time leaves them together: marks, a weekday, "at", but not "Updated"."""
    return len(gap) <= GAP_CHARS and not _DIGITS.search(gap) and len(_WORD.findall(gap)) <= 3 and not compiled(_AGAIN).search(gap)


def _time(found: re.Match[str], day: date) -> time | None:
    hour, minute = int(found["hour"] or found["full"]), int(found["minute"] or 0)
    half = (found["half"] or found["half_before"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half[0] == "p" or half in _AFTERNOON else 0)
    if hour > 23 or minute > 59:
        return None
    second = int(found["second"] or 0)
    clock = time(hour, minute, second if second < 60 else 0)
    return clock.replace(tzinfo=_zone(found, datetime.combine(day, clock)))


def _zone(found: re.Match[str], moment: datetime) -> timezone | None:
    """The zone as an offset; None where none is given or its name means several (IST)."""
    name = (found["zone"] or "").lower()
    hours = _ZONES.get(name)
    if name in _US_ZONES and moment.year >= 2007:
        hours = _US_ZONES[name] + _us_summer(moment)
    minutes = None if hours is None else round(hours * 60)
    if found["offset"] and (found["sign"] == "+" or found["iso"] or found["second"] or name):  # 10:15-11:30 is a stretch of time
        minutes = (int(found["hours"]) * 60 + int(found["minutes"] or 0)) * (1 if found["sign"] == "+" else -1)
    return timezone(timedelta(minutes=minutes)) if minutes is not None and abs(minutes) <= 14 * 60 else None


def _us_summer(moment: datetime) -> bool:
    """Whether daylight saving time holds in the United States (rule of 2007): from the second Sunday of March to the
    first of November, at two."""
    begin, end = (datetime(moment.year, month, 1, 2) for month in (3, 11))
    return begin + timedelta(days=(6 - begin.weekday()) % 7 + 7) <= moment < end + timedelta(days=(6 - end.weekday()) % 7)
