"""Pages as browsers save them: MHTML, a message with the page and what it shows (RFC 2557)."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple, cast

_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]*\n")
_RELATED = re.compile(rb"^content-type:\s*multipart/related", re.I | re.M)
HEADER_BYTES = 4096  # in which it says so


class Saved(NamedTuple):
    """The page of a message: its bytes, the charset its part names, the address it was saved from."""

    html: bytes
    charset: str | None
    url: str | None


def saved_page(data: bytes) -> Saved | None:
    """The page in `data` if this is MHTML, else None. Never raises."""
    start = data[:HEADER_BYTES]
    if not (_HEADER.match(start) and _RELATED.search(start)):
        return None
    message = cast(EmailMessage, message_from_bytes(data, policy=policy.compat32.clone(raise_on_defect=False)))
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            html = part.get_payload(decode=True)
            url = message.get("Snapshot-Content-Location") or part.get("Content-Location")
            charset = part.get_content_charset()
            return Saved(html if isinstance(html, bytes) else b"", charset, str(url).strip() if url else None)
    return None
