"""External content, which the search of the Help Center finds."""

from __future__ import annotations

import pytest

from zendesk_orm import Unprocessable
from zendesk_orm.help_center import (
    ExternalContentRecord,
    ExternalContentSource,
    ExternalContentType,
)


def test_records_have_a_source_and_a_type(account, count_requests):
    """A record is created, read, changed and deleted; its relations come from nested objects."""
    source = ExternalContentSource.objects.create(name="Forum")
    kind = ExternalContentType.objects.create(name="Post")
    values = {"title": "Hours", "body": "Nine", "url": "https://example.com", "locale": "en-us"}
    with count_requests(account, 1):
        record = ExternalContentRecord.objects.create(
            source=source, type=kind, external_id="1", **values
        )
    assert (record.source, record.type, record.changes()) == (source, kind, {})
    with count_requests(account, 2):
        (listed,) = ExternalContentRecord.objects.all()
        shown = ExternalContentRecord.objects.get(id=record.pk)
    assert {(item.source_id, item.type_id) for item in (listed, shown)} == {(source.pk, kind.pk)}

    record.title = "Opening hours"
    record.save()
    assert (record.title, record.source) == ("Opening hours", source)
    with pytest.raises(Unprocessable, match="source"):
        ExternalContentRecord.objects.create(
            source=ExternalContentSource(id="01X"), type=kind, external_id="2", **values
        )
    record.delete()
    assert list(ExternalContentRecord.objects.all()) == []
