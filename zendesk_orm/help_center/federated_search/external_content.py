"""External content, which the search of the Help Center finds along with articles.

Source: https://developer.zendesk.com/api-reference/help_center/federated-search/external_content_records/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CURSOR, Paging
from zendesk_orm.api.vocabulary import CREATE, DELETE, SHOW, UPDATE, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.user_segments import UserSegment

_PATH = "guide/external_content"


class ExternalContentSource(StringIdModel):
    """A website or system whose content is found, such as a forum."""

    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "source"
        plural = "sources"
        verbose_name = "source of external content"
        verbose_name_plural = "sources of external content"
        required = ("name",)
        api = resource(
            f"{_PATH}/sources", default_order=None, fits_in_memory=True, paging=(CURSOR,)
        )


class ExternalContentType(StringIdModel):
    """A type of external content, by which people filter search results."""

    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "type"
        plural = "types"
        verbose_name = "type of external content"
        verbose_name_plural = "types of external content"
        required = ("name",)
        api = resource(f"{_PATH}/types", default_order=None, fits_in_memory=True, paging=(CURSOR,))


@frozen
class _RecordPaging(Paging):
    """Pages and single rows of records, whose source and type are objects."""

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body with the ids of sources and types beside the objects."""
        if isinstance(data.get("record"), dict):
            return {**data, "record": _add_ids(data["record"])}
        rows = data.get("records")
        if not isinstance(rows, list):
            return data
        return {**data, "records": [_add_ids(row) if type(row) is dict else row for row in rows]}


class ExternalContentRecord(StringIdModel):
    """A page outside of the Help Center that its search finds.

    ::

        ExternalContentRecord.objects.create(
            title="Opening hours",
            body="We open at nine.",
            url="https://example.com/hours",
            external_id="hours",
            locale="en-us",
            source=source,
            type=kind,
        )

    Zendesk stores at most 10,000 characters of `body`.
    """

    title: Field[str]
    body: Field[str]
    url: Field[str]
    external_id: Field[str]
    locale: Field[str]
    source: Ref[ExternalContentSource]
    source_id: Id[str]
    type: Ref[ExternalContentType]
    type_id: Id[str]
    user_segment: Ref[UserSegment | None]
    user_segment_id: Id[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "record"
        plural = "records"
        verbose_name = "record of external content"
        verbose_name_plural = "records of external content"
        string_ids = "user_segment"
        required = ("title", "body", "url", "external_id", "locale", "source", "type")
        max_lengths: ClassVar = {"body": 10_000}
        api = (
            Api(
                tuple(
                    evolve(endpoint, key="record", paging=_RecordPaging("once"))
                    for endpoint in resource(f"{_PATH}/records", can=SHOW)
                )
            )
            + listing(
                f"{_PATH}/records",
                default_order=None,
                paging=(_RecordPaging("cursor", size="page[size]", cursor="page[after]"),),
            )
            + resource(f"{_PATH}/records", can=CREATE | UPDATE | DELETE)
        )

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row in a response, with the ids of its source and its type."""
        row = data.get("record")
        return _add_ids(row) if isinstance(row, dict) else None


def _add_ids(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with `source_id` and `type_id` instead of the objects."""
    ids = {
        f"{name}_id": row[name].get("id")
        for name in ("source", "type")
        if isinstance(row.get(name), dict)
    }
    return {**row, **ids}
