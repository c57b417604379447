"""Text to blocks. Protects: blocks and white space tile the text; each shape of line gets its kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.document import Document
from newsclean.folding import fold, fold_case, fold_mapped, squeeze

KINDS = {
    "# Rain in the north": "heading",
    "Rain in the north keeps the ferries in harbour": "heading",
    "Rain in the north": "label",
    "Rain is on its way.": "paragraph",
    "Is rain on its way?": "paragraph",
    '"Rain is on its way."': "paragraph",
    "雨が降るでしょう。": "paragraph",
    "a long line that has no end mark " * 8: "paragraph",
    "• Umbrellas": "item",
    "- Umbrellas": "item",
    "* Umbrellas": "item",
    "– Umbrellas": "item",
    "▪ Umbrellas": "item",
    "✓ Umbrellas": "item",
    "•Umbrellas": "item",
    "3. Umbrellas": "item",
    "b) Umbrellas": "item",
    "---": "separator",
    "* * *": "separator",
    "|": "separator",
    "3.5 metres of rain": "label",
}


@pytest.mark.parametrize(("line", "kind"), KINDS.items(), ids=lambda value: str(value)[:24])
def test_kind_of_a_line(line: str, kind: str) -> None:
    (block,) = Document(line).blocks
    assert block.kind == kind


LINE_ENDS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
def test_every_line_end_ends_a_block(end: str) -> None:
    text = f"One.{end}{end}Two.{end}"
    assert [text[b.start : b.end] for b in Document(text).blocks] == ["One.", "Two."]


WRAPPED = """\
The diary of a lighthouse keeper who wrote down every ship that passed
between 1921 and 1933 goes on show in the county museum on Saturday, the
museum said, ninety years after it was found behind a stove.

• Fourteen notebooks in a hand so small that the curator had to read them
  on a screen, page after page, for two winters and most of a spring, she
  said with a sigh.
• One stove.
"""
NOT_WRAPPED = {
    "headlines of equal length": "Council votes on the new bus lanes in October after all\nFive umbrellas we have come to love this rainy autumn\n",
    "one paragraph a line": "Rain is on its way to the north of the country this week, they say.\nIt will stay until Friday.\n",
    "verse": "The rain it falls upon the hill\nand then it falls upon the mill\nand on the miller, sleeping still\n",
    "long lines": "x " * 60 + "\n" + "y " * 60 + "\n",
    "short list": "Milk\nButter\nEggs\n",
}


def test_hard_wrapped_paragraphs_are_one_block_each() -> None:
    blocks = Document(WRAPPED).blocks
    assert [(b.line, b.kind) for b in blocks] == [(1, "paragraph"), (5, "item"), (8, "item")]
    assert blocks[0].plain.endswith("found behind a stove.")
    assert "passed between" in blocks[0].plain


@pytest.mark.parametrize("text", NOT_WRAPPED.values(), ids=NOT_WRAPPED)
def test_lines_that_were_not_wrapped_stay_apart(text: str) -> None:
    assert len(Document(text).blocks) == len(text.strip().split("\n"))


@given(st.text(alphabet=st.characters(), max_size=200) | st.text(alphabet=" \n\r\x85\u2028aB.•\u200b\ufeff", max_size=60))
def test_blocks_and_white_space_tile_the_text(text: str) -> None:
    end = 0
    for block in Document(text).blocks:
        gap = text[end : block.start].removeprefix("\ufeff" if not end else "")
        assert not gap.strip() or not squeeze(fold(gap))
        assert block.start < block.end
        assert block.plain
        end = block.end
    assert not squeeze(fold(text[end:]))


def test_zones_are_counted_in_real_paragraphs() -> None:
    prose = "The council met on Monday and talked for three long hours about money.\n"
    document = Document("Menu\n" + prose * 9)
    assert (document.head, document.tail) == (4, 7)
    assert [i in document.zone("edges") for i in (0, 3, 4, 6, 7)] == [True, True, False, False, True]


FOLDED = {
    "`Rain`": "'rain'",
    "`Räin`": "'räin'",
    "don’t": "don't",
    "“Rain” – «Sun»": '"rain" - "sun"',
    "Un\u00adlock\u200b now": "unlock now",
    "a\u00a0b\u3000c": "a b c",
    "ＲＥＡＤ　ＭＯＲＥ": "read more",
    "Соntасt uѕ аt": "contact us at",
    "Свяжитесь с нами": "свяжитесь с нами",
    "IT-компания и Apple": "it-компания и apple",
    "Cafe\u0301": "café",
    "İstanbul": "istanbul",
    "ſubſcribe": "subscribe",
    "ﬁve…": "five...",
    "lone \ud800": "lone \ufffd",
}


@pytest.mark.parametrize(("text", "folded"), FOLDED.items(), ids=range(len(FOLDED)))
def test_folding(text: str, folded: str) -> None:
    assert squeeze(fold(text)) == folded


BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
LINE = st.text(st.one_of(st.sampled_from("`'aяαé﹖Ａ\u0301\ufeff\ud800"), st.characters(exclude_characters=BREAKS)))


@given(st.lists(LINE, max_size=4))
def test_a_line_is_folded_the_same_whatever_stands_around_it(lines: list[str]) -> None:
    assert fold_case("\n".join(lines)) == "\n".join(map(fold_case, lines))


@given(st.text())
def test_folding_keeps_the_lines(text: str) -> None:
    text += "."  # a last line of nothing but invisible characters would be gone
    joined = text.splitlines()
    if "\r" not in text:
        assert len(fold_case(text).splitlines()) == len(joined)


@given(st.text(alphabet=st.characters() | st.sampled_from("aé’“\u200b\xad ﬁ \t")))
def test_mapped_folding_is_folding_and_points_home(text: str) -> None:
    mapped = fold_mapped(text)
    if mapped is None:
        return
    folded, origin = mapped
    assert folded == squeeze(fold(text))
    assert len(origin) == len(folded) + 1
    assert origin == sorted(origin)
    assert all(0 <= place <= len(text) for place in origin)
    for char, place in zip(folded, origin, strict=False):
        if char.isascii() and char.isalnum():
            assert char in fold(text[place : place + 3])


def test_what_several_rules_ask_for_is_made_once_a_document() -> None:
    asked: list[Document] = []
    one, two = Document("Rain."), Document("Rain.")
    for document in (one, two, one):
        document.once(asked.append)
    assert asked == [one, two]
