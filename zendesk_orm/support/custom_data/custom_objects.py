"""Custom objects and their records.

An object is identified by its key instead of an id: `CustomObject.objects.get("car")`. A
record refers to its object by `custom_object_key`, which is part of the path of all requests.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, INCREMENTAL, ONCE
from zendesk_orm.api.vocabulary import incremental_export, json_search, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.values import plain
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager, ManagerDescriptor
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.custom_data.custom_object_fields import CustomObjectField
from zendesk_orm.support.custom_data.custom_object_limits import Limit, read_limit
from zendesk_orm.support.custom_data.record_attachments import (
    CustomObjectRecordAttachment,
    CustomObjectRecordAttachmentManager,
)
from zendesk_orm.support.custom_data.record_events import (
    CustomObjectRecordEvent,
    CustomObjectRecordEventManager,
)


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_object_permissions import (
        AccessRule,
        PermissionPolicy,
    )
    from zendesk_orm.support.custom_data.object_triggers import ObjectTrigger
    from zendesk_orm.support.users.users import User


_OBJECTS = "custom_objects"
_OBJECT = "custom_objects/{custom_object_key}"
_RECORDS = f"{_OBJECT}/records"
_KEY = "custom_object_records"

#: Names in JSON filters by lookup, except for those that have the same name.
_FILTERED = {
    "created_by_user": "created_by_user",
    "updated_by_user": "updated_by_user",
    "custom_object_fields__*": "custom_object_fields.*",
}


def _filter() -> Api:
    names = ("created_at", "updated_at", "name", "external_id")
    return json_search(
        f"{_RECORDS}/search",
        {**{name: name for name in names}, **_FILTERED},
        key=_KEY,
        orders=("name", "created_at", "updated_at"),
    )


def _many() -> Api:
    by_key = {"id": "filter[ids]", "external_id": "filter[external_ids]"}
    return Api(
        tuple(Endpoint(Verb.SHOW_MANY, _RECORDS, _KEY, filters={k: v}) for k, v in by_key.items())
    )


def _export() -> Api:
    return incremental_export(
        f"incremental/{_OBJECT}/cursor",
        key=_KEY,
        filters={"exclude_deleted": "filter[exclude_deleted]"},
        paging=INCREMENTAL,
    )


#: The value of all fields of a deleted record in exports.
DELETED_VALUE = "[DELETED]"


class CustomObjectManager(Manager["CustomObject"]):
    """`CustomObject.objects`, with the limits of the account."""

    @action("GET", f"{_OBJECTS}/limits/object_limit")
    def limit(self) -> Limit:
        """Return the number of objects of the account, and its maximum.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
        """
        return read_limit(self._call("limit"))

    @action("GET", f"{_OBJECTS}/limits/record_limit")
    def record_limit(self) -> Limit:
        """Return the number of records of all objects, and its maximum.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-records-limit
        """
        return read_limit(self._call("record_limit"))


class CustomObject(StringIdModel):
    """A type of records that an account has defined; its id is its key."""

    objects = CustomObjectManager.as_manager()

    url: ReadOnly[str]
    key: CreateOnly[str]
    title: Field[str]
    title_pluralized: Field[str]
    raw_title: Field[str | None]
    raw_title_pluralized: Field[str | None]
    description: Field[str | None]
    raw_description: Field[str | None]
    include_in_list_view: Field[bool]
    allows_attachments: Field[bool]
    allows_photos: Field[bool]
    created_by_user: ReadOnlyRef[User]
    created_by_user_id: Id[int]
    updated_by_user: ReadOnlyRef[User]
    updated_by_user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    fields: Many[CustomObjectField] = by("custom_object")
    access_rules: Many[AccessRule] = by("custom_object")
    permission_policies: Many[PermissionPolicy] = by("custom_object")
    triggers: Many[ObjectTrigger] = by("custom_object")

    class Meta:
        pk_key = "key"
        string_ids = ("created_by_user", "updated_by_user")
        api = resource(
            _OBJECTS,
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
            update_method="PATCH",
        )

    @property
    def records(self) -> CustomObjectRecordManager[CustomObjectRecord]:
        """The records of the object: `car.records.create(name="My Tesla")`."""
        records = CustomObjectRecord.objects.using(self._session().alias)
        return records.filter(custom_object_key=self.pk)

    @action("GET", f"{_OBJECTS}/{{id}}/limits/field_limit")
    def field_limit(self) -> Limit:
        """Return the number of fields of the object, and its maximum.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#custom-object-fields-limit
        """
        return read_limit(self._call("field_limit"))


T = TypeVar("T", bound="CustomObjectRecord")


class CustomObjectRecordManager(Manager[T]):
    """`CustomObjectRecord.objects` and `car.records`, which sets the object of new records."""

    def create(self, **values: Any) -> T:
        """Create a record with these values, save it and return it; see `QuerySet.create()`."""
        return super().create(**{**self._object(), **values})

    @action("PATCH", _RECORDS, key="custom_object_record")
    def upsert(self, by: str = "external_id", **values: Any) -> T:
        """Update the record with an external id or a name, or create it, in one request.

        ::

            car.records.upsert(external_id="tesla-1", custom_object_fields={"color": "red"})

        Args:
            by: the field that identifies the record: `external_id`, or `name` if the names of
                the object are unique.
            values: its fields, including the identifying one, and `custom_object_key` if the
                query has no object.

        Raises:
            InvalidValue: the value of the identifying field or the object is missing.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#set-custom-object-record-by-external-id-or-name
        """
        identifier = _record_key(**{by: values.get(by)})
        key = {**self._object(), **values}.get("custom_object_key")
        record = self.model(**{**values, "custom_object_key": key})
        record.attach_to(self._session)
        body = {"custom_object_record": record.to_payload()}
        return self._call(
            "upsert",
            body,
            {"custom_object_key": _require_object_key(key)},
            **identifier,
            then=lambda data: self._from_rows([data["custom_object_record"]])[0],
            in_dry_run=record,
        )

    @action("DELETE", _RECORDS)
    def delete_by(
        self,
        *,
        external_id: str | None = None,
        name: str | None = None,
        custom_object_key: str | None = None,
    ) -> None:
        """Delete the record with an external id or a name.

        Args:
            external_id: the external id of the record.
            name: its name, if the names of the object are unique.
            custom_object_key: its object, if the query has none.

        Raises:
            InvalidValue: both are given, or none; or no object is named.
            NotFound: it does not exist.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#delete-custom-object-record-by-external-id-or-name
        """
        key = custom_object_key or self._object().get("custom_object_key")
        identifier = _record_key(external_id=external_id, name=name)
        self._call(
            "delete_by",
            None,
            {"custom_object_key": _require_object_key(key)},
            then=None,
            **identifier,
        )

    def _object(self) -> dict[str, Any]:
        """Return the object of the query as values of a new record."""
        fixed = self._query.exact_values
        return {name: fixed[name] for name in ("custom_object_key",) if name in fixed}


class CustomObjectRecordObjects(ManagerDescriptor["CustomObjectRecordManager[Any]"]):
    """The descriptor behind `CustomObjectRecord.objects`, which subclasses have, too."""

    if TYPE_CHECKING:
        # It returns a manager class for subclasses, too.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> CustomObjectRecordManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(self, record: object | None, owner: type[Any]) -> Any: ...


class CustomObjectRecord(StringIdModel):
    """A record of a custom object.

    `CustomObjectRecord(custom_object_key="car", name="My Tesla")`.
    """

    objects = CustomObjectRecordObjects(CustomObjectRecordManager)

    url: ReadOnly[str]
    custom_object_key: ReadOnly[str]
    name: Field[str | None]
    external_id: Field[str | None]
    custom_object_fields: Field[dict[str, Any]]
    photo: ReadOnly[dict[str, Any] | None]
    created_by_user: ReadOnlyRef[User]
    created_by_user_id: Id[int]
    updated_by_user: ReadOnlyRef[User]
    updated_by_user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    autocomplete: Lookup[str]
    changed_since: Lookup[datetime]
    exclude_deleted: Lookup[bool]
    query: Lookup[str]

    class Meta:
        unique = ("external_id",)
        custom = ("custom_object_fields", "CustomObjectField")
        string_ids = ("created_by_user", "updated_by_user")
        api = (
            resource(
                _RECORDS,
                key=_KEY,
                orders=("id", "updated_at"),
                count=True,
                paging=(CURSOR,),
                update_method="PATCH",
            )
            + _many()
            + _filter()
            + listing(
                f"{_RECORDS}/search",
                key=_KEY,
                filters=("query",),
                required=("query",),
                orders=("name", "created_at", "updated_at"),
                default_order=None,
                paging=(CURSOR,),
            )
            + listing(
                f"{_RECORDS}/autocomplete",
                key=_KEY,
                filters={"autocomplete": "name"},
                required=("autocomplete",),
                default_order=None,
                paging=(CURSOR,),
            )
            + _export()
            + action_endpoint(
                "jobs", "POST", f"{_OBJECT}/jobs", "job_status", call="bulk_create([...])"
            )
        )

    def __init__(self, *, custom_object_key: str | None = None, **values: Any) -> None:
        """Create a record that is not saved yet.

        Args:
            custom_object_key: the key of its object, which is sent in the path of a request and
                not in its body.
            values: its fields.
        """
        super().__init__(**values)
        key = custom_object_key or self._meta.filter.get("custom_object_key")
        if key is not None:
            self.update_from_row({**self._row, "custom_object_key": plain(key)})

    @property
    def is_deleted(self) -> bool:
        """Whether the record was deleted; exports by `changed_since()` return its id only."""
        return self.name == DELETED_VALUE or DELETED_VALUE in self.custom_object_fields.values()

    @property
    def attachments(self) -> CustomObjectRecordAttachmentManager:
        """The files of the record: `record.attachments.upload("contract.pdf")`."""
        files = CustomObjectRecordAttachment.objects.using(self._session().alias)
        return files.filter(custom_object_key=self.custom_object_key, custom_object_record=self.pk)

    @property
    def events(self) -> CustomObjectRecordEventManager:
        """The changes of the record, the newest first."""
        events = CustomObjectRecordEvent.objects.using(self._session().alias)
        return events.filter(custom_object_key=self.custom_object_key, custom_object_record=self.pk)


def _record_key(**values: str | None) -> dict[str, str]:
    """Return the single identifying field and its value."""
    identifier = {key: value for key, value in values.items() if value}
    if len(identifier) != 1 or not identifier.keys() <= {"external_id", "name"}:
        raise InvalidValue("either external_id or name must be set, which identifies a record")
    return identifier


def _require_object_key(key: str | None) -> str:
    """Return the key of an object; raise `InvalidValue` if it is missing."""
    if not key:
        raise InvalidValue(
            'the query must have an object: .filter(custom_object_key="car"), or car.records'
        )
    return key
