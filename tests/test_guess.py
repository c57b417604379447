"""Which line is taken for the headline: one that speaks of what the text speaks of, or none."""

from __future__ import annotations

import pytest

from newsclean.document import Document

TEXT = "The bridge over the lower river fell at dawn on Monday, and nobody was on it but a heron, two fishermen said."
HEADLINE = "Bridges that fall: a heron is unhurt"
JA = "県の古い橋が月曜日の明け方に落下し、橋の上には鳥が一羽いただけだったと、釣り人の二人が警察に話した。橋は百年前に建設されたものだという。"

CASES: dict[str, tuple[list[str], str | None]] = {  # lines, the one that is guessed
    "below a section": (["County", HEADLINE, TEXT], HEADLINE),
    "below a motto": (["News from all along the weir since 1871", HEADLINE, TEXT], HEADLINE),
    "above its summary": ([HEADLINE, "What fishermen saw on the lower river", TEXT], HEADLINE),
    "Markdown": ([f"# {HEADLINE}", TEXT], f"# {HEADLINE}"),
    "a byline": (["By a fisherman at the lower river", TEXT], None),
    "a time": (["Lower river, two fishermen, 10:12", TEXT], None),
    "an address": (["https://weir.example/heron-at-the-lower-river-bridge", TEXT], None),
    "another headline": (["Orchestra auctions trumpets and drums", TEXT], None),
    "a sentence": (["The heron is on the bridge.", TEXT], None),
    "no paragraph": ([HEADLINE, "The heron"], None),
    "below the first paragraph": ([TEXT, HEADLINE, TEXT], None),
    "Japanese": (["社会", "古い橋が明け方に落下、鳥は無事だったと釣り人二人", JA], "古い橋が明け方に落下、鳥は無事だったと釣り人二人"),
    "Japanese, of another": (["社会", "楽団が太鼓とラッパを競売に出品すると発表した", JA], None),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "headline"), CASES.values(), ids=CASES)
def test_guesses(lines: list[str], headline: str | None) -> None:
    document = Document("\n\n".join(lines))
    block = document.guessed
    assert (document.text[block.start : block.end] if block else None) == headline
