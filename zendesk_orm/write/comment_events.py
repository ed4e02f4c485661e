"""Comments as they are sent, compared with the events and rows in which Zendesk shows them.

Zendesk strips HTML, collapses white space and renders placeholders.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.schema.loading import unexpected_value


#: Bytes of a comment in UTF-8. Documented are 64 kB, taken for the larger of its meanings:
#: Zendesk cuts off the rest without an error, after 65,535 bytes or characters as reported.
LARGEST = 64 * 1024
#: The kinds of events that are comments.
KINDS = frozenset({"Comment", "VoiceComment"})
_TEXTS = ("body", "html_body", "plain_body")
_TAG = re.compile(r"<[^<>]*>")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
#: Characters of a text that was cut off by which it is still recognized.
_ENOUGH = 1000


def comments_of(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the events of an audit that are comments."""
    return [event for event in events if str(event.get("type")) in KINDS]


def find_audit(
    audits: Iterable[Any], comment: Mapping[str, Any], since: str, last: int
) -> Mapping[str, Any] | None:
    """Return the row of the audit that contains a comment, or None.

    Args:
        audits: the audits of a ticket, the newest first.
        comment: the comment as it was sent.
        since: a moment before it was sent.
        last: the id of the last audit that was known then.

    Raises:
        UnexpectedValue: an audit has no time.
    """
    for audit in audits:
        created_at = audit._row.get("created_at")
        if not isinstance(created_at, str):
            raise unexpected_value(created_at, "datetime")
        if created_at < since:
            return None
        events = comments_of(audit.events)
        if audit.pk > last and any(is_same(comment, event) for event in events):
            row: Mapping[str, Any] = audit._row
            return row
    return None


def is_kept(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Return whether Zendesk kept a comment as it was sent.

    Args:
        sent: the comment as it was sent.
        shown: the event of the audit, or the row of the comment.
    """
    files = shown.get("attachments")
    complete = not isinstance(files, list) or len(files) >= len(sent.get("uploads") or ())
    return _has_same_place(sent, shown) and complete and _has_same_text(sent, shown)


def is_same(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Return whether a comment is the one that was sent, even if its text was cut off."""
    if not _has_same_place(sent, shown):
        return False
    if _has_same_text(sent, shown):
        return True
    text = _plain(_text(sent))
    return any(
        len(shown_text) > _ENOUGH and text.startswith(shown_text) for shown_text in _texts(shown)
    )


def _has_same_place(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Return whether author and visibility are the same, as far as both are known."""
    return all(
        sent[key] is None or shown.get(key) is None or str(sent[key]) == str(shown[key])
        for key in ("public", "author_id")
        if key in sent
    )


def _has_same_text(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    text = _text(sent)
    parts = [re.escape(_plain(part)) for part in _PLACEHOLDER.split(text)]
    if len(parts) > 1:
        pattern = re.compile(r"\s*.*?\s*".join(parts), re.DOTALL)
        return any(pattern.fullmatch(shown_text) for shown_text in _texts(shown))
    return _plain(text) in _texts(shown) or not _plain(text)


def _text(comment: Mapping[str, Any]) -> str:
    return str(comment.get("html_body") or comment.get("body") or "")


def _texts(shown: Mapping[str, Any]) -> list[str]:
    return [_plain(str(shown[key])) for key in _TEXTS if shown.get(key)]


def _plain(text: str) -> str:
    """Return a text without tags, with single blanks."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
