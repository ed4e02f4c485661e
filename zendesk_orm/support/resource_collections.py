"""Resource collections: fields, triggers and the like that were brought along together.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write import actions
from zendesk_orm.write.jobs import Job


class ResourceCollectionManager(Manager["ResourceCollection"]):
    """`ResourceCollection.objects`."""

    def install(self, payload: Mapping[str, Any]) -> Job:
        """Make resources from what the `requirements.json` of an app holds, and wait.

        Args:
            payload: the resources by kind and name: `{"triggers": {"mine": {...}}}`.

        Returns:
            The job, whose results tell of each resource.

        Raises:
            InvalidValue: there is nothing to make.
            BulkError: the job failed.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#create-resource-collection
        """
        return self._job("install", {"payload": _checked(payload)})


class ResourceCollection(Model):
    """Fields, targets, triggers and the like that were made together, from one description."""

    objects = ResourceCollectionManager.as_manager()

    resources: ReadOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = (
            resource("resource_collections", can="list show", paging=(OFFSET,))
            + action("install", "POST", "resource_collections", "job_status")
            + action("change", "PUT", "resource_collections/{id}", "job_status")
            + action(
                "destroy", "DELETE", "resource_collections/{id}", "job_status", call="delete()"
            )
        )

    def change(self, payload: Mapping[str, Any]) -> Job:
        """Make the resources of the collection anew, as a description says, and wait.

        Args:
            payload: the resources by kind and name.

        Returns:
            The job, whose results tell of each resource.

        Raises:
            InvalidValue: there is nothing to make; it was never saved.
            BulkError: the job failed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#update-resource-collection
        """
        job = self._job("change", {"payload": _checked(payload)})
        actions.outdated(self._session(), self)
        return job

    def delete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the collection and its resources, and wait.

        Args:
            using: the account's alias; where the object came from by default.

        Returns:
            `(1, {"support.ResourceCollection": 1})`, as Django does.

        Raises:
            InvalidValue: it was never saved.
            BulkError: the job failed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#delete-resource-collection
        """
        session = self._session(using)
        actions.ended(session, self, "destroy")
        session.forget(ResourceCollection, self.pk)
        return 1, {self._meta.label: 1}


def _checked(payload: Any) -> dict[str, Any]:
    """Return the payload.

    Raises:
        InvalidValue: it is no dictionary, or an empty one.
    """
    if not isinstance(payload, Mapping) or not payload:
        raise InvalidValue("wants the resources by kind and name: {'triggers': {'mine': {...}}}")
    return dict(payload)
