"""Rows: the decoded JSON, as it came."""

from __future__ import annotations

from typing import Any


#: A row is shared between whoever holds it, never edited, and replaced whole.
Row = dict[str, Any]


class Hollow(dict[str, Any]):
    """A row of which only some keys are known; reading any other fetches the whole."""


#: The row of an object that Zendesk has not seen.
NOTHING: Row = {}
