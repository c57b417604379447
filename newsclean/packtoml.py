"""TOML in, checked rules out.

A pack is a TOML file: a `[pack]` table, perhaps `[patterns]` (named pieces, used as `{name}`), one `[rule.NAME]` table per
rule, and `[site."DOMAIN"]` sections.  Reading runs no code of the pack and reports all its mistakes at once.
docs/writing-rules.md explains every key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Any

from newsclean.document import IS, ZONES
from newsclean.errors import PackError
from newsclean.folding import fold, squeeze
from newsclean.hanging import runaway
from newsclean.learned import learned_rules
from newsclean.literals import literals
from newsclean.needed import with_scan
from newsclean.rules import FLAGS, LABELS, MAX_CHARS, MOST_CHARS, PROFILES, REPEATS, ROLES, STRENGTHS, Pack, Rule, Selectors, Step

# --- keys ---------------------------------------------------------------------------------------------

_COMMON = {
    "kind",
    "label",
    "about",
    "where",
    "any",
    "scan",
    "strength",
    "support",
    "flag",
    "protect",
    "profiles",
    "title",
    "match",
    "keep",
}
KINDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {  # kind -> (keys it needs, keys it may have besides)
    "block": (frozenset(), frozenset({"pattern", "is", "case", "min_chars", "max_chars"})),
    "inline": (frozenset({"pattern"}), frozenset({"is", "case", "max_chars", "role"})),
    "run": (frozenset({"steps"}), frozenset({"case", "ends", "paragraphs", "rounds"})),
    "growth": (frozenset({"below", "steps"}), frozenset({"ends", "max_shared", "paragraphs", "until"})),
    "repeat": (frozenset({"of"}), frozenset({"pattern", "role", "is", "case", "min_chars", "max_chars"})),
}
_NEEDED = {"kind", "label", "about", "match", "keep"}
_CHOICES = {
    "kind": tuple(KINDS), "label": LABELS, "where": tuple(ZONES), "strength": STRENGTHS, "flag": FLAGS, "of": REPEATS,
    "role": ROLES, "scan": ("every-block",), "profiles": PROFILES, "support": LABELS, "below": LABELS, "until": LABELS,
    "is": tuple(IS),
}  # fmt: skip
_LISTS = {"any", "below", "until", "support", "profiles", "match", "keep", "pattern", "is"}
_MAY_BE_ONE = {"pattern", "is"}
_NUMBERS = {"min_chars", "max_chars", "paragraphs", "rounds"}
_FLAGS = {"case", "protect", "ends"}
_STEP_KEYS = {"is", "pattern", "min", "max", "min_chars", "max_chars", "stays", "apart"}
_SELECTORS = ("body", "drop", "keep")
_PIECE = re.compile(r"\{([a-z_]+)\}")


def parse_pack(source: str, path: str, name: str, proven: bool = False, strict: bool = True) -> Pack:
    """Check TOML `source` and make a pack of it; `path` is for messages, `name` is used where `[pack]` has none.

    `proven`: its patterns were checked before (those that ship are, by the tests), and that takes most of the time. `strict`:
    patterns are refused that may hang; those that ship are not estimated but tried, on hostile texts.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise PackError([_toml_mistake(path, str(error))]) from None
    return _Reader(source, path, data, name, proven, strict and not proven).pack()


def _toml_mistake(path: str, message: str) -> str:
    place = re.search(r" \(at line (\d+), column \d+\)$", message)
    if place:
        return f"{path}:{place[1]}: {message[: place.start()]}"
    return f"{path}: {message}"


