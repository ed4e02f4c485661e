"""How many custom objects, fields and records there may be.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class Limit:
    """How many there are of something, and how many there may be.

    Attributes:
        count: how many there are.
        limit: how many there may be.
    """

    count: int
    limit: int

    @property
    def left(self) -> int:
        """How many more there may be."""
        return self.limit - self.count


def limit_of(answer: Mapping[str, Any]) -> Limit:
    """Return the limit that an answer tells."""
    return Limit(answer["count"], answer["limit"])
