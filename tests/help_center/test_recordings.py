"""Recorded traffic of the help center of a real account, replayed by the library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recordings.expected import check_records, expect_status
from tests.recordings.replay import Exchange, list_names, needs_recordings, play, read_exchanges
from zendesk_orm.api.paging import CURSOR, LAST_PAGE, OFFSET
from zendesk_orm.help_center import Article, Category, ContentTag, Topic
from zendesk_orm.http.request import Request


pytestmark = needs_recordings

FAMILIES = frozenset({"community", "guide", "help_center"})
#: Models by the last part of a path, without the id.
MODELS = {"categories": Category, "content_tags": ContentTag, "topics": Topic}
#: Recorded keys that Zendesk ignores in a body.
IGNORED = frozenset({"created_at", "name", "section_id", "updated_at"})


def _list_help_center_recordings() -> list[str]:
    return [
        name
        for name in list_names()
        if any(exchange.family in FAMILIES for exchange in read_exchanges(name))
    ]


def _find_recordings(part: str) -> list[str]:
    return [name for name in _list_help_center_recordings() if part in name]


def _parse_path(exchange: Exchange) -> tuple[Any, Any]:
    """Return the model of a path, and the id at its end or None."""
    *_, before, last = exchange.path.split("/")
    if last in MODELS:
        return MODELS[last], None
    return MODELS[before], last if before == "content_tags" else int(last)


def test_every_recording_of_the_help_center_is_played():
    """Every recording of the help center is replayed by a test of this module."""
    played_here = (
        _find_recordings(part) for part in ("Test.test_values", "CreateUpdate", "CreateArticle")
    )

    assert _list_help_center_recordings() == sorted(name for group in played_here for name in group)
    assert {
        exchange.family
        for name in _list_help_center_recordings()
        for exchange in read_exchanges(name)
    } == FAMILIES


@pytest.mark.parametrize("name", _find_recordings("Test.test_values"))
def test_recorded_lists_are_read(name):
    """Recorded lists are read by cursors to the end, and recorded pages by number or alone."""
    recorded = read_exchanges(name)
    model, _ = _parse_path(recorded[0])
    plural = model._meta.plural
    with play(recorded, name) as (account, tape):
        for exchange in recorded[:2]:
            records = list(model.objects.using(name).fresh())
            check_records(exchange.response[plural], records)
        for exchange in recorded[2:]:
            request = Request("GET", exchange.path, params=exchange.query)
            data = account.transport.send(request).data
            check_records(exchange.response[plural], [model.from_row(row) for row in data[plural]])
        assert tape.unused == []
    small, numbered = recorded[2:]
    link = CURSOR.continuation(small.response, 1).link
    assert "page[after]" in link.replace("%5B", "[").replace("%5D", "]")
    assert OFFSET.continuation(numbered.response, 2) == LAST_PAGE
    assert OFFSET.count(numbered.response) == 2


@pytest.mark.parametrize("name", _find_recordings("CreateUpdateDelete"))
def test_recorded_changes_are_sent(name):
    """Recorded rows are created, changed and deleted; objects take their values from responses."""
    records: dict[Any, Any] = {}
    with play(read_exchanges(name), name) as (_, tape):
        for exchange in tape.exchanges:
            model, pk = _parse_path(exchange)
            record = records.get(pk) or model.from_row({"id": pk}, None)
            if exchange.method == "PUT" and model is Category:
                _check_ignored_texts(exchange, record)
                continue
            with expect_status(exchange):
                if exchange.method == "POST":
                    values = exchange.request[model._meta.singular]
                    record = model.objects.using(name).create(**values)
                    records[record.pk] = record
                elif exchange.method == "PUT":
                    for field, value in exchange.request[model._meta.singular].items():
                        if field != "id":
                            setattr(record, field, value)
                    record.save(using=name)
                else:
                    record.delete(using=name)
            if exchange.status in (200, 201):
                check_records([exchange.response[model._meta.singular]], [record])
                values = {**exchange.request[model._meta.singular]}
                values.pop("id", None)
                assert exchange.sent == {model._meta.singular: values}
        assert {exchange.method for exchange in tape.unused} <= {"PUT"}


def _check_ignored_texts(exchange: Exchange, record: Any) -> None:
    """Check that Zendesk ignored texts that the library sends to a translation."""
    values = exchange.request["category"]
    assert set(values) == {"id", *Category._translated_fields}
    if exchange.status == 200:
        row = exchange.response["category"]
        assert (record.name, record.description) == (row["name"], row["description"])
        assert values["name"] != row["name"]


@pytest.mark.parametrize("name", _find_recordings("TestHelpCenterCreateArticle"))
def test_recorded_articles_are_created(name):
    """`notify_subscribers` is sent at the root of the body, or not at all."""
    (recorded,) = read_exchanges(name)
    values = recorded.request["article"]
    options = {key: value for key, value in recorded.request.items() if key != "article"}
    with play([recorded], name) as (_, tape):
        article = Article.objects.using(name).create(
            **{key: value for key, value in values.items() if key not in IGNORED},
            section=values["section_id"],
            **options,
        )
        (exchange,) = tape.exchanges

    check_records([recorded.response["article"]], [article])
    sent = {key: value for key, value in values.items() if key not in IGNORED}
    assert exchange.sent == {"article": sent, **options}
