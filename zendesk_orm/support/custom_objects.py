"""Custom objects, and the records of which they tell what these hold.

An object is known by its key, which stands in the place of an id:
`CustomObject.objects.get("car")`. A record belongs to an object by
`custom_object_key`, which the path of every call names.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, overload

from attrs import evolve

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, INCREMENTAL, ONCE
from zendesk_orm.api.vocabulary import action, exported, filtered, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.queryset.objects import Own
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.custom_object_fields import CustomObjectField
from zendesk_orm.support.custom_object_limits import Limit, limit_of
from zendesk_orm.support.record_attachments import (
    CustomObjectRecordAttachment,
    CustomObjectRecordAttachmentManager,
)


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.custom_object_permissions import AccessRule, PermissionPolicy
    from zendesk_orm.support.object_triggers import ObjectTrigger
    from zendesk_orm.support.users import User


_OBJECTS = "custom_objects"
_OBJECT = "custom_objects/{custom_object_key}"
_RECORDS = f"{_OBJECT}/records"
_KEY = "custom_object_records"

#: What the JSON filter calls what it does not call by the name of the field.
_FILTERED = {
    "created_by_user": "created_by_user",
    "updated_by_user": "updated_by_user",
    "custom_object_fields__*": "custom_object_fields.*",
}


def _filter() -> Api:
    (found,) = filtered(
        f"{_RECORDS}/search",
        "created_at updated_at name external_id",
        key=_KEY,
        orders="name created_at updated_at",
    )
    return Api((evolve(found, takes={**found.takes, **_FILTERED}),))


def _many() -> Api:
    by_key = {"id": "filter[ids]", "external_id": "filter[external_ids]"}
    return Api(
        tuple(Endpoint(Verb.SHOW_MANY, _RECORDS, _KEY, takes={k: v}) for k, v in by_key.items())
    )


def _export() -> Api:
    found = exported(f"incremental/{_OBJECT}/cursor", paging=INCREMENTAL)
    return Api(tuple(evolve(each, key=_KEY) for each in found))


class CustomObjectManager(Manager["CustomObject"]):
    """`CustomObject.objects`, which knows how many there may be."""

    def limit(self) -> Limit:
        """Return how many objects the account has, and how many it may have.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
        """
        return limit_of(self._call("limit"))

    def record_limit(self) -> Limit:
        """Return how many records all objects have, and how many they may have.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-records-limit
        """
        return limit_of(self._call("record_limit"))


class CustomObject(Model):
    """A type of thing that an account knows of, besides tickets and users; its id is its key."""

    objects = CustomObjectManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the key, in the place of an id
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
        known_by = "key"
        text_ids = ("created_by_user", "updated_by_user")
        api = (
            resource(_OBJECTS, natural=None, small=True, paging=(ONCE,), update="PATCH")
            + action("limit", "GET", f"{_OBJECTS}/limits/object_limit")
            + action("record_limit", "GET", f"{_OBJECTS}/limits/record_limit")
            + action("field_limit", "GET", f"{_OBJECTS}/{{id}}/limits/field_limit")
        )

    @property
    def records(self) -> CustomObjectRecordManager[CustomObjectRecord]:
        """The records of the object: `car.records.create(name="My Tesla")`."""
        records = CustomObjectRecord.objects.using(self._session().alias)
        return records.filter(custom_object_key=self.pk)

    def field_limit(self) -> Limit:
        """Return how many fields the object has, and how many it may have.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#custom-object-fields-limit
        """
        return limit_of(self._call("field_limit"))


T = TypeVar("T", bound="CustomObjectRecord")


class CustomObjectRecordManager(Manager[T]):
    """`CustomObjectRecord.objects`, and `car.records`, whose object need not be named again."""

    def create(self, **values: Any) -> T:
        """Make a record of the values, save it and return it; see `QuerySet.create()`."""
        return super().create(**{**self._object(), **values})

    def upsert(self, by: str = "external_id", **values: Any) -> T:
        """Change the record of an external id, or of a name, or make it; in one request.

        ::

            car.records.upsert(external_id="tesla-1", custom_object_fields={"color": "red"})

        Args:
            by: what it is known by: `external_id`, or `name`, where the names of the object
                are unique.
            values: its fields, with that one; `custom_object_key` where the query does not
                tell.

        Raises:
            InvalidValue: what it is known by is missing; or no object is named.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#set-custom-object-record-by-external-id-or-name
        """
        known = _one_of(**{by: values.get(by)})
        key = {**self._object(), **values}.get("custom_object_key")
        record = self.model(**{**values, "custom_object_key": key})
        record.attach_to(self._session)
        body = {"custom_object_record": record.to_payload()}
        answer = self._call("upsert", body, {"custom_object_key": _named(key)}, **known)
        # A dry run has no answer.
        return self._made([answer["custom_object_record"]])[0] if answer else record

    def delete_by(
        self,
        *,
        external_id: str | None = None,
        name: str | None = None,
        custom_object_key: str | None = None,
    ) -> None:
        """Delete the record of an external id, or of a name.

        Args:
            external_id: what it is known by.
            name: the same, where the names of the object are unique.
            custom_object_key: its object, where the query does not tell.

        Raises:
            InvalidValue: both are given, or none; or no object is named.
            NotFound: there is none.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#delete-custom-object-record-by-external-id-or-name
        """
        key = custom_object_key or self._object().get("custom_object_key")
        known = _one_of(external_id=external_id, name=name)
        self._call("delete_by", None, {"custom_object_key": _named(key)}, **known)

    def _object(self) -> dict[str, Any]:
        """Return what the query says of every record that is made through it: its object."""
        fixed = self._query.fixed
        return {name: fixed[name] for name in ("custom_object_key",) if name in fixed}


class CustomObjectRecordObjects(Own["CustomObjectRecordManager[Any]"]):
    """The descriptor behind `CustomObjectRecord.objects`, known of subclasses, too."""

    if TYPE_CHECKING:
        # It gives another class than every model's own.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> CustomObjectRecordManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # the same reason
            self, record: object | None, owner: type[Any]
        ) -> Any: ...


class CustomObjectRecord(Model):
    """One thing of the type that a custom object describes.

    `CustomObjectRecord(custom_object_key="car", name="My Tesla")`.
    """

    objects = CustomObjectRecordObjects(CustomObjectRecordManager)

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
    query: Lookup[str]

    class Meta:
        unique = ("external_id",)
        custom = ("custom_object_fields", "CustomObjectField")
        text_ids = ("created_by_user", "updated_by_user")
        api = (
            resource(
                _RECORDS,
                key=_KEY,
                orders="id updated_at",
                count=True,
                paging=(CURSOR,),
                update="PATCH",
            )
            + _many()
            + _filter()
            + listed(
                f"{_RECORDS}/search",
                key=_KEY,
                takes="query",
                needs="query",
                orders="name created_at updated_at",
                natural=None,
                paging=(CURSOR,),
            )
            + listed(
                f"{_RECORDS}/autocomplete",
                key=_KEY,
                takes={"autocomplete": "name"},
                needs="autocomplete",
                natural=None,
                paging=(CURSOR,),
            )
            + _export()
            + action("upsert", "PATCH", _RECORDS, "custom_object_record")
            + action("delete_by", "DELETE", _RECORDS, "")
            + action("jobs", "POST", f"{_OBJECT}/jobs", "job_status", call="bulk_create([...])")
        )

    def __init__(self, *, custom_object_key: str | None = None, **values: Any) -> None:
        """Make a record that Zendesk does not know yet.

        Args:
            custom_object_key: the key of its object. The path of a request tells it,
                and no body does.
            values: its fields.
        """
        super().__init__(**values)
        key = custom_object_key or self._meta.filter.get("custom_object_key")
        if key is not None:
            self.absorb({**self._row, "custom_object_key": plain(key)})

    @property
    def attachments(self) -> CustomObjectRecordAttachmentManager:
        """The files at the record: `record.attachments.upload("contract.pdf")`."""
        files = CustomObjectRecordAttachment.objects.using(self._session().alias)
        return files.filter(custom_object_key=self.custom_object_key, custom_object_record=self.pk)


def _one_of(**given: str | None) -> dict[str, str]:
    known = {key: value for key, value in given.items() if value}
    if len(known) != 1 or not known.keys() <= {"external_id", "name"}:
        raise InvalidValue("wants either an external_id or a name, by which a record is known")
    return known


def _named(key: str | None) -> str:
    if not key:
        raise InvalidValue('name the object: .filter(custom_object_key="car"), or car.records')
    return key
