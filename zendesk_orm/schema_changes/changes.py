"""Changes of the custom fields and custom objects of an account, and their outcomes."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field, frozen

from zendesk_orm.errors import ZendeskError
from zendesk_orm.messages import display


_SIGNS = {"create": "+", "change": "~", "delete": "-"}


@frozen
class SchemaChange:
    """One change of an account.

    >>> print(plan.changes[0])
    + create ticket field 'Product' (tagger, 4 options)

    Attributes:
        action: `create`, `change` or `delete`.
        subject: the changed thing: `ticket field 'Product'`.
        attribute: the changed attribute, as Zendesk names it: `title`; "" otherwise.
        old: its value in the account.
        new: its new value.
        details: further facts for people: `tagger, 4 options`.
        place: the declaration: `AccountTicket.product`; "" for something that is not declared.
    """

    action: Literal["create", "change", "delete"]
    subject: str
    attribute: str = ""
    old: Any = None
    new: Any = None
    details: str = ""
    place: str = ""

    @property
    def is_destructive(self) -> bool:
        """Whether values are lost or hidden, as by a deletion or a deactivation."""
        return self.action == "delete" or (self.attribute == "active" and self.new is False)

    def __str__(self) -> str:
        sign = _SIGNS[self.action]
        if self.action == "change":
            difference = f"{display(self.old)} -> {display(self.new)}"
            return f"{sign} change {self.attribute} of {self.subject}: {difference}"
        return f"{sign} {self.action} {self.subject}" + (f" ({self.details})" * bool(self.details))

    def as_json(self) -> dict[str, Any]:
        """Return the change as a JSON object."""
        return {
            "action": self.action,
            "subject": self.subject,
            "attribute": self.attribute,
            "old": self.old,
            "new": self.new,
            "details": self.details,
            "declared_by": self.place,
            "destructive": self.is_destructive,
        }


@frozen
class SchemaOutcome:
    """The outcome of one change.

    Attributes:
        change: the change.
        state: `done`; `failed`; `skipped`, if it was not sent because another change failed.
        details: the reason of a failure, or "".
        error: the exception of a failure, or None.
    """

    change: SchemaChange
    state: Literal["done", "failed", "skipped"]
    details: str = ""
    error: ZendeskError | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the account has the change now."""
        return self.state == "done"

    def __str__(self) -> str:
        reason = f": {self.details}" if self.details else ""
        return f"{self.state:<7} {self.change}{reason}"

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        return {**self.change.as_json(), "state": self.state, "error": self.details}
