"""Relations across products, by ids that are texts, and such that are settled once."""

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
    listed,
    resource,
)
from zendesk_orm.help_center import Article
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ticket(account):
    """A ticket."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))


# -- across products ---------------------------------------------------------


def test_a_relation_says_the_product_of_its_model():
    """`Many[help_center.Article]` is of the help center, whoever declares it."""
    assert Article is User.articles.model
    assert "author" == User.articles.relation


def test_another_product_is_imported_when_a_relation_leads_there():
    """Who reads an agent's articles need not know where articles are declared."""
    code = (
        "import sys\n"
        "from zendesk_orm import User\n"
        "assert 'zendesk_orm.help_center' not in sys.modules\n"
        "print(User.articles.model._meta.label)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ("", "help_center.Article\n") == (done.stderr, done.stdout)


def test_a_name_without_its_product_is_looked_for_at_home_first():
    """Talk has agents, and Chat has others."""
    talk, chat = (registry.find("Agent", product) for product in ("talk", "chat"))

    assert ("talk.Agent", "chat.Agent") == (talk._meta.label, chat._meta.label)


# -- ids that are texts ------------------------------------------------------


@pytest.fixture
def cars(account):
    """Two records, whose makers Zendesk names by texts."""
    car = CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    return [car.records.create(name=name) for name in ("Tesla", "Volvo")]


def test_an_id_that_is_a_text_is_that_of_a_row(cars, emulator, count_requests):
    """The record reads as a number, and leads to the user of that id; one request for them all."""
    me = User.objects.me()
    assert str(me.pk) == cars[0]._row["created_by_user_id"]
    assert me.pk == cars[0].created_by_user_id
    assert me is cars[0].created_by_user

    account = emulator.connect(alias="another")
    records = CustomObjectRecord.objects.using("another").filter(custom_object_key="car")
    with count_requests(account, 2):
        found = list(records.prefetch_related("created_by_user"))
        assert {me.name} == {record.created_by_user.name for record in found}


def test_an_id_that_is_a_text_is_asked_for(cars, sent):
    """By the object or its id; the filter says it as Zendesk writes it."""
    me = User.objects.me()
    records = CustomObjectRecord.objects.filter(custom_object_key="car")

    assert {*cars} == {*records.filter(created_by_user=me)}
    assert {"filter": {"created_by_user": {"$eq": str(me.pk)}}} == sent[-1].json
    assert [] == list(records.filter(created_by_user=me.pk + 1))


def test_an_id_that_is_a_text_is_sent_as_one(ticket, sent):
    """A ticket is given, and its id goes out as Zendesk wants it."""
    link = ticket.jira_links.create(issue_id="10001", issue_key="DEV-1")

    assert str(ticket.pk) == sent[-1].json["link"]["ticket_id"]
    assert (ticket, ticket.pk) == (link.ticket, link.ticket_id)
    assert [link] == list(ticket.jira_links)
    assert [link] == list(JiraLink.objects.filter(ticket=ticket.pk))


# -- settled once ------------------------------------------------------------


def test_a_relation_of_what_is_made_stays(ticket):
    """It can be given once; then neither the object nor the id can be changed."""
    link = JiraLink(ticket=ticket, issue_id="10001", issue_key="DEV-1")
    link.ticket = ticket.pk
    link.save()

    for name in ("ticket", "ticket_id"):
        with pytest.raises(FieldError, match=r"JiraLink\.ticket(_id)? can be set when"):
            setattr(link, name, 7)


def test_a_relation_goes_by_another_id(account):
    """Where its name is that of another field: `language` goes by `locale_id`."""
    user = User.objects.create(name="Ana", email="ana@example.com", locale_id=2)

    assert ("locale_id", "es") == (User.language.id.name, user.language.locale)
    user.language = 8
    assert {"locale_id": (2, 8)} == user.changes()


def test_settled_relations_are_declared_like_others():
    """A model of one's own has them, too."""

    class Loan(Model):
        """A thing that was lent."""

        borrower: CreateOnlyRef[User]
        borrower_id: Id[int]
        owner: Ref[User]
        owner_id: Id[int]

        class Meta:
            app_label = "library"
            text_ids = ("borrower", "owner")
            api = resource("loans") + listed("users/{owner}/loans", key="loans")

    loan = Loan.from_row({"id": 1, "borrower_id": "7", "owner_id": "8"})

    assert (7, 8) == (loan.borrower_id, loan.owner.pk)
    loan.owner = 9
    assert {"owner_id": "9"} == loan.to_payload()
