"""What messages about wrong conditions recommend is accepted."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.meta.code import models
from zendesk_orm import FieldError, InvalidValue, MultipleObjectsReturned, NoEndpoint, Ticket
from zendesk_orm.chat import Department
from zendesk_orm.query.keywords import LOOKUPS
from zendesk_orm.query.q import condition


def _message(model, keyword, value):
    """Return the message of the error for a condition, or "" if it is accepted."""
    try:
        condition(model._meta, keyword, value)
    except (FieldError, InvalidValue) as error:
        return str(error)
    return ""


def test_lookups_that_a_message_recommends_exist():
    """A name in place of an object leads to lookups of the related model, of every relation."""
    recommended = {}
    for model in models():
        for relation in model._meta.relations:
            names = re.findall(r"(\w+)=", _message(model, relation, "Ann").partition("use ")[2])
            for name in names:
                condition(model._meta, name, "Ann")
            recommended[model, relation] = names

    assert recommended[Ticket, "requester"] == ["requester__name", "requester__email"]
    assert recommended[Ticket, "organization"] == ["organization__name"]


def test_listed_lookups_are_accepted():
    """The message about an unknown lookup lists only lookups that the field has."""
    for name in Ticket._meta.names:
        listed = _message(Ticket, f"{name}__all", "x").partition(": ")[2].split(", ")
        for lookup in LOOKUPS.intersection(listed):
            assert "has no lookup" not in _message(Ticket, f"{name}__{lookup}", "x")

    assert "tags= matches one of its members" in _message(Ticket, "tags__contains", "vip")


@pytest.mark.parametrize("name", ["id", "status", "tags", "requester", "subject", "created_at"])
def test_a_list_in_place_of_a_value_leads_to_in(name):
    """The message about a list names the lookup that compares with several values."""
    assert "__in" in _message(Ticket, name, ["1", "2"])


def test_an_object_in_place_of_an_id_is_described(ticket):
    """The message states that an id is expected, and which object was given."""
    for keyword, value in (("id", ticket), ("id__in", [ticket])):
        assert _message(Ticket, keyword, value).endswith(
            "must be int, not Ticket: <Ticket 1: Printer>"
        )


def test_a_date_may_be_text():
    """The text of a date stands for the beginning of the day, as the date does."""
    for keyword in ("created_after", "created_at__lte", "changed_since"):
        text = condition(Ticket._meta, keyword, "2026-01-31")
        assert text == condition(Ticket._meta, keyword, date(2026, 1, 31))


@pytest.mark.parametrize("text", ["2026-01-31T10:00:00", "20260131T10", "2026-01-31T10:00:00.5"])
def test_a_moment_without_a_time_zone_leads_to_one_with(text):
    """The message contains the text of the moment in UTC, which is accepted."""
    recommended = re.search(r"give it one: '(.*?)'", _message(Ticket, "created_after", text))

    assert recommended is not None
    assert _message(Ticket, "created_after", recommended[1]) == ""


def test_every_model_has_a_name_for_people(account):
    """Messages about models have a noun, also if Zendesk's lists of them have no key."""
    for model in models():
        meta = model._meta
        assert meta.verbose_name, model
        assert meta.verbose_name_plural, model
    for _ in range(2):
        Department.objects.create(name="Sales")

    with pytest.raises(MultipleObjectsReturned, match="several departments match name = 'Sales'"):
        Department.objects.get(name="Sales")


def _reasons(model):
    """Return the lines of `NoEndpoint` for all rows of a model; [] if an endpoint lists them."""
    try:
        model.objects.all().plan  # noqa: B018 - the property raises
    except NoEndpoint as error:
        return str(error).splitlines()
    return []


def test_queries_without_an_endpoint_have_a_reason(account):
    """`NoEndpoint` has a reason for each model, also if Zendesk offers no list of it."""
    assert [model for model in models() if len(_reasons(model)) == 1] == []
