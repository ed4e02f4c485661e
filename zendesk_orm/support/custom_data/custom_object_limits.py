"""Limits on the numbers of custom objects, fields and records.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm.session.action_bodies import object_of


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
    values = object_of(data)
    return Limit(values["count"], values["limit"])
