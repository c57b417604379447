"""Rules and packs: the records, and the names that may stand in them. newsclean.loading reads them from TOML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

REMOVED_LABELS = (
    "paywall", "newsletter", "app", "social", "related", "ad", "promo", "donation", "player", "nav", "comments", "legal",
    "consent", "dup", "junk",
)  # fmt: skip
KEPT_LABELS = ("headline", "dek", "byline", "timestamp", "dateline", "caption", "credit", "bio", "correction", "other")
LABELS = REMOVED_LABELS + KEPT_LABELS

STRENGTHS = ("strong", "weak")
FLAGS = ("paywalled", "no-article")
REPEATS = (
    "title",
    "above-title",
    "above-guess",
    "masthead",
    "head",
    "beside",
    "near",
    "credited",
    "pair",
    "lede",
    "appended",
    "suffix",
    "truncated",
    "quoted",
    "passage",
    "doubled",
    "timestamp",
)
CREDITED = ("credited", "pair")  # of these, the patterns say what a credit looks like, not the copy
ROLES = ("published", "updated", "relative", "reading")
PROFILES = ("news", "corpus", "body", "archive")
MOST_CHARS = 20_000  # no pattern is tried on a longer block
MAX_CHARS = 400  # a whole-block pattern is not tried on longer blocks, unless the rule says more


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: `least` to `most` neighbouring blocks of a kind (`is_`), matching `patterns` if there are any.

    `stays`: the blocks must be there but are not cut; `apart`: no two of them that are real paragraphs stand together.
    """

    is_: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    least: int = 1
    most: int = 1
    max_chars: int = MAX_CHARS
    stays: bool = False
    min_chars: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was learned: `text` as it stood on a page (with `slots` its numbers and names may differ), the zone `where` it
    stands, how many `documents` of the `of` of its site had it."""

    text: str
    where: str
    documents: int
    of: int
    slots: bool = False


class _Origin:
    """What a late rule is made from. No field: it is not written, compared or shown with them."""

    __slots__ = ("_fields", "_origin")
    id: str
    _fields: Callable[[], dict[str, Any]]
    _origin: str

    @property
    def origin(self) -> str:
        """What tells its fields from all others that ever were, or nothing where that is not known."""
        return getattr(self, "_origin", "")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A rule that knows its origin knows it in other processes, too, and is late there."""
        return (LateRule, (self.id, self._origin, self._fields)) if self.origin else object.__reduce_ex__(self, protocol)


@dataclass(frozen=True, slots=True, eq=False)
class Rule(_Origin):
    """One declaration of what furniture looks like. `id` is pack/name; `line` where it stands in its file.

    The keys are those of the TOML table (docs/writing-rules.md); `scan` holds, for each of the patterns
    `scanned`, the literals one of which a block has to hold for the pattern to be tried on it (a line end in them is that of
    the block), or nothing if it is tried on every block; `needs`, for each of them, words of which one is needed besides, and
    `widths` the lengths of what they match; `sites` the domains and folded
    names of the site whose pages alone it looks at, or nothing for all; `lines` those of a rule that was learned.
    """

    id: str
    kind: str
    label: str
    about: str
    match: tuple[str, ...]
    keep: tuple[str, ...]
    where: str = "anywhere"
    strength: str = "strong"
    support: tuple[str, ...] = ()
    is_: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    case: bool = False
    min_chars: int = 0
    max_chars: int = MAX_CHARS
    steps: tuple[Step, ...] = ()
    ends: bool = False
    rounds: int = 1
    paragraphs: int = 0
    below: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    max_shared: float = 1.0
    of: str = ""
    role: str = ""
    flag: str = ""
    protect: bool = False
    profiles: tuple[str, ...] = ()
    title: str = ""
    scan: tuple[frozenset[str], ...] = ()
    needs: tuple[frozenset[str], ...] = ()
    widths: tuple[tuple[int, int], ...] = ()
    every_block: bool = False
    sites: tuple[str, ...] = ()
    line: int = 0
    lines: tuple[Line, ...] = ()

    @property
    def scanned(self) -> tuple[str, ...]:
        """The patterns that the scan looks for: the rule's own, or those of a run's anchor."""
        return self.steps[self.anchor].patterns if self.steps else self.patterns

    @property
    def bare(self) -> list[str]:
        """The scanned patterns that have no literals, which are tried on every block; an empty one where there is no pattern."""
        sets = zip_longest(self.scanned or ("",), self.scan, self.needs)
        return [pattern for pattern, *literals in sets if not any(literals)]

    @property
    def anchor(self) -> int:
        """Number of the step of a run that the scan looks for: the first one with a pattern."""
        return next((i for i, step in enumerate(self.steps) if step.patterns), 0)


class LateRule(Rule):
    """A rule of which only `id` and `origin` are there. When something else is asked for, `fields()` gives all, and it is a Rule
    like any other: of more than a thousand rules, a text calls for a few."""

    __slots__ = ()

    def __init__(self, id: str, origin: str, fields: Callable[[], dict[str, Any]]) -> None:
        for name, value in (("id", id), ("_origin", origin), ("_fields", fields)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:  # of what is not there
        Rule.__init__(self, **self._fields())  # in two threads at once, perhaps, and then with the same values
        object.__setattr__(self, "__class__", Rule)
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors for the pages of one site (its domain and folded names): what is its `body`, what to `drop` and to `keep`."""

    sites: tuple[str, ...]
    body: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A file of rules. `version` is the pack's own; reports name it."""

    name: str
    about: str
    rules: tuple[Rule, ...]
    language: str = ""
    version: str = "1"
    path: str = ""
    selectors: tuple[Selectors, ...] = ()


def _of_page(name: str, label: str, about: str) -> Rule:
    return Rule(f"html/{name}", "page", label, about, (), ())


# What newsclean.html finds by the elements of a page. No pack can write such rules, but a policy can name them.
PAGE = Pack(
    "html",
    "What stands on a page around its article. Found by the page's elements, not by wording; there is no table to read.",
    (
        _of_page("outside-body", "nav", "What is not of the article, by all that speaks for and against it."),
        _of_page("dropped", "nav", "What a site's pack drops by a CSS selector."),
        _of_page("headline", "headline", "The headline above the article."),
        _of_page("standfirst", "dek", "The standfirst above the article."),
        _of_page("byline", "byline", "Who wrote the article, and when, above it."),
        _of_page("caption", "caption", "The caption of a picture in the article."),
    ),
)
