"""Folded copies of text, on which rules are matched; text itself is never changed.

Folding makes spellings that look alike equal: curly quotes become straight, every dash a hyphen,
NFKC, invisible characters dropped, Cyrillic and Greek letters that stand in Latin words become
Latin, capitals become small.  `fold_case` and `fold` keep the lines of the text one to one;
`fold_mapped` says for each folded character where in the text it came from.
"""

from __future__ import annotations

import re
import unicodedata

# One str.replace per character beats str.translate forty times over on long non-ASCII text.
_REPLACED = (
    *((c, "'") for c in "’‘‚‛‹›´`ʼ′"),
    *((c, '"') for c in "“”„‟«»″「」『』"),
    *((c, "-") for c in "–—‐‑‒―−"),
    *((c, " ") for c in "\xa0\u3000\u2007\u2009\u202f"),
    ("İ", "I"),  # its small form is two characters, and would miss every Latin "i"
    ("ſ", "s"),
    ("…", "..."),  # as NFKC has it, but without it most texts need no NFKC
)
_INVISIBLE = re.compile("[\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN_LETTER = re.compile("[\u0370-\u04ff]")
# A letter beside one of another script. The rarer one stands first, since that is what is searched for: in texts that are
# mostly ASCII, and in others.
_MIXED_WORD = (
    re.compile("[\u0370-\u04ff](?:(?=[A-Za-z])|(?<=[A-Za-z].))"),
    re.compile("[A-Za-z](?:(?=[\u0370-\u04ff])|(?<=[\u0370-\u04ff].))"),
)
_LOOK_ALIKES = str.maketrans(
    "АВЕКМНОРСТХУІЈЅаеорсухіјѕԁһԛԝνοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABEKMHOPCTXYIJSaeopcyxijsdhqwvoABEZHIKMNOPTYX",
)
_LATIN = re.compile("[A-Za-z]")
_ASCII = bytes(range(128))
_SPACES = re.compile(r"\s+")


def fold_case(text: str) -> str:
    """Fold all but the case. The result has the same lines (see `str.splitlines`) as `text`, save where
    dropping an invisible character joins a CR and an LF."""
    if text.isascii():
        return text.replace("`", "'")  # the only one of _REPLACED; a line says the same, whatever stands around it
    for old, new in _REPLACED:
        text = text.replace(old, new)
    if text.isascii():
        return text
    others = _others(text)
    if _INVISIBLE.search(others):
        text = _INVISIBLE.sub("", text)
    if _SURROGATE.search(others):
        text = _SURROGATE.sub("\ufffd", text)
    if not unicodedata.is_normalized("NFKC", text):
        text = "".join(_normalized(line) for line in text.splitlines(keepends=True))
        others = _others(text)
    if _FOREIGN_LETTER.search(others) and _MIXED_WORD[others is text].search(text):
        text = "".join(_fold_look_alikes(line) for line in text.splitlines(keepends=True))
    return text


def _others(text: str) -> str:
    """What stands in a text beyond ASCII, each character once: searching for odd ones there is faster. Of a text in Latin-1
    only what is odd; a text that is half of such characters is returned as it is."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
        return text if len(data) > len(text) // 2 else "".join(set(data.decode("utf-8", "surrogatepass")))
    return "\xad" if "\xad" in text else ""


def _normalized(line: str) -> str:
    if unicodedata.is_normalized("NFKC", line):
        return line
    line = unicodedata.normalize("NFKC", line)
    for old, new in _REPLACED:  # full-width quotes and dashes surface only now
        line = line.replace(old, new)
    return line


def _fold_look_alikes(line: str) -> str:
    """Turn look-alike letters Latin, in a line that is Latin but for them."""
    if not _MIXED_WORD[0].search(line):
        return line
    if len(_FOREIGN_LETTER.findall(line)) > len(_LATIN.findall(line)) * 2:
        return line
    return line.translate(_LOOK_ALIKES)


def fold(text: str) -> str:
    """Fold all, the case too: what patterns are written against."""
    return fold_case(text).lower()


def squeeze(text: str) -> str:
    """White space at the ends dropped, every other run of it made one blank."""
    return " ".join(text.split())


def fold_mapped(text: str) -> tuple[str, list[int]] | None:
    """Fold and squeeze `text`, and say where each character came from.

    Returns `(folded, origin)`: `folded == squeeze(fold(text))`, and `folded[i]` stems from the
    characters of `text` that begin at `origin[i]`; `origin` has one more entry, `len(text)` less the
    white space at the end.  None where no such map can be made (exotic combining sequences):
    whoever asks then leaves the text alone.
    """
    folded, origin = [], []
    for start, piece in _clusters(text):
        for char in fold(piece):
            folded.append(char)
            origin.append(start)
    kept: list[int] = []
    for i, char in enumerate(folded):
        if not char.isspace() or (kept and not folded[kept[-1]].isspace()):
            kept.append(i)
    if kept and folded[kept[-1]].isspace():
        kept.pop()
    result = _SPACES.sub(" ", "".join(folded[i] for i in kept))
    if result != squeeze(fold(text)):
        return None
    return result, [*(origin[i] for i in kept), len(text.rstrip())]


def _clusters(text: str) -> list[tuple[int, str]]:
    """Cut `text` where folding cannot reach across: letters with their combining marks, words of mixed script."""
    if text.isascii():
        return list(enumerate(text))
    pieces: list[tuple[int, str]] = []
    for i, char in enumerate(text):
        if pieces and unicodedata.combining(char):
            start, piece = pieces[-1]
            pieces[-1] = start, piece + char
        else:
            pieces.append((i, char))
    return pieces
