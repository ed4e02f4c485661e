"""Relations: a record and the id behind it are one."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Field,
    FieldError,
    Group,
    InvalidValue,
    Model,
    Organization,
    Ref,
    Ticket,
    User,
    by,
)
from zendesk_orm.relations import Many
from zendesk_orm.schema.row import Hollow


class Source:
    """Where a record came from, as far as relations need to know."""

    def __init__(self, alias="default"):
        self.alias = self.account_identity = alias
        self.referred = []

    def load(self, record):
        pytest.fail("a request would be made")

    def refer(self, model, pk, known=None):
        self.referred.append((model, pk))
        return model.from_row(Hollow(id=pk), self)


ann = User.from_row({"id": 5, "name": "Ann"})


def _ticket(alias="default", **row):
    return Ticket.from_row({"id": 1, **row}, Source(alias))


def test_an_assigned_record_sets_the_id():
    """The object is the one that was assigned; the id is what is sent."""
    ticket = _ticket(requester_id=1)
    ticket.requester = ann

    assert ticket.requester is ann
    assert 5 == ticket.requester_id
    assert {"requester_id": 5} == ticket.to_payload()


def test_an_assigned_id_sets_the_record():
    """The record of the old id is not given any longer."""
    ticket = _ticket(requester_id=1)
    ticket.requester = ann
    ticket.requester_id = 6

    assert 6 == ticket.requester.pk


def test_an_id_can_be_assigned_to_the_relation():
    """Both names take both."""
    ticket = _ticket(requester_id=1)
    ticket.requester = 6

    assert (6, 6) == (ticket.requester_id, ticket.requester.pk)


@pytest.mark.parametrize("name", ["organization", "organization_id"])
def test_none_empties_both(name):
    """No record is no id."""
    ticket = _ticket(organization_id=3)
    setattr(ticket, name, None)

    assert (None, None) == (ticket.organization, ticket.organization_id)
    assert {"organization_id": None} == ticket.to_payload()


@pytest.mark.parametrize("name", ["requester", "requester_id"])
def test_none_is_refused_where_there_must_be_one(name):
    """A ticket has a requester."""
    with pytest.raises(InvalidValue, match="requester_id cannot be None"):
        setattr(_ticket(), name, None)


def test_setting_the_old_record_back_undoes_the_change():
    """The ids are compared."""
    ticket = _ticket(requester_id=5)
    ticket.requester = User(id=6)
    ticket.requester = ann

    assert {} == ticket.changes()


def test_reading_the_id_asks_nobody():
    """It stands in the row."""
    ticket = _ticket(requester_id=5)

    assert 5 == ticket.requester_id
    assert [] == ticket._source.referred


def test_reading_a_relation_makes_no_request():
    """The record is referred to by its id, once."""
    ticket = _ticket(requester_id=5)

    assert ticket.requester is ticket.requester
    assert [(User, 5)] == ticket._source.referred


def test_a_new_row_that_keeps_an_unsaved_relation_keeps_its_record():
    """The object stays the one that was assigned."""
    ticket = _ticket(requester_id=1)
    ticket.requester = ann
    ticket.absorb({"id": 1, "requester_id": 1, "subject": "x"})

    assert ticket.requester is ann


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Group(id=1), "wants a User or its id"),
        (Organization(id=1), "wants a User or its id"),
        (5.0, "wants a User or its id"),
        (True, "wants an id"),
        ({"id": 1}, "wants a User or its id"),
    ],
    ids=["group", "organization", "float", "bool", "dict"],
)
def test_what_is_not_at_the_other_end_is_refused(value, message):
    """The message begins with the relation's name, and nothing has changed."""
    ticket = _ticket(requester_id=1)

    with pytest.raises(InvalidValue, match=f"^requester(_id)?: .*{message}"):
        ticket.requester = value
    assert {} == ticket.changes()


