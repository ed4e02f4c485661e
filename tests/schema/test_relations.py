"""Relations: a record and its id are kept consistent."""

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
from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.relations import Many
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.support import SideConversationEvent


class Source:
    """A source that records which objects relations refer to."""

    def __init__(self, alias="default"):
        self.alias = self.account_identity = alias
        self.referred = []

    def load(self, record, wire):
        pytest.fail("a request would be sent")

    def refer(self, model, pk, values=None):
        self.referred.append((model, pk))
        return model.from_row(PartialRow(id=pk), self)


ann = User.from_row({"id": 5, "name": "Ann"})


def _build_ticket(alias="default", **row):
    return Ticket.from_row({"id": 1, **row}, Source(alias))


def test_an_assigned_record_sets_the_id():
    """Assigning a record sets the id, which is sent."""
    ticket = _build_ticket(requester_id=1)
    ticket.requester = ann

    assert ticket.requester is ann
    assert ticket.requester_id == 5
    assert ticket.to_payload() == {"requester_id": 5}


def test_an_assigned_id_sets_the_record():
    """Assigning an id replaces the record."""
    ticket = _build_ticket(requester_id=1)
    ticket.requester = ann
    ticket.requester_id = 6

    assert ticket.requester.pk == 6


def test_an_id_can_be_assigned_to_the_relation():
    """An id can be assigned to the relation itself."""
    ticket = _build_ticket(requester_id=1)
    ticket.requester = 6

    assert (ticket.requester_id, ticket.requester.pk) == (6, 6)


@pytest.mark.parametrize("name", ["organization", "organization_id"])
def test_none_clears_record_and_id(name):
    """Assigning None to a relation or to its id clears both."""
    ticket = _build_ticket(organization_id=3)
    setattr(ticket, name, None)

    assert (ticket.organization, ticket.organization_id) == (None, None)
    assert ticket.to_payload() == {"organization_id": None}


