"""`notify_subscribers`: whether those who follow get an e-mail of what is made.

It is said beside the object, at the root of the body.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#create-article
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.session.session import Session
from zendesk_orm.write import writer


R = TypeVar("R")


class NotifyingManager(Manager[R]):
    """The manager of what can be made without a notice to those who follow."""

    def create(self, *, notify_subscribers: bool | None = None, **values: Any) -> R:
        """Make an object of the values, save it and return it.

        Args:
            notify_subscribers: False sends those who follow no e-mail about it; a help
                center that is filled by a program should not write to everybody.
            values: its fields.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s.
        """
        if notify_subscribers is None:
            return super().create(**values)
        record: Any = self.model(**{**self._query.meta.filter, **self._given(), **values})
        record.attach_to(self._session)
        record.save(notify_subscribers=notify_subscribers)
        made: R = record
        return made


def save_new(record: Model, session: Session, *, notify_subscribers: bool) -> None:
    """Make an object, and say whether those who follow get an e-mail.

    Raises:
        InvalidValue: it is there already, or changes wait for the end of a batch.
        ValidationError and the other `ApiError`s; `TransportError`.
    """
    if record.pk is not None:
        raise InvalidValue(f"notify_subscribers is said when {record!r} is made, not later")
    if session.outbox is not None and not session.outbox.silent:
        raise InvalidValue("notify_subscribers cannot wait for the end of a batch; save it before")
    writer.save(_Telling(session, notify=notify_subscribers), record)
    record.attach_to(session)


class _Telling(Session):
    """A session that tells with what it sends whether those who follow get an e-mail."""

    def __init__(self, base: Session, *, notify: bool) -> None:
        super().__init__(base.account, explicit=base.explicit)
        self.identity = base.identity
        self._base = base
        self._notify = notify

    @property
    def transport(self) -> Transport:
        """The way to the account's host."""
        return cast("Transport", _Way(self._base.transport, notify=self._notify))


class _Way:
    """A transport that says one thing more in the body."""

    def __init__(self, transport: Transport, *, notify: bool) -> None:
        self._transport = transport
        self._notify = notify

    def send(self, request: Request) -> Response:
        """Send a request, and say it."""
        body = {**request.json, "notify_subscribers": self._notify}
        return self._transport.send(evolve(request, json=body))
