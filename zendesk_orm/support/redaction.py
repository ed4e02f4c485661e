"""Texts that are to be redacted, marked in the HTML of a comment.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from zendesk_orm.errors import InvalidValue


_TAG = re.compile(r"(<[^>]*>)")


def marked(markup: str, texts: Iterable[str]) -> str:
    """Return HTML with `<redact>` around each of the texts, wherever it says one.

    Args:
        markup: the HTML.
        texts: what is to go, without markup.

    Raises:
        InvalidValue: it does not say one of them, or says it with markup between; or there is
            no text.
    """
    # The longest first: a text may be a part of another.
    wanted = sorted(dict.fromkeys(texts), key=len, reverse=True)
    if "" in wanted:
        raise InvalidValue("wants the texts that are to go, not ''")
    forms = {form: text for text in wanted for form in _forms(text)}
    found: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        found.add(forms[match[0]])
        return f"<redact>{match[0]}</redact>"

    pattern = re.compile("|".join(map(re.escape, forms)))
    parts = _TAG.split(markup)
    # Every second part is a tag.
    parts[::2] = [pattern.sub(mark, part) for part in parts[::2]] if forms else parts[::2]
    missing = [text for text in wanted if not any(text in each for each in found)]
    if missing:
        raise InvalidValue(
            f"the comment does not say {missing[0]!r} in one piece; mark what is to go in html_body"
        )
    return "".join(parts)


def _forms(text: str) -> tuple[str, ...]:
    """Return how a text may stand in HTML."""
    return html.escape(text, quote=True), html.escape(text, quote=False), text
