"""When to distrust the rules: a document of which too much would go comes back whole; and what a document is flagged for.

paywalled     the text is only a teaser, which stays
no-article    a notice stands where an article should; it stays, and is no article
brake         too much would have gone
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from newsclean.document import Document
from newsclean.report import Removal

MIN_CHARS = 200  # shorter texts have no share to speak of: there, only losing every real paragraph counts

# Over the limit a document still passes if an article evidently stands: some real paragraphs are left, or the cuts are many
# rules' (a mistake is one rule's). All of the labelled documents that rightly lose more than the limit pass like this.
PARAGRAPHS = 5
COMMENTED = 3  # real paragraphs of an article that has comments
ONE_RULE_SHARE = 0.5  # of what goes
ANY_SHARE = 0.7  # of the document; more never goes


def raised_flags(
    original: str, left: Document, removals: Sequence[Removal], raised: Iterable[str], max_share: float
) -> tuple[str, ...]:
    """The document's flags. `left` is what the removals leave of `original`, `raised` the flags of the rules that fitted,
    `max_share` the limit of the brake, 1 for none."""
    raised = set(raised)
    flags = raised & {"paywalled"}
    if "no-article" in raised and not left.paragraphs:
        flags.add("no-article")
    elif removals and max_share < 1 and _is_too_much(original, left, removals, max_share):
        flags.add("brake")
    return tuple(sorted(flags))


def _is_too_much(original: str, left: Document, removals: Sequence[Removal], max_share: float) -> bool:
    if not left.paragraphs and (not left.text.strip() or Document(original).paragraphs):
        return True
    # What stands there twice is not lost; and comments may be longer than the article they are on, if one stands.
    uncounted = {"dup", "comments"} if left.paragraphs >= COMMENTED else {"dup"}
    removals = [removal for removal in removals if removal.label not in uncounted]
    gone = sum(removal.end - removal.start for removal in removals)
    if len(original) < MIN_CHARS or not gone or gone <= max_share * len(original):
        return False
    chars: Counter[str] = Counter()
    for removal in removals:
        chars[removal.rule] += removal.end - removal.start
    stands = left.paragraphs >= PARAGRAPHS or max(chars.values()) <= ONE_RULE_SHARE * gone
    return not stands or gone > ANY_SHARE * len(original)
