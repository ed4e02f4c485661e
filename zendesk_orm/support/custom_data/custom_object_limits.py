"""Limits on the numbers of custom objects, fields and records.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm.schema.loading import load_int
from zendesk_orm.session.action_bodies import value_of


@frozen
class Limit:
    """A current number and its maximum.

    Attributes:
        count: the current number.
        limit: the maximum.
    """

    count: int
    limit: int

    @property
    def left(self) -> int:
        """The remaining number."""
        return self.limit - self.count


def read_limit(data: Any) -> Limit:
    """Return the limit in the data of a response."""
    return Limit(value_of(data, "count", load_int), value_of(data, "limit", load_int))