class _Reader:
    """One pack being read; `mistakes` grow as it goes."""

    def __init__(self, source: str, path: str, data: dict[str, Any], name: str, proven: bool, strict: bool) -> None:
        self.proven, self.strict = proven, strict
        self.lines = source.splitlines()
        self.sections = {line.strip(): number for number, line in enumerate(self.lines, 1) if line.startswith("[site.")}
        self.path, self.data, self.mistakes = path, data, list[str]()
        head = data.get("pack", {})
        self.head = head if isinstance(head, dict) else {}
        self.name = str(self.head.get("name", name))
        pieces = data.get("patterns", {})
        self.pieces = pieces if isinstance(pieces, dict) else {}
        self.selectors: list[Selectors] = []

    def pack(self) -> Pack:
        for key in self.data:
            if key not in ("pack", "patterns", "rule", "site"):
                self.wrong(None, key, f'unknown table [{key}], expected [pack], [patterns], [rule.NAME] or [site."DOMAIN"]')
        for key in self.head.keys() - {"name", "about", "language", "version"}:
            self.wrong(None, key, f"[pack]: unknown key '{key}', expected about, language, name or version")
        rules = self.rules(self.data.get("rule", {}))
        sites = self.data.get("site", {})
        for domain, section in sites.items() if isinstance(sites, dict) else ():
            rules += self.site(domain, section if isinstance(section, dict) else {})
        if self.mistakes:
            raise PackError(self.mistakes)
        head = self.head
        return Pack(
            self.name, str(head.get("about", "")), tuple(rules), str(head.get("language", "")),
            str(head.get("version", "1")), self.path, tuple(self.selectors),
        )  # fmt: skip

    def rules(self, tables: Any, prefix: str = "") -> list[Rule]:
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            self.wrong(None, "rule", "rules are tables [rule.NAME]")
            return []
        return [rule for name, table in tables.items() if (rule := self.rule(prefix + name, table))]

    def site(self, domain: str, section: dict[str, Any]) -> list[Rule]:
        """Rules and standing lines of one site; they act on its pages alone."""
        for key in section.keys() - {"documents", "learned", "lines", "names", "page", "rule"}:
            what = f"unknown key '{key}', expected documents, learned, lines, names, page or rule"
            self.wrong(None, f'site."{domain}', f'[site."{domain}"]: {what}')
        names, lines = section.get("names", []), section.get("lines", {})
        good = isinstance(lines, dict) and all(k in LABELS and _is_texts(v) for k, v in lines.items())
        if not good or not _is_texts(names) or domain != domain.lower() or "/" in domain:
            self.wrong(
                None,
                f'site."{domain}',
                f'[site."{domain}"]: a domain in small letters; names is a list; lines has lists by label',
            )
            return []
        sites = (domain, *(squeeze(fold(name)) for name in names))
        if "page" in section:
            self.page(domain, sites, section["page"])
        rules = [self.lines_rule(domain, label, texts) for label, texts in lines.items()]
        at = self.sections.get(f'[site."{domain}"]', 0)
        learned, mistakes = learned_rules(self.name, domain, section.get("documents", 0), section.get("learned", []), at)
        rules += learned
        for what in mistakes:
            self.mistakes.append(f'{self.path}:{at}: [site."{domain}"]: {what}')
        return [replace(rule, sites=sites) for rule in (*rules, *self.rules(section.get("rule", {}), f"{domain}/"))]

    def page(self, domain: str, sites: tuple[str, ...], table: Any) -> None:
        """The CSS selectors of a site's pages."""
        key = f'site."{domain}".page'
        if not isinstance(table, dict) or table.keys() - set(_SELECTORS) or not all(map(_is_texts, table.values())):
            self.wrong(None, key, f"[{key}]: lists of CSS selectors, expected {', '.join(_SELECTORS)}")
            return
        for name, selectors in table.items():
            for selector in selectors:
                if reason := _not_css(selector):
                    self.wrong(None, key, f"[{key}]: {name} {selector!r}: {reason}")
        self.selectors.append(Selectors(sites, **{name: tuple(selectors) for name, selectors in table.items()}))

    def lines_rule(self, domain: str, label: str, texts: list[str]) -> Rule:
        """Standing lines as a rule: whole blocks, in any spelling."""
        patterns = tuple(re.escape(squeeze(fold(text))) for text in texts)
        rule = Rule(
            f"{self.name}/{domain}/{label}-lines", "block", label, f"A standing line of {domain}.", tuple(texts), (),
            patterns=patterns, max_chars=max(map(len, patterns), default=0),
        )  # fmt: skip
        return with_scan(rule, frozenset())

    def wrong(self, rule: str | None, key: str, what: str) -> None:
        where = f"{self.path}:{self.line_of(rule, key)}: "
        self.mistakes.append(where + (f"rule '{rule}': " if rule else "") + what)

    def line_of(self, rule: str | None, key: str) -> int:
        """Line of `key` in the table of `rule`, or of the table's header; looked up only for a message."""
        name = rule.rpartition("/")[2] if rule else ""
        header = re.compile(rf"\s*\[[^\]]*\brule\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]") if rule else re.compile("")
        start = next((i for i, line in enumerate(self.lines) if header.match(line)), 0)
        for i in range(start + bool(rule), len(self.lines)):
            if rule and re.match(r"\s*\[\s*(?:rule|pack|patterns|site)\b", self.lines[i]):
                break
            if key and re.match(rf"\s*\[?{re.escape(key)}\b", self.lines[i]):
                return i + 1
        return start + 1

    def rule(self, name: str, table: dict[str, Any]) -> Rule | None:
        before = len(self.mistakes)
        kind = table.get("kind")
        needs, may = KINDS.get(kind, (frozenset(), frozenset())) if isinstance(kind, str) else (frozenset(), frozenset())
        allowed = _COMMON | needs | may
        for key in sorted((_NEEDED | needs) - table.keys()):
            self.wrong(name, "kind", f"'{key}' is missing")
        if isinstance(kind, str) and kind in KINDS:
            for key in sorted(table.keys() - allowed):
                self.wrong(name, key, f"unknown key '{key}' for kind '{kind}', expected one of {', '.join(sorted(allowed))}")
        for key, value in table.items():
            if key != "steps":
                self.check(name, key, value)
        steps = self.steps(name, table.get("steps", []))
        if len(self.mistakes) > before:
            return None
        rule = self.make(name, table, steps)
        self.check_reach(name, rule)
        if self.strict:
            self.check_time(name, rule)
        return rule if len(self.mistakes) == before else None

    def check(self, rule: str, key: str, value: Any) -> None:
        """Type and values of one key."""
        values = _listed(key, value)
        if key in _NUMBERS:
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                self.wrong(rule, key, f"'{key}' is a whole number, not {value!r}")
        elif key == "max_shared":
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
                self.wrong(rule, key, f"'{key}' is a share above 0 and up to 1, not {value!r}")
        elif key in _FLAGS:
            if not isinstance(value, bool):
                self.wrong(rule, key, f"'{key}' is true or false, not {value!r}")
        elif values is None or not all(isinstance(v, str) for v in values):
            self.wrong(rule, key, f"'{key}' is {'a list of strings' if key in _LISTS else 'a string'}, not {value!r}")
        elif key in _CHOICES:
            for v in values:
                if v not in _CHOICES[key]:
                    self.wrong(rule, key, f"{key} '{v}', expected one of {', '.join(_CHOICES[key])}")
        elif key in ("match", "keep") and not values:
            self.wrong(rule, key, f"'{key}' needs at least one example")
        elif key == "any":
            for v in values:
                if v != v.lower() or len(v.split()) != 1:
                    self.wrong(rule, key, f"any '{v}', expected single words in small letters")
        elif key == "pattern":
            for v in values:
                self.check_pattern(rule, key, v)

    def check_pattern(self, rule: str, key: str, pattern: str) -> None:
        if self.proven:
            return
        for piece in _PIECE.findall(pattern):
            if piece not in self.pieces:
                self.wrong(rule, key, f"no piece '{{{piece}}}' in [patterns]")
                return
        pattern = self.filled(pattern)
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            self.wrong(rule, key, f"pattern {_short(pattern)}: {error}")

    def filled(self, pattern: str) -> str:
        for _ in range(4):  # pieces may hold pieces; four deep is deep enough
            pattern = _PIECE.sub(lambda m: f"(?:{self.pieces.get(m[1], '')})", pattern)
        return pattern

    def steps(self, rule: str, steps: Any) -> tuple[Step, ...]:
        if not isinstance(steps, list) or not all(isinstance(s, dict) for s in steps):
            self.wrong(rule, "steps", "steps is a list of tables { is, pattern, min, max, min_chars, max_chars, stays, apart }")
            return ()
        return tuple(self.step(rule, number, step) for number, step in enumerate(steps, 1))

    def step(self, rule: str, number: int, step: dict[str, Any]) -> Step:
        for key in step.keys() - _STEP_KEYS:
            self.wrong(rule, "steps", f"step {number}: unknown key '{key}', expected one of {', '.join(sorted(_STEP_KEYS))}")
        for key in step.keys() & {"is", "pattern", "min_chars", "max_chars"}:
            self.check(rule, key, step[key])
        least = step.get("min", 1)
        most = step.get("max", max(1, least) if isinstance(least, int) else 1)
        if not (isinstance(least, int) and isinstance(most, int) and 0 <= least <= most and most > 0):
            self.wrong(rule, "steps", f"step {number}: min {least!r} and max {most!r}, expected 0 <= min <= max and max > 0")
            least = most = 1
        patterns = tuple(self.filled(p) for p in _listed("pattern", step.get("pattern", [])) or () if isinstance(p, str))
        kinds = tuple(k for k in _listed("is", step.get("is", [])) or () if isinstance(k, str))
        return Step(
            kinds,
            patterns,
            least,
            most,
            step.get("max_chars", MAX_CHARS),
            bool(step.get("stays", False)),
            step.get("min_chars", 0),
            bool(step.get("apart", False)),
        )

    def make(self, name: str, table: dict[str, Any], steps: tuple[Step, ...]) -> Rule:
        words = frozenset(table.get("any", ()))
        patterns = tuple(self.filled(p) for p in _listed("pattern", table.get("pattern", [])) or ())
        every = table.get("scan") == "every-block"
        rule = Rule(
            id=f"{self.name}/{name}", kind=table["kind"], label=table["label"], about=table["about"],
            match=tuple(table["match"]), keep=tuple(table["keep"]), where=table.get("where", "anywhere"),
            strength=table.get("strength", "strong"), support=tuple(table.get("support", ())),
            is_=tuple(_listed("is", table.get("is", [])) or ()), patterns=patterns, case=table.get("case", False),
            min_chars=table.get("min_chars", 0), max_chars=table.get("max_chars", MAX_CHARS),
            steps=steps, ends=table.get("ends", False), below=tuple(table.get("below", ())),
            until=tuple(table.get("until", ())),
            paragraphs=table.get("paragraphs", 0), rounds=table.get("rounds", 1),
            max_shared=float(table.get("max_shared", 1)),
            of=table.get("of", ""), role=table.get("role", ""), flag=table.get("flag", ""),
            protect=table.get("protect", False), profiles=tuple(table.get("profiles", ())), title=table.get("title", ""),
            every_block=every, line=self.line_of(name, ""),
        )  # fmt: skip
        return with_scan(rule, words)

    def check_reach(self, name: str, rule: Rule) -> None:
        if rule.kind in ("block", "inline") and not rule.patterns and not rule.is_:
            self.wrong(name, "kind", "needs 'pattern' or 'is'")
        if rule.kind in ("run", "growth") and not rule.steps:
            self.wrong(name, "steps", "'steps' needs at least one step")
        elif not rule.every_block and (rule.scanned or rule.kind in ("block", "run")) and rule.bare:
            bare = _short(rule.bare[0]) if rule.bare[0] else "it"
            hint = 'name some with any = [...], or say scan = "every-block"'
            self.wrong(name, "pattern" if rule.patterns else "kind", f"no word that every match of {bare} must hold: {hint}")
        if not rule.case and not self.proven:
            for pattern in (*rule.patterns, *(p for step in rule.steps for p in step.patterns)):
                if any(word != word.lower() for word in literals(pattern)):
                    self.wrong(
                        name, "pattern", f"pattern {_short(pattern)} holds capitals; write small letters, or say case = true"
                    )

    def check_time(self, name: str, rule: Rule) -> None:
        """That no pattern can hang, on the longest text that it is tried on."""
        tried = [("pattern", p, rule.max_chars) for p in rule.patterns]
        tried += [("steps", p, step.max_chars) for step in rule.steps for p in step.patterns]
        inline = rule.kind == "inline"
        for key, pattern, limit in tried:
            if reason := runaway(pattern, MOST_CHARS if inline else min(limit, MOST_CHARS), inline):
                self.wrong(name, key, f"pattern {_short(pattern)}: {reason}")


def _not_css(selector: str) -> str:
    """Why a text is no CSS selector; nothing if it is one."""
    import soupsieve

    try:
        soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        return str(error).splitlines()[0]
    return ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _short(pattern: str) -> str:
    """A pattern for a message: its pieces filled in, it may run over pages."""
    return repr(pattern if len(pattern) <= 120 else pattern[:117] + "...")


def _listed(key: str, value: Any) -> list[Any] | None:
    """The value as a list; None if it is not of the right type."""
    if key in _LISTS and isinstance(value, list):
        return value
    if isinstance(value, str) and (key not in _LISTS or key in _MAY_BE_ONE):
        return [value]
    return None
