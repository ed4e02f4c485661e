"""What was recorded of the help center of a real account, made by the library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recordings.expected import expected, same
from tests.recordings.replay import Exchange, exchanges, names, needs_recordings, played
from zendesk_orm.api.paging import CURSOR, LAST_PAGE, OFFSET
from zendesk_orm.help_center import Article, Category, ContentTag, Topic
from zendesk_orm.http.request import Request


pytestmark = needs_recordings

FAMILIES = frozenset({"community", "guide", "help_center"})
#: The models, by what comes before the id, or ends the path.
MODELS = {"categories": Category, "content_tags": ContentTag, "topics": Topic}
#: What Zendesk ignores in a body, of what was recorded.
IGNORED = frozenset({"created_at", "name", "section_id", "updated_at"})


def _ours() -> list[str]:
    return [name for name in names() if any(each.family in FAMILIES for each in exchanges(name))]


def _named(part: str) -> list[str]:
    return [name for name in _ours() if part in name]


def _place(exchange: Exchange) -> tuple[Any, Any]:
    """Return the model that a path is of, and the id that it ends with, or None."""
    *_, before, last = exchange.path.split("/")
    if last in MODELS:
        return MODELS[last], None
    return MODELS[before], last if before == "content_tags" else int(last)


def test_every_recording_of_the_help_center_is_played():
    """One that is recorded later is not overlooked."""
    played_here = (_named(part) for part in ("Test.test_values", "CreateUpdate", "CreateArticle"))

    assert _ours() == sorted(name for group in played_here for name in group)
    assert FAMILIES == {each.family for name in _ours() for each in exchanges(name)}


@pytest.mark.parametrize("name", _named("Test.test_values"))
def test_lists_are_read(name):
    """By cursor to the end; and pages of one row, and numbered ones, are understood."""
    recorded = exchanges(name)
    model, _ = _place(recorded[0])
    plural = model._meta.plural
    with played(recorded, name) as (account, tape):
        for exchange in recorded[:2]:
            found = list(model.objects.using(name).fresh())
            same(exchange.response[plural], found)
        for exchange in recorded[2:]:
            request = Request("GET", exchange.path, params=exchange.query)
            data = account.transport.send(request).data
            same(exchange.response[plural], [model.from_row(row) for row in data[plural]])
        assert [] == tape.left
    small, numbered = recorded[2:]
    link = CURSOR.continuation(small.response, 1).link
    assert "page[after]" in link.replace("%5B", "[").replace("%5D", "]")
    assert OFFSET.continuation(numbered.response, 2) == LAST_PAGE
    assert OFFSET.count(numbered.response) == 2


@pytest.mark.parametrize("name", _named("CreateUpdateDelete"))
def test_rows_are_made_changed_and_deleted(name):
    """Each with the recorded answer, which is what the object is then."""
    records: dict[Any, Any] = {}
    with played(exchanges(name), name) as (_, tape):
        for exchange in tape.exchanges:
            model, pk = _place(exchange)
            record = records.get(pk) or model.from_row({"id": pk}, None)
            if exchange.method == "PUT" and model is Category:
                _ignored(exchange, record)
                continue
            with expected(exchange):
                if exchange.method == "POST":
                    said = exchange.request[model._meta.singular]
                    record = model.objects.using(name).create(**said)
                    records[record.pk] = record
                elif exchange.method == "PUT":
                    for field, value in exchange.request[model._meta.singular].items():
                        if field != "id":
                            setattr(record, field, value)
                    record.save(using=name)
                else:
                    record.delete(using=name)
            if exchange.status in (200, 201):
                same([exchange.response[model._meta.singular]], [record])
                said = {**exchange.request[model._meta.singular]}
                said.pop("id", None)
                assert {model._meta.singular: said} == exchange.sent
        assert {"PUT"} >= {each.method for each in tape.left}


def _ignored(exchange: Exchange, record: Any) -> None:
    """Expect Zendesk to have ignored the words, for which the library sends a translation."""
    said = exchange.request["category"]
    assert {"id", *Category._words} == set(said)
    if exchange.status == 200:
        told = exchange.response["category"]
        assert (record.name, record.description) == (told["name"], told["description"])
        assert said["name"] != told["name"]


@pytest.mark.parametrize("name", _named("TestHelpCenterCreateArticle"))
def test_articles_are_made_with_a_notice_or_without(name):
    """It is said at the root of the body, or not at all."""
    (recorded,) = exchanges(name)
    said = recorded.request["article"]
    told = {key: value for key, value in recorded.request.items() if key != "article"}
    with played([recorded], name) as (_, tape):
        article = Article.objects.using(name).create(
            **{key: value for key, value in said.items() if key not in IGNORED},
            section=said["section_id"],
            **told,
        )
        (exchange,) = tape.exchanges

    same([recorded.response["article"]], [article])
    sent = {key: value for key, value in said.items() if key not in IGNORED}
    assert {"article": sent, **told} == exchange.sent
