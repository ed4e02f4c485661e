"""Relations to other products, by string ids, and relations that are only set at creation."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zendesk_orm import (
    Comment,
    CreateOnlyRef,
    CustomObject,
    CustomObjectRecord,
    FieldError,
    JiraLink,
    Model,
    Ref,
    Ticket,
    User,
    listing,
    resource,
)
from zendesk_orm.help_center import Article
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id


@pytest.fixture
def ticket(account):
    """Return a ticket."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))


def test_relations_can_name_another_product():
    """`User.articles` is a relation to a model of the help center."""
    assert User.articles.model is Article
    assert User.articles.relation == "author"


def test_products_are_imported_on_first_use():
    """A product is imported when a relation to it is first used."""
    code = (
        "import sys\n"
        "from zendesk_orm import User\n"
        "assert 'zendesk_orm.help_center' not in sys.modules\n"
        "print(User.articles.model._meta.label)\n"
    )

    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (process.stderr, process.stdout) == ("", "help_center.Article\n")


def test_models_of_two_products_can_have_the_same_name():
    """Talk and Chat have different models with the name Agent."""
    talk, chat = (registry.find("Agent", product) for product in ("talk", "chat"))

    assert (talk._meta.label, chat._meta.label) == ("talk.Agent", "chat.Agent")


@pytest.fixture
def cars(account):
    """Return two records, whose creator is referred to by a string id."""
    car = CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    return [car.records.create(name=name) for name in ("Tesla", "Volvo")]


def test_string_ids_refer_to_rows(cars, emulator, count_requests):
    """A relation by a string id returns the object, and is prefetched in one request."""
    me = User.objects.me()
    assert cars[0]._row["created_by_user_id"] == str(me.pk)
    assert cars[0].created_by_user_id == me.pk
    assert cars[0].created_by_user is me

    account = emulator.connect(alias="another")
    records = CustomObjectRecord.objects.using("another").filter(custom_object_key="car")
    with count_requests(account, 2):
        result = list(records.prefetch_related("created_by_user"))
        assert {record.created_by_user.name for record in result} == {me.name}


def test_filters_by_string_ids_send_strings(cars, sent):
    """A filter by an object or its id sends the id as a string."""
    me = User.objects.me()
    records = CustomObjectRecord.objects.filter(custom_object_key="car")

    assert {*records.filter(created_by_user=me)} == {*cars}
    assert sent[-1].json == {"filter": {"created_by_user": {"$eq": str(me.pk)}}}
    assert list(records.filter(created_by_user=me.pk + 1)) == []


def test_related_objects_are_created_with_string_ids(ticket, sent):
    """The id of the ticket of a new Jira link is sent as a string."""
    link = ticket.jira_links.create(issue_id="10001", issue_key="DEV-1")

    assert sent[-1].json["link"]["ticket_id"] == str(ticket.pk)
    assert (link.ticket, link.ticket_id) == (ticket, ticket.pk)
    assert list(ticket.jira_links) == [link]
    assert list(JiraLink.objects.filter(ticket=ticket.pk)) == [link]


def test_create_only_relations_cannot_be_changed(ticket):
    """After the object is saved, a create-only relation and its id cannot be assigned."""
    link = JiraLink(ticket=ticket, issue_id="10001", issue_key="DEV-1")
    link.ticket = ticket.pk
    link.save()

    for name in ("ticket", "ticket_id"):
        with pytest.raises(FieldError, match=r"JiraLink\.ticket(_id)? can be set only when"):
            setattr(link, name, 7)


def test_relations_can_use_another_id_field(account):
    """A relation can name another field as its id: `language` uses `locale_id`."""
    user = User.objects.create(name="Ana", email="ana@example.com", locale_id=2)

    assert (User.language.id.name, user.language.locale) == ("locale_id", "es")
    user.language = 8
    assert user.changes() == {"locale_id": (2, 8)}


def test_create_only_relations_can_be_declared():
    """Models of users can declare create-only relations and string ids."""

    class Loan(Model):
        """A loan of an object to a user."""

        borrower: CreateOnlyRef[User]
        borrower_id: Id[int]
        owner: Ref[User]
        owner_id: Id[int]

        class Meta:
            app_label = "library"
            string_ids = ("borrower", "owner")
            api = resource("loans") + listing("users/{owner}/loans", key="loans")

    loan = Loan.from_row({"id": 1, "borrower_id": "7", "owner_id": "8"})

    assert (loan.borrower_id, loan.owner.pk) == (7, 8)
    loan.owner = 9
    assert loan.to_payload() == {"owner_id": "9"}
