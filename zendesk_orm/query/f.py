"""`F`: another field of the same row, where a value would stand."""

from __future__ import annotations

from attrs import frozen


@frozen
class F:
    """A field of the same row: `filter(updated_at__gt=F("created_at"))`.

    No endpoint of Zendesk compares fields, so such a filter runs here, over
    rows that are read by id or from a short list; elsewhere it is refused.

    Attributes:
        name: the field.
    """

    name: str
