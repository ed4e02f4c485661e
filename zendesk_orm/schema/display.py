"""`Display`: the name of a choice for people: `get_status_display = Display()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from zendesk_orm.http.annotations import Self


_BEFORE, _AFTER = "get_", "_display"
#: Choices whose name for people differs from that in the API.
CALLED = {"hold": "On-hold", "end-user": "End user", "admin": "Administrator"}


class Display:
    """The method `get_status_display()`, which finds the field by its name.

    >>> Ticket(status="hold").get_status_display()
    'On-hold'
    """

    _field = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._field = name.removeprefix(_BEFORE).removesuffix(_AFTER)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: object, owner: type) -> Callable[[], str]: ...
    def __get__(self, record: Any, owner: type) -> Any:
        """Return the method of an object, which returns the name of its choice, or `""`."""
        if record is None:
            return self

        def display() -> str:
            custom = record._meta.declared.get(self._field)
            if custom is not None:
                return str(custom.display(record))
            value = getattr(record, self._field)
            return "" if value is None else CALLED.get(value, str(value).capitalize())

        return display

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._field}>"
