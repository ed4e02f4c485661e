"""`notify_subscribers`: whether those who follow get an e-mail of what is made.

It is said beside the object, at the root of the body.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#create-article
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.write import writer


if TYPE_CHECKING:
    from typing_extensions import Self

    # A mixin has no rows of its own, and declares none.
    _Saved = Model
else:
    _Saved = object

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
        return self._create(values, notify_subscribers=notify_subscribers)


class Notifying(_Saved):
    """What can be made without a notice to those who follow: articles, posts and comments."""

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
        notify_subscribers: bool | None = None,
    ) -> Self:
        """Send what changed and take over the answer; without changes, send nothing.

        Args:
            update_fields: names of fields to send; all that changed by default.
            force_insert: create it although it has an id.
            using: the account's alias; where the object came from by default.
            safe: for tickets.
            notify_subscribers: False sends those who follow no e-mail about a new object.

        Raises:
            InvalidValue: `notify_subscribers` is said of one that is there already, or in a
                batch, for whose end it cannot wait.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if notify_subscribers is None:
            return super().save(
                update_fields=update_fields, force_insert=force_insert, using=using, safe=safe
            )
        if self.pk is not None:
            raise InvalidValue(f"notify_subscribers is said when {self!r} is made, not later")
        beside = {"notify_subscribers": notify_subscribers}
        writer.save(self._session(using), self, beside=beside)
        return self
