"""Custom objects, and the records of which they tell what these hold.

An object is known by its key, which stands in the place of an id:
`CustomObject.objects.get("car")`. A record belongs to an object by
`custom_object_key`, which the path of every call names.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import action, filtered, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, ReadOnly


_OBJECTS = "custom_objects"
_RECORDS = "custom_objects/{custom_object_key}/records"
_KEY = "custom_object_records"

#: What the JSON filter calls what it does not call by the name of the field.
_FILTERED = {
    "created_by_user_id": "created_by_user",
    "updated_by_user_id": "updated_by_user",
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


class CustomObject(Model):
    """A type of thing that an account knows of, besides tickets and users; its id is its key."""

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
    created_by_user_id: ReadOnly[str]
    updated_by_user_id: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        known_by = "key"
        api = resource(_OBJECTS, natural=None, small=True, paging=(ONCE,), update="PATCH")


class CustomObjectRecord(Model):
    """One thing of the type that a custom object describes.

    `CustomObjectRecord(custom_object_key="car", name="My Tesla")`.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    custom_object_key: ReadOnly[str]
    name: Field[str | None]
    external_id: Field[str | None]
    custom_object_fields: Field[dict[str, Any]]
    photo: ReadOnly[dict[str, Any] | None]
    created_by_user_id: ReadOnly[str]
    updated_by_user_id: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = (
            resource(
                _RECORDS,
                key=_KEY,
                orders="id updated_at",
                count=True,
                paging=(CURSOR,),
                update="PATCH",
            )
            + _filter()
            + action("upsert", "PATCH", _RECORDS, "custom_object_record")
            + action("delete_by", "DELETE", _RECORDS, "")
        )

    def __init__(self, *, custom_object_key: str | None = None, **values: Any) -> None:
        """Make a record that Zendesk does not know yet.

        Args:
            custom_object_key: the key of its object. The path of a request tells it,
                and no body does.
            values: its fields.
        """
        super().__init__(**values)
        if custom_object_key is not None:
            self.absorb({**self._row, "custom_object_key": custom_object_key})
