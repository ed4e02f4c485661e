"""Objects that a bulk operation is given several times, which are sent once."""

from __future__ import annotations

from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.write.bulk.requests import BulkStrategy
from zendesk_orm.write.bulk.results import Outcome


class Repetitions:
    """The positions at which a bulk operation was given its objects.

    Args:
        strategy: the way in which the objects are changed.
    """

    def __init__(self, strategy: BulkStrategy) -> None:
        self._strategy = strategy
        # Not the payloads, which would be kept until the end of the operation.
        self._first: dict[int, tuple[int, int]] = {}

    def prepare(self, record: Any, position: int) -> tuple[int | None, Any]:
        """Prepare an object that was not given before.

        Returns:
            The position at which it was given before, or None; and what is sent for it.

        Raises:
            InvalidValue: it has had other values then, as in a loop that reuses one object.
        """
        first = self._first.get(id(record))
        if first is None:
            prepared = self._strategy.prepare(record)
            if self._strategy.action in ("create", "update"):
                self._first[id(record)] = position, _fingerprint(prepared)
            return None, prepared
        if self._has_other_values(record, first[1]):
            raise InvalidValue(
                f"{display(record)} was given several times, with different values, of which only "
                "the first are sent: make a new object for each row"
            )
        return first[0], None

    def _has_other_values(self, record: Any, fingerprint: int) -> bool:
        """Return True if an object has values that were not sent when it was given before."""
        if self._strategy.action == "create" and record.pk is not None:
            return bool(record.changes())
        prepared = self._strategy.prepare(record)
        # An outcome is that of an object without changes, or of an invalid one.
        return not isinstance(prepared, Outcome) and _fingerprint(prepared) != fingerprint


def _fingerprint(prepared: Any) -> int:
    return hash(repr(prepared))
