"""`notify_subscribers`: whether subscribers get an e-mail about a new object.

It is sent at the root of the body, outside of the object.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#create-article
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.api.actions import alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.write.save import SaveKeywords


if TYPE_CHECKING:
    # A mixin must not declare rows.
    _Saved = Model
else:
    _Saved = object

R = TypeVar("R")


class NotifyingManager(Manager[R]):
    """A manager of objects that can be created without notifying subscribers."""

    @alters_data
    @check_arguments
    def create(self, *, notify_subscribers: bool | None = None, **values: Any) -> R:
        """Create an object with these values, save it and return it.

        Args:
            notify_subscribers: False sends subscribers no e-mail about the object, as imports
                of existing content should.
            values: its fields.

        Raises:
            FieldError, InvalidValue: a value is invalid; nothing was sent.
            ValidationError and the other `ApiError`s.
        """
        return self._create(values, notify_subscribers=notify_subscribers)


class Notifying(_Saved):
    """An object that can be created without notifying subscribers."""

    @alters_data
    @check_arguments
    def save(
        self, *, notify_subscribers: bool | None = None, **options: Unpack[SaveKeywords]
    ) -> Self:
        """Send the changes and update the object; see `Model.save()`.

        Args:
            notify_subscribers: False sends subscribers no e-mail about a new object.
            options: see `Model.save()`.

        Raises:
            InvalidValue: `notify_subscribers` is set for an existing object, or in a batch,
                which cannot defer it.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if notify_subscribers is None:
            return super().save(**options)
        if self.pk is not None:
            raise InvalidValue(
                f"notify_subscribers must be used when an object is created; {display(self)} exists"
            )
        self._save(
            self._session(options.get("using")),
            update_fields=options.get("update_fields"),
            force_insert=options.get("force_insert", False),
            safe=options.get("safe"),
            root_keys={"notify_subscribers": notify_subscribers},
        )
        return self
