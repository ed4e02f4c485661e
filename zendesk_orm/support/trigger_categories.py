"""Trigger categories.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/trigger_categories/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import BulkError, InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.session.session import Session
from zendesk_orm.write.outcomes import BulkResult, Outcome
from zendesk_orm.write.writer import take_over


if TYPE_CHECKING:
    from zendesk_orm.support.triggers import Trigger

_TOGETHER = frozenset({"position", "active", "category_id"})


class TriggerCategoryManager(Manager["TriggerCategory"]):
    """`TriggerCategory.objects`."""

    def rearrange(
        self, categories: Iterable[TriggerCategory] = (), triggers: Iterable[Trigger] = ()
    ) -> None:
        """Send the changed positions of categories and of the triggers in them, in one request.

        Either all of it is done, or nothing.

        Args:
            categories: categories whose `position` was changed.
            triggers: triggers whose `position`, `active` or `category` was changed.

        Raises:
            InvalidValue: something else was changed, or one was never saved.
            BadRequest, BulkError: Zendesk did nothing of it; the first of its reasons is told.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/trigger_categories/#create-batch-job-for-ticket-trigger-categories
        """
        rows, ruled = list(categories), list(triggers)
        require_objects(TriggerCategory, rows, self._session, "rearrange")
        require_objects(registry.find("Trigger"), ruled, self._session, "rearrange")
        items = {
            "trigger_categories": [self._item(each, {"position"}) for each in rows],
            "triggers": [self._item(each, _TOGETHER) for each in ruled],
        }
        told = {key: some for key, some in items.items() if some}
        if not told:
            raise InvalidValue("rearrange() wants categories or triggers, and got none")
        answer = self._call("rearrange", {"job": {"action": "patch", "items": told}})
        if not answer:
            return
        _refuse_failure(answer, [*rows, *ruled])
        results = answer.get("results") or {}
        _absorb(self._session, rows, results.get("trigger_categories") or ())
        _absorb(self._session, ruled, results.get("triggers") or ())

    def _item(self, record: Any, allowed: Iterable[str]) -> dict[str, Any]:
        pk = self._session.id_of(type(record), record, "rearrange")
        payload = record.to_payload()
        other = sorted(payload.keys() - set(allowed))
        if other:
            raise InvalidValue(
                f"{record!r}: rearrange() does not send {', '.join(other)}; save() does"
            )
        return {**payload, "id": str(pk)}


class TriggerCategory(Model):
    """A heading under which triggers stand, and fire in their order; its id is a word."""

    objects = TriggerCategoryManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word of digits
    name: Field[str]
    position: Field[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    triggers: Many[Trigger]

    class Meta:
        keep = 300
        required = ("name",)
        api = resource(
            "trigger_categories",
            orders="position name created_at updated_at",
            natural=None,
            small=True,
            paging=(CURSOR,),
            update="PATCH",
        ) + action("rearrange", "POST", "trigger_categories/jobs", "")


def _refuse_failure(answer: Mapping[str, Any], records: list[Any]) -> None:
    if answer.get("status") != "failed" and not answer.get("errors"):
        return
    first: Mapping[str, Any] = next(iter(answer.get("errors") or ({},)))
    reason = f"{first.get('code', 'failed')}: {first.get('title', 'no reason given')}"
    outcomes = [Outcome(each, each.pk, ok=False, error=reason) for each in records]
    raise BulkError(f"nothing was rearranged: {reason}", BulkResult(outcomes))


def _absorb(session: Session, records: list[Any], rows: Iterable[Mapping[str, Any]]) -> None:
    known = {str(row.get("id")): row for row in rows}
    for record in records:
        row = known.get(str(record.pk), {})
        sent = [name for name in record.changes() if name in _TOGETHER]
        take_over(session, record, {**record._row, **record.to_payload(sent), **row}, sent)