@pytest.mark.parametrize("name", ["requester", "requester_id"])
def test_none_is_rejected_for_a_required_relation(name):
    """Assigning None to a relation that is not nullable raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="requester_id cannot be None"):
        setattr(_build_ticket(), name, None)


def test_assigning_the_old_record_undoes_a_change():
    """Assigning a record with the id of the row undoes a change."""
    ticket = _build_ticket(requester_id=5)
    ticket.requester = User(id=6)
    ticket.requester = ann

    assert ticket.changes() == {}


def test_reading_the_id_creates_no_record():
    """Reading the id of a relation creates no record."""
    ticket = _build_ticket(requester_id=5)

    assert ticket.requester_id == 5
    assert ticket._source.referred == []


def test_reading_a_relation_makes_no_request():
    """Reading a relation creates a record of the id once, without a request."""
    ticket = _build_ticket(requester_id=5)

    assert ticket.requester is ticket.requester
    assert ticket._source.referred == [(User, 5)]


def test_a_new_row_keeps_an_assigned_record():
    """A new row keeps a record that was assigned and not saved."""
    ticket = _build_ticket(requester_id=1)
    ticket.requester = ann
    ticket.update_from_row({"id": 1, "requester_id": 1, "subject": "x"})

    assert ticket.requester is ann


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Group(id=1), "must be a User or its id"),
        (Organization(id=1), "must be a User or its id"),
        (5.0, "must be a User or its id"),
        (True, "must be an id"),
        ({"id": 1}, "must be a User or its id"),
    ],
    ids=["group", "organization", "float", "bool", "dict"],
)
def test_an_invalid_related_object_is_rejected(value, message):
    """Assigning another model or an invalid id raises `InvalidValue` and changes nothing."""
    ticket = _build_ticket(requester_id=1)

    with pytest.raises(InvalidValue, match=f"^requester(_id)? {message}"):
        ticket.requester = value
    assert ticket.changes() == {}


def test_an_unsaved_object_may_be_assigned():
    """An unsaved object may be assigned; its id is required when the record is saved."""
    ticket, user = _build_ticket(requester_id=1), User(name="New")
    ticket.requester = user

    assert (ticket.requester, ticket.requester_id, ticket.unsaved) == (user, None, ["requester"])
    with pytest.raises(InvalidValue, match=r"^requester: .* has no id yet; save it first"):
        ticket.resolve_unsaved_relations()
    user.update_from_row({"id": 9})
    ticket.resolve_unsaved_relations()
    assert (ticket.changes(), ticket.unsaved) == ({"requester_id": (1, 9)}, [])


def test_a_record_of_another_account_is_rejected():
    """Assigning a record of another account raises `InvalidValue`."""
    other_user = User.from_row({"id": 5}, Source("emea"))

    with pytest.raises(InvalidValue, match="belongs to account 'emea', not to 'default'"):
        _build_ticket().requester = other_user


def test_a_record_of_another_session_is_accepted():
    """A record of the same account may belong to another session."""
    ticket = _build_ticket("emea")
    ticket.requester = User.from_row({"id": 5}, Source("emea"))

    assert ticket.requester_id == 5


def test_a_read_only_relation_cannot_be_assigned():
    """Assigning a relation that Zendesk sets, or its id, raises `FieldError`."""
    audit = _build_ticket().audits.model.from_row({"id": 1, "author_id": 5})

    for name in ("author", "author_id"):
        with pytest.raises(FieldError, match=f"Audit.{name} is set by Zendesk"):
            setattr(audit, name, 6)


def test_a_record_of_a_subclass_is_accepted():
    """A record of a subclass can be assigned to a relation."""

    class Customer(User):
        """A user who pays."""

    ticket = _build_ticket()
    ticket.requester = Customer(id=5)

    assert ticket.requester_id == 5


def test_a_parent_is_not_sent():
    """The parent of an object is part of the path, and not of the payload."""
    comment = Comment(ticket=Ticket(id=1), body="Hello")

    assert comment.ticket_id == 1
    assert comment.to_payload() == {"body": "Hello"}


def test_a_parent_can_be_given_by_its_id():
    """A parent can be set by its id."""
    assert Comment(ticket_id=1, body="Hello").to_payload() == {"body": "Hello"}


# Reverse relations


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
def test_a_reverse_relation_is_a_query(manager, expected):
    """A reverse relation is a query filtered by the object."""
    assert str(manager().query) == expected


def test_a_reverse_relation_uses_the_account_of_its_object():
    """A reverse relation queries the account of its object."""
    assert _build_ticket("emea").comments._db == "emea"


def test_an_unsaved_object_has_no_reverse_relations():
    """Reading a reverse relation of an unsaved object raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="save it before reading comments"):
        _ = Ticket().comments


def test_a_reverse_relation_of_a_class_describes_itself():
    """On the class, a reverse relation returns its model and the name of the relation."""
    assert Ticket.comments.model is Comment
    assert Ticket.comments.relation == "ticket"


def test_an_ambiguous_reverse_relation_is_rejected():
    """A reverse relation with several candidates requires `by()`."""

    class Owner(Model):
        """Somebody."""

        things: Many[Thing]
        products: Many[Thing] = by("maker")
        others: Many[Owner]

    class Thing(Model):
        """Something."""

        name: Field[str]
        maker: Ref[Owner]
        keeper: Ref[Owner]

    with pytest.raises(FieldError, match=r"named with by\(\); candidates: maker, keeper"):
        _ = Owner(id=1).things
    with pytest.raises(FieldError, match="candidates: none"):
        _ = Owner(id=1).others
    assert str(Owner(id=1).products.query) == "Thing: maker = 1"


def test_an_invalid_id_of_the_parent_of_a_related_row_is_named(account):
    """The error for an id in the path of a related row contains model, id, field and value."""
    row = {"id": "e1", "ticket_id": {"id": 1}, "side_conversation_id": "s1"}
    event = SideConversationEvent.from_row(row, account.current())

    with pytest.raises(UnexpectedValue, match=r"SideConversationEvent e1: .*'id': 1.* ticket_id"):
        _ = event.side_conversation
