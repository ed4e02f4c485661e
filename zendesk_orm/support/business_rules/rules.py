"""Managers of business rules: reordering, and bulk changes without a job.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.session.session import Session


R = TypeVar("R")


class OrderedManager(Manager[R]):
    """A manager of objects whose order can be changed."""

    #: The key of the ids in a request that reorders.
    _order_key: ClassVar[str] = "ids"

    def reorder(self, rows: Iterable[R | int | str]) -> None:
        """Put objects in a new order, in one request, and expire those in the session.

        All of an account's triggers, SLA policies or queues must be passed, because their order
        is that in which they fire. Fields, forms and workspaces may be passed in part: those
        passed come first.

        Args:
            rows: objects, or their ids, in the new order.

        Raises:
            InvalidValue: `rows` is empty, or contains an unsaved object or a duplicate.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#reorder-ticket-triggers
        """
        session, model = self._session, self._query.meta.model
        ids = ids_of(session, model, rows, "reorder")
        self._call("reorder", {self._order_key: ids})
        for pk in ids:
            session.expire(session.refer(model, pk))


class RuleManager(Manager[R]):
    """A manager of rules, some fields of which can be bulk-updated without a job.

    `Trigger.objects.filter(category=old).update(active=False)` and `bulk_update()` send a hundred
    rules per request. Fields other than `active` and `position` (and the category of triggers)
    raise `InvalidValue`, because Zendesk would ignore them.

    Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
    """

    _bulk_fields: ClassVar[tuple[str, ...] | None] = ("active", "position")


def ids_of(session: Session, model: Any, rows: Iterable[Any], method: str) -> list[Any]:
    """Return the ids of objects of a model; ids are returned unchanged.

    Raises:
        InvalidValue: `rows` is empty, or contains an unsaved object, an object of another
            account, or a duplicate.
    """
    ids: list[Any] = session.ids_of(model, rows, method)
    if not ids:
        raise InvalidValue(f"{method}() requires at least one object or id")
    if len(set(ids)) < len(ids):
        duplicate = next(pk for pk in ids if ids.count(pk) > 1)
        raise InvalidValue(f"{method}() does not accept duplicates: {display(duplicate)}")
    return ids
