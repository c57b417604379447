"""What the user wants cut: a profile, and what was said beside it.

A policy knows labels and rule ids, not texts: `Policy.verdict(rule)` says why a rule is not acted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from newsclean.errors import ConfigError
from newsclean.folding import fold, squeeze
from newsclean.rules import KEPT_LABELS, LABELS, PAGE, PROFILES, REMOVED_LABELS, Pack, Rule
from newsclean.timestamps import POLICIES

_FURNITURE = frozenset(REMOVED_LABELS)

# profile -> labels that go. A correction stays in every one of them.
PROFILE_LABELS: dict[str, frozenset[str]] = {
    "news": _FURNITURE,
    "corpus": _FURNITURE | {"caption", "credit", "bio"},
    "body": (_FURNITURE | set(KEPT_LABELS)) - {"correction", "dateline", "other"},
    "archive": frozenset({"ad", "consent", "nav", "player", "social", "junk"}),
}
PROFILE_ABOUT = {
    "news": "Furniture goes; headline, dek, byline, first timestamp, captions, credits and notes stay.",
    "corpus": "For text corpora: captions, credits and author bios go as well.",
    "body": "The body alone: headline, dek, byline and timestamps go, too.",
    "archive": "Only what was never part of the page's text: ads, consent, navigation, players, share bars, stray marks.",
}


# The brake. Labelled documents lose up to three quarters of their characters rightly, but only 2 in 100 of them
# more than this, and a mistake this large is never worth it.
MAX_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Policy:
    """What goes and what stays. All of it can be given on the command line and in newsclean.toml.

    `keep`, `remove`: labels; `with_`, `without`: rule ids (pack/name); `timestamps`: first, latest, all or none, empty
    for what the profile says; `keep_phrases`, `drop_phrases`: whole lines, compared folded; `languages`: packs to use
    besides those of no language, empty for all; `max_share`: the share of a document's characters above which it comes
    back whole (the brake), 1 for no brake.
    """

    profile: str = "news"
    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    timestamps: str = ""
    keep_phrases: tuple[str, ...] = ()
    drop_phrases: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    max_share: float = MAX_SHARE

    def check(self, packs: Iterable[Pack]) -> None:
        """Raise ConfigError where a name is none: of a profile, a label, a rule, a language."""
        packs = tuple(packs)
        rules = [rule.id for pack in (*packs, PAGE) for rule in pack.rules]
        _known("profile", [self.profile], PROFILES)
        _known("timestamps", [self.timestamps or "first"], POLICIES)
        _known("label", [*self.keep, *self.remove], LABELS)
        _known("rule", [*self.with_, *self.without], rules)
        _known("language", self.languages, sorted({pack.language for pack in packs if pack.language}))
        if not 0 < self.max_share <= 1:
            raise ConfigError(f"max-share is a share above 0 and up to 1, not {self.max_share}")
        if both := sorted({*self.keep} & {*self.remove}):
            raise ConfigError(f"label '{both[0]}' is both kept and removed")

    def uses(self, pack: Pack) -> bool:
        return not (self.languages and pack.language) or pack.language in self.languages

    def verdict(self, rule: Rule) -> str | None:
        """Why matches of `rule` are not cut, or None if they are."""
        if rule.id in self.without:
            return "the rule is switched off"
        if rule.id in self.with_ or rule.label in self.remove:
            return None
        if rule.label in self.keep:
            return f"label {rule.label} is kept by your options"
        if rule.profiles and self.profile not in rule.profiles:
            return f"this rule acts in profile {' and '.join(rule.profiles)}, not in {self.profile}"
        if rule.profiles or rule.label in PROFILE_LABELS[self.profile]:
            return None
        return f"profile {self.profile} keeps label {rule.label}"

    @property
    def stamps(self) -> str:
        """Which timestamps stay: as `timestamps` says, else as the labels and the profile have it."""
        if self.timestamps:
            return self.timestamps
        if "timestamp" in self.keep or self.profile == "archive":
            return "all"
        return "none" if "timestamp" in self.remove or self.profile == "body" else "first"


def folded_phrases(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases as blocks show themselves to rules: folded, squeezed, in small letters."""
    return frozenset(filter(None, (squeeze(fold(phrase)) for phrase in phrases)))


def _known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = (
                f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known[:30])}{' ...' if len(known) > 30 else ''}"
            )
            raise ConfigError(f"unknown {what} '{name}'; {hint}")