def test_what_is_not_saved_yet_may_be_assigned():
    """As in Django; its id is taken over when it has one, and missed when it is needed."""
    ticket, user = _ticket(requester_id=1), User(name="New")
    ticket.requester = user

    assert (user, None, ["requester"]) == (ticket.requester, ticket.requester_id, ticket.unsaved)
    with pytest.raises(InvalidValue, match=r"^requester: .* has no id yet; save it first"):
        ticket.settle_relations()
    user.absorb({"id": 9})
    ticket.settle_relations()
    assert ({"requester_id": (1, 9)}, []) == (ticket.changes(), ticket.unsaved)


def test_a_record_of_another_account_is_refused():
    """Its id means somebody else here."""
    theirs = User.from_row({"id": 5}, Source("emea"))

    with pytest.raises(InvalidValue, match="belongs to account 'emea', not to 'default'"):
        _ticket().requester = theirs


def test_a_record_of_the_same_account_is_taken():
    """The account's name decides, not the session."""
    ticket = _ticket("emea")
    ticket.requester = User.from_row({"id": 5}, Source("emea"))

    assert 5 == ticket.requester_id


def test_a_relation_that_zendesk_sets_is_refused():
    """The author of an audit is who he is."""
    audit = _ticket().audits.model.from_row({"id": 1, "author_id": 5})

    for name in ("author", "author_id"):
        with pytest.raises(FieldError, match=f"Audit.{name} is set by Zendesk"):
            setattr(audit, name, 6)


def test_a_record_of_a_subclass_is_taken():
    """A customer is a user."""

    class Customer(User):
        """A user who pays."""

    ticket = _ticket()
    ticket.requester = Customer(id=5)

    assert 5 == ticket.requester_id


def test_a_parent_is_taken_over_and_not_sent():
    """The path of the request tells a comment's ticket, so the comment does not."""
    comment = Comment(ticket=Ticket(id=1), body="Hello")

    assert 1 == comment.ticket_id
    assert {"body": "Hello"} == comment.to_payload()


def test_a_parent_can_be_given_by_its_id():
    """`ticket_id=` says the same as `ticket=`."""
    assert {"body": "Hello"} == Comment(ticket_id=1, body="Hello").to_payload()


# -- the other side ----------------------------------------------------------


@pytest.mark.parametrize(
    ("manager", "expected"),
    [
        (lambda: Organization(id=3).tickets, "Ticket: organization = 3"),
        (lambda: User(id=5).requested_tickets, "Ticket: requester = 5"),
        (lambda: User(id=5).assigned_tickets, "Ticket: assignee = 5"),
        (lambda: Ticket(id=1).comments, "Comment: ticket = 1"),
    ],
    ids=["tickets", "requested_tickets", "assigned_tickets", "comments"],
)
def test_the_other_side_is_a_query(manager, expected):
    """`org.tickets` is the tickets of that organization."""
    assert expected == str(manager().query)


def test_the_other_side_asks_the_account_of_the_record():
    """Rows of another account are looked for there."""
    assert "emea" == _ticket("emea").comments._alias


def test_an_unsaved_object_has_no_other_side():
    """Nothing can point to it."""
    with pytest.raises(InvalidValue, match="save it before asking for comments"):
        _ = Ticket().comments


def test_the_class_gives_the_relation_itself():
    """It tells its model and by which relation it goes."""
    assert Ticket.comments.model is Comment
    assert "ticket" == Ticket.comments.relation


def test_an_ambiguous_other_side_is_refused():
    """Where two relations point here, one has to be named."""

    class Owner(Model):
        """Somebody."""

        things: Many[Thing]
        made: Many[Thing] = by("maker")
        others: Many[Owner]

    class Thing(Model):
        """Something."""

        name: Field[str]
        maker: Ref[Owner]
        keeper: Ref[Owner]

    with pytest.raises(FieldError, match=r"points here by maker, keeper; name one: = by\("):
        _ = Owner(id=1).things
    with pytest.raises(FieldError, match="points here by nothing"):
        _ = Owner(id=1).others
    assert "Thing: maker = 1" == str(Owner(id=1).made.query)
