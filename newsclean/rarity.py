"""How often a literal may be expected in a line of news: what is rare tells more, and touches fewer blocks.

    expected("\\nsubscribe to") -> about 0.000002 times a line

A model of pairs of letters, counted in labelled lines of news in a dozen languages. It knows "the" for a frequent word and "wky"
for a rare one, and no more is needed: a literal only says where to look.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

LINE = 120  # characters of a line
_LETTERS = "\n abcdefghijklmnopqrstuvwxyz0.*"  # a line's end, a blank, letters, any digit, any mark, anything else

# For each of these, how seldom each of them stands behind it: p = 2 ** (-digit / 2), digits to the base of 36.
_BEHIND = (
    "rr79b99bca9ccaabc9ec87dc9jfea77", "zz7998a9ba8ecb9b9aib87bc9neebb8", "i7haaahdbcajc795ncm776acfjbgpcg",
    "ic6fik3pgi7jk7ji7is8be7ijs9klee", "lb7lci6op39u9amn5omag89upueprfh", "g37kle4kfi6kndfg9gmbbgbfjvess9e",
    "g4afb9cdde9me9b6gdj57aededfhvak", "j58ikg78gk7ikakh5it8e8annofktd9", "f48jli4md88kibhb9mq8abamkofon9e",
    "j65gkj3nnm6qkbec8ovaf9ckfvfokcd", "labe897caglic9a49eka76ibmgieqeg", "nc4nng5knkakgnkh4fnfhk4hknnnida",
    "f57imk4ggc7jfaib7jsa989kfsekn9a", "h66gh95ffk6mf6ff8fsjaaaghv9ksbc", "h65agh4hjm6pjg9h78ribfakkudnmbd",
    "f49ha67e6h9jdfgbakmj97dfipdfp9g", "j7ecbbg8dfdkc985bbr5a97baihgodi", "h76mhh6cka9qk7ii69q6ba9tlofnq9e",
    "fcckkkfkkfahkkkkekkhkk1fckkke7k", "g57eda5ecg7kbdbb8fpc98afgsbhrac", "e49g9h6iia8nedfg9amg96bjftfko8f",
    "e58hhl5ij57omdhh7ks99bbleqderae", "l9bb9b9abgckc895k9n666piljhhucg", "oc7hkr2olm5rijrl6orhilgmrrhlree",
    "k85ilh4ms75mmghb7msdbhcsfsgssbc", "h58m9m8gmf6mhmmmg5mmj6ahdgbff9m", "f29ghf8mglashdee7esdagilhsnii6f",
    "g88gpe4ije6picek9mpki94p9mmfk9c", "b4jmjpknphspisinsislhemmjjsp25b", "52cfedegfgdjhfdgeele9bggdphj98c",
    "f6hfghfhhfinieidjlscffilpsmlga1",
)  # fmt: skip
_PAIRS: dict[tuple[str, str], float] = {
    (a, b): 2.0 ** (-int(digit, 36) / 2)
    for a, row in zip(_LETTERS, _BEHIND, strict=True)
    for b, digit in zip(_LETTERS, row, strict=True)
}
_ALONE = {letter: sum(_PAIRS[a, letter] for a in _LETTERS) / len(_LETTERS) for letter in _LETTERS}
_FOREIGN = 1 / 32  # a letter of another script, or a symbol, where one stands; there are dozens of them
_USUAL_MARKS, _COMMON_MARKS = ".,'\"-", ":()"
_COMMON_MARK, _RARE_MARK = 1 / 8, 1 / 64  # one of the common marks, and one of the others but the usual ones, where a mark stands


def expected(literals: Iterable[str]) -> float:
    """How often one of the literals may be expected in a line. A line end in a literal is that of the line."""
    return sum(map(_expected, literals))


@lru_cache(maxsize=1 << 16)
def _expected(literal: str) -> float:
    inner = literal.strip("\n")
    letters = [_letter(char) for char in inner]
    found = 1.0
    for pair in pairwise(letters):
        found *= _PAIRS[pair]
    for char, letter in zip(inner, letters, strict=True):
        if letter == "*" and (ord(char) > 0x24F or not char.isalpha()):
            found *= _FOREIGN
        elif letter == "0":
            found /= 10
        elif letter == "." and char not in _USUAL_MARKS:
            found *= _COMMON_MARK if char in _COMMON_MARKS else _RARE_MARK
    if literal.startswith("\n"):
        return found * _PAIRS["\n", letters[0]] if letters else 0.01
    found *= _ALONE[letters[0]]
    return found * _PAIRS[letters[-1], "\n"] * LINE if literal.endswith("\n") else found * LINE


def _letter(char: str) -> str:
    if char in _LETTERS[1:28]:
        return char
    if char.isdigit():
        return "0"
    return "." if char.isascii() else "*"
