"""Where the many of a model are sent, and in what body.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-record-bulk-jobs
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import FieldError
from zendesk_orm.http.request import Request
from zendesk_orm.http.values import join, path_segment
from zendesk_orm.schema.options import Options
from zendesk_orm.write.batches import Item


Carrier = Callable[[list[Item]], Request]

_RECORDS = "support.CustomObjectRecord"
_JOB_ACTIONS = {
    Verb.CREATE_MANY: "create",
    Verb.UPDATE_MANY: "update",
    Verb.DESTROY_MANY: "delete",
}


@frozen
class Upsert:
    """How rows are created, or changed where they exist.

    Attributes:
        path: where they are sent; "" for a job of custom object records.
        unique: the fields that rows are known by.
        any: whether each row may be known by any of them.
    """

    path: str
    unique: tuple[str, ...]
    any: bool


#: What Zendesk can create or change; by model.
_UPSERTS: Mapping[str, Upsert] = {
    "support.User": Upsert(
        "/api/v2/users/create_or_update_many", ("external_id", "email"), any=True
    ),
    _RECORDS: Upsert("", ("external_id", "name"), any=False),
}


def upsert_of(meta: Options) -> Upsert:
    """Return how rows of a model are created or changed.

    Raises:
        FieldError: Zendesk cannot, for these.
    """
    found = _UPSERTS.get(meta.concrete._meta.label)
    if found is None:
        raise FieldError(
            f"Zendesk has no create_or_update_many for {meta.verbose_name_plural}, so "
            "update_conflicts cannot be done; look for them with in_bulk(), then use "
            "bulk_create() and bulk_update()"
        )
    return found


def apart(meta: Options) -> Callable[[Any], Hashable]:
    """Return what the objects of one request have to share: records, their custom object."""
    if _is_record(meta):
        return lambda record: record._row.get("custom_object_key")
    return lambda _: None


def each_its_own(meta: Options, verb: Verb) -> Carrier:
    """Return what sends a body for each object.

    Raises:
        FieldError: Zendesk offers no such thing for this model.
    """
    if _is_record(meta):
        return _job(_JOB_ACTIONS[verb])
    endpoint: Endpoint = meta.endpoint(verb)
    return _bodies(endpoint.method, endpoint.url, meta.plural)


def all_alike(meta: Options, verb: Verb, payload: Mapping[str, Any] | None) -> Carrier:
    """Return what sends the ids of objects, and one body for all, or none.

    Raises:
        FieldError: Zendesk offers no such thing for this model.
    """
    if _is_record(meta):
        return _job(_JOB_ACTIONS[verb], lambda item: _record_item(item, payload))
    endpoint: Endpoint = meta.endpoint(verb)
    body = None if payload is None else {meta.singular: payload}

    def request(items: list[Item]) -> Request:
        ids = join(item.object.pk for item in items)
        return Request(endpoint.method, endpoint.url, (("ids", ids),), json=body, once=True)

    return request


def upserting(meta: Options, unique: Sequence[str]) -> Carrier:
    """Return what sends objects that are created, or changed where they exist."""
    upsert = upsert_of(meta)
    if not upsert.path:
        return _job(f"create_or_update_by_{unique[0]}")
    return _bodies("POST", upsert.path, meta.plural)


def _bodies(method: str, path: str, key: str) -> Carrier:
    def request(items: list[Item]) -> Request:
        body = {key: [item.payload for item in items]}
        # Also where it is a PUT: beside a first job that runs, a second one would find rows
        # changed since it was queued, or gone, and report failures that are none.
        return Request(method, path, json=body, once=True)

    return request


def _job(action: str, of: Callable[[Item], Any] = lambda item: item.payload) -> Carrier:
    def request(items: list[Item]) -> Request:
        key = path_segment("custom_object_key", items[0].object._row.get("custom_object_key"))
        body = {"job": {"action": action, "items": [of(item) for item in items]}}
        return Request("POST", f"/api/v2/custom_objects/{key}/jobs", json=body, once=True)

    return request


def _record_item(item: Item, payload: Mapping[str, Any] | None) -> Any:
    return item.object.pk if payload is None else {**payload, "id": item.object.pk}


def _is_record(meta: Options) -> bool:
    return bool(meta.concrete._meta.label == _RECORDS)
