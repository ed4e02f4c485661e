"""Triggers of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import FieldError
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.custom_object_permissions import definitions_of
from zendesk_orm.support.rules import RuleManager
from zendesk_orm.write import at_once
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Told


if TYPE_CHECKING:
    from zendesk_orm.support.custom_objects import CustomObject

_PATH = "custom_objects/{custom_object}/triggers"
#: Ids, and changes, that one request takes.
_MOST = 100


class ObjectTriggerManager(RuleManager["ObjectTrigger"]):
    """`ObjectTrigger.objects`, and `car.triggers`."""

    def definitions(self) -> dict[str, Any]:
        """Return what triggers of one object can ask, and do: `car.triggers.definitions()`.

        Raises:
            InvalidValue: the query names no object.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/#list-object-trigger-action-and-condition-definitions
        """
        return definitions_of(self)

    def delete(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Delete every trigger of the query, a hundred to a request, without a job.

        Args:
            wait, progress, raise_on_failure: see `bulk_create()`.

        Returns:
            One outcome for each row; `int(result)` is the number of rows deleted.

        Raises:
            FieldError: nothing was asked.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/#delete-many-object-triggers
        """
        if self._root:
            raise FieldError("a manager does not delete; filter() first")
        named = self._named_rows(Verb.DESTROY_MANY, Verb.DELETE)
        records = list(self._bare()._all()) if named is None else named
        return at_once.delete(
            self._session, self.model, records, raises=raise_on_failure, path=self._path_of
        )

    def _path_of(self, rule: Any) -> Mapping[str, Any]:
        return {"custom_object": rule.custom_object_id}


class ObjectTrigger(Model):
    """What Zendesk does when a record of a custom object is made or changed."""

    objects = ObjectTriggerManager.as_manager()

    url: ReadOnly[str]
    custom_object: Ref[CustomObject]
    custom_object_id: Id[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    position: Field[int | None]
    conditions: Field[dict[str, Any]]
    actions: Field[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    only_active: Lookup[Literal[True]]
    query: Lookup[str]

    class Meta:
        parent = "custom_object"
        singular = "trigger"
        required = ("title", "actions")
        verbose_name = "object trigger"
        verbose_name_plural = "object triggers"
        api = (
            resource(_PATH, takes="active", natural="position", small=True, paging=(OFFSET,))
            + listed(f"{_PATH}/active", key="triggers", needs="only_active", small=True)
            + listed(
                f"{_PATH}/search",
                key="triggers",
                takes="query active",
                needs="query",
                natural=None,
                small=True,
                paging=(OFFSET,),
            )
            + action("definitions", "GET", f"{_PATH}/definitions", "definitions")
            + action(
                "update_many", "PUT", f"{_PATH}/update_many", "triggers", call="bulk_update([...])"
            )
            + action("destroy_many", "DELETE", f"{_PATH}/destroy_many", call="filter(...).delete()")
        )
