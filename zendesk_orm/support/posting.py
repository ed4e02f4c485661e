"""What is made by a call whose answer is not the envelope that was sent.

Source: https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm import signals
from zendesk_orm.errors import InvalidValue, MalformedResponse
from zendesk_orm.model import Model
from zendesk_orm.schema.row import Row
from zendesk_orm.signals import announce
from zendesk_orm.write import actions
from zendesk_orm.write.change import change_of


if TYPE_CHECKING:
    from typing_extensions import Self


class Posted(Model):
    """What is made once, by a call of its own."""

    if not TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.

        class Meta:
            abstract = True

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> Self:
        """Make it; what is made stays as it is.

        Raises:
            InvalidValue: it is there already.
            ValidationError: a field is missing that Zendesk requires.
            Conflict and the other `ApiError`s; `TransportError`.
        """
        if self.pk is not None:
            if not self.changes():
                return self
            raise InvalidValue(f"{self!r} stays as it was made: Zendesk lets nobody change it")
        session = self._session(using)
        self.attach_to(session)
        self.settle_relations()
        told: dict[str, Any] = {
            "instance": self,
            "created": True,
            "origin": "local",
            "using": session.alias,
        }
        announce(signals.pre_save, type(self), changes=change_of(self).edits, **told)
        self.clean_fields()
        change = change_of(self)
        path = {name: self._row.get(f"{name}_id") for name in self._places()}
        answer = actions.call(session, type(self), "save", self._body(change.payload), None, path)
        if answer is actions.UNSENT:
            return self
        self.absorb(self._answered(answer.data), sent=list(change.edits))
        session.identity.add(self)
        session.account.recent.note(type(self), self.pk, {}, self._row)
        announce(signals.post_save, type(self), changes=change.edits, **told)
        return self

    def _places(self) -> tuple[str, ...]:
        """Return the relations that stand in the path."""
        return ()

    def _body(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent."""
        return dict(payload)

    def _answered(self, data: Any) -> Row:
        """Return the row that an answer tells of; each subclass knows its envelope."""
        raise NotImplementedError


def told(data: Any, key: str) -> Any:
    """Return what an answer holds under a key.

    Raises:
        MalformedResponse: it is not there.
    """
    found = data.get(key) if isinstance(data, Mapping) else None
    if found is None:
        raise MalformedResponse("POST", "", 200, description=f"there is no {key!r} in the body")
    return found
