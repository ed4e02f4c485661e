"""Resource collections: fields, triggers and other resources created together.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write import calls
from zendesk_orm.write.bulk.jobs import Job


class ResourceCollectionManager(Manager["ResourceCollection"]):
    """`ResourceCollection.objects`."""

    @action("POST", "resource_collections", key="job_status")
    def install(self, payload: Mapping[str, Any]) -> Job:
        """Create the resources of an app's `requirements.json`, and wait.

        Args:
            payload: the resources by type and name: `{"triggers": {"mine": {...}}}`.

        Returns:
            The job, which has a result for each resource.

        Raises:
            InvalidValue: `payload` is empty or not a mapping.
            BulkError: the job failed.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#create-resource-collection
        """
        job: Job = self._call_and_wait("install", {"payload": _check_payload(payload)})
        return job


class ResourceCollection(Model):
    """A set of resources (fields, targets, triggers) created from one description."""

    objects = ResourceCollectionManager.as_manager()

    resources: ReadOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = resource("resource_collections", can=READ, paging=(OFFSET,))

    @action("PUT", "resource_collections/{id}", key="job_status")
    def change(self, payload: Mapping[str, Any]) -> Job:
        """Update the resources of the collection from a description, and wait.

        Args:
            payload: the resources by type and name.

        Returns:
            The job, which has a result for each resource.

        Raises:
            InvalidValue: `payload` is empty or not a mapping, or the collection was never saved.
            BulkError: the job failed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#update-resource-collection
        """

        def expire(job: Job) -> Job:
            self._session().expire(self)
            return job

        return self._call_and_wait("change", {"payload": _check_payload(payload)}, then=expire)

    @action(
        "DELETE", "resource_collections/{id}", key="job_status", name="destroy", call="delete()"
    )
    def delete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the collection and its resources, and wait.

        Args:
            using: the account's alias; by default the account of the object.

        Returns:
            `(1, {"support.ResourceCollection": 1})`, as in Django.

        Raises:
            InvalidValue: the collection was never saved.
            BulkError: the job failed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/#delete-resource-collection
        """
        session = self._session(using)

        def forget(_: Job) -> None:
            session.forget(ResourceCollection, self.pk)

        calls.call_and_wait(session, self, "destroy", then=forget)
        return 1, {self._meta.label: 1}


def _check_payload(payload: Any) -> dict[str, Any]:
    """Return the payload as a dictionary.

    Raises:
        InvalidValue: `payload` is empty or not a mapping.
    """
    if not isinstance(payload, Mapping) or not payload:
        raise InvalidValue(
            "payload must be resources by type and name: {'triggers': {'mine': {...}}}"
        )
    return dict(payload)
