"""Relations to objects that Zendesk creates together with the one that points to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema.fields import Ref


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

T = TypeVar("T")


class InlineRef(Ref[T]):
    """A relation whose object may be new: Zendesk looks it up by its address, or creates it.

    A new object is sent in the field of the same name with an underscore: `requester_`.
    """

    #: The fields of a new object that Zendesk accepts.
    TAKEN = frozenset({"name", "email", "locale_id"})

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T | str | Mapping[str, Any]) -> None: ...

    def inline(self, value: Any) -> Any:
        """Return the payload that creates the related object together with this one, or None.

        Args:
            value: a new object with an address, a dictionary of its name and its address, or its
                address.

        Raises:
            InvalidValue: it has fields that Zendesk does not accept.
        """
        if isinstance(value, str):
            return value if "@" in value else None
        if isinstance(value, self.model) and value.pk is None:
            payload: Mapping[str, Any] = value.to_payload()
            remedy = "save it first"
        elif isinstance(value, Mapping):
            payload, remedy = value, "create the object first"
        else:
            return None
        if not payload.get("email"):
            # Without an address, Zendesk would create another one each time.
            return None
        others = sorted(payload.keys() - self.TAKEN)
        if others:
            raise InvalidValue(
                f"{self.name}: a new {self._target} may have only {', '.join(sorted(self.TAKEN))}, "
                f"not {', '.join(others)}; {remedy}"
            )
        return dict(payload)
