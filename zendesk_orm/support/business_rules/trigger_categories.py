"""Trigger categories.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/trigger_categories/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.errors import BulkError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.session.action_bodies import object_of, part_of
from zendesk_orm.session.responses import objects_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.results import BulkResult, Outcome


if TYPE_CHECKING:
    from zendesk_orm.support.business_rules.triggers import Trigger

#: Fields of triggers that can be changed together with categories.
_TRIGGER_FIELDS = frozenset({"position", "active", "category_id"})


class TriggerCategoryManager(Manager["TriggerCategory"]):
    """The manager `TriggerCategory.objects`."""

    @action("POST", "trigger_categories/jobs")
    def rearrange(
        self, categories: Iterable[TriggerCategory] = (), triggers: Iterable[support.Trigger] = ()
    ) -> None:
        """Send changed positions of categories and their triggers, in one atomic request.

        Args:
            categories: categories whose `position` was changed.
            triggers: triggers whose `position`, `active` or `category` was changed.

        Raises:
            InvalidValue: another field was changed, or an object was never saved.
            BadRequest, BulkError: Zendesk applied no change; the message contains the first
                reason.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/trigger_categories/#create-batch-job-for-ticket-trigger-categories
        """
        changed_categories, changed_triggers = list(categories), list(triggers)
        require_objects(TriggerCategory, changed_categories, self._session, "rearrange")
        require_objects(registry.find("Trigger"), changed_triggers, self._session, "rearrange")
        items = {
            "trigger_categories": [
                self._item(category, {"position"}) for category in changed_categories
            ],
            "triggers": [self._item(trigger, _TRIGGER_FIELDS) for trigger in changed_triggers],
        }
        items = {key: changed for key, changed in items.items() if changed}
        if not items:
            raise InvalidValue("rearrange() requires at least one category or trigger")

        def update(data: Any) -> None:
            _check_success(data, [*changed_categories, *changed_triggers])
            results = part_of(data, "results")
            categories = objects_in(results, "trigger_categories")
            _store(self._session, changed_categories, categories)
            _store(self._session, changed_triggers, objects_in(results, "triggers"))

        body = {"job": {"action": "patch", "items": items}}
        self._call("rearrange", body, then=update, in_dry_run=None)

    def _item(self, record: Any, allowed: Iterable[str]) -> dict[str, Any]:
        """Return the changes of one object as an item of the request."""
        pk = self._session.id_of(type(record), record, "rearrange")
        payload = record.to_payload()
        other = sorted(payload.keys() - set(allowed))
        if other:
            raise InvalidValue(
                f"{display(record)}: rearrange() does not send {', '.join(other)}; save() does"
            )
        return {**payload, "id": str(pk)}


class TriggerCategory(StringIdModel):
    """A group of triggers, which fire in the order of their categories; its id is a string."""

    objects = TriggerCategoryManager.as_manager()

    name: Field[str]
    position: Field[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    triggers: Many[Trigger]

    class Meta:
        cache_seconds = 300
        required = ("name",)
        api = resource(
            "trigger_categories",
            orders=("position", "name", "created_at", "updated_at"),
            default_order=None,
            fits_in_memory=True,
            paging=(CURSOR,),
            update_method="PATCH",
        )


def _check_success(data: Any, records: list[Any]) -> None:
    """Raise `BulkError` if a job has failed, and `MalformedResponse` for a body without one."""
    body = object_of(data)
    if body.get("status") != "failed" and not body.get("errors"):
        return
    error = next(iter(objects_in(data, "errors")), {})
    reason = f"{error.get('code', 'failed')}: {error.get('title', 'no reason given')}"
    outcomes = [Outcome(record, record.pk, ok=False, error=reason) for record in records]
    raise BulkError(f"nothing was rearranged: {reason}", BulkResult(outcomes))


def _store(session: Session, records: list[Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Store the sent changes and the returned rows of objects."""
    rows_by_id = {str(row.get("id")): row for row in rows}
    for record in records:
        row = rows_by_id.get(str(record.pk), {})
        sent = [name for name in record.changes() if name in _TRIGGER_FIELDS]
        session.store(record, {**record._row, **record.to_payload(sent), **row}, sent)
