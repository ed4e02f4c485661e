"""Objects that refer to objects without an id: no request sends null in place of the id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from zendesk_orm import Comment, InvalidValue, Organization, Ticket, User


@frozen
class WriteCase:
    """A call that sends an object with a reference to another one.

    Attributes:
        prepare: creates the objects that the call changes.
        related: builds the related object, without saving it.
        send: calls the library with the results of `prepare()` and `related()`.
        reference: returns the id that the sent row refers to.
        deferrable: whether a batch can delay the call.
    """

    prepare: Callable[[], Any]
    related: Callable[[], Any]
    send: Callable[[Any, Any], Any]
    reference: Callable[[Any], Any]
    deferrable: bool = True


def _organization() -> Organization:
    return Organization(name="New")


def _author() -> User:
    return User(name="Ann", email="ann@example.com", role="agent")


def _user() -> User:
    return User.objects.create(name="U", email="u@example.com", external_id="u")


def _ticket() -> Ticket:
    return Ticket.objects.create(subject="T", comment=Comment(body="b"))


def _assign(record: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(record, name, value)
    return record


def _organization_of_user(_: Any) -> Any:
    (user,) = (user for user in User.objects.fresh() if user.name == "U")
    return user.organization_id


def _author_of_comment(_: Any) -> Any:
    (ticket,) = Ticket.objects.fresh()
    return list(ticket.comments.fresh())[-1].author_id


CASES = {
    "save a new object": WriteCase(
        lambda: User(name="U"),
        _organization,
        lambda user, new: _assign(user, organization=new).save(),
        _organization_of_user,
    ),
    "save an object": WriteCase(
        _user,
        _organization,
        lambda user, new: _assign(user, organization=new).save(update_fields=["organization"]),
        _organization_of_user,
    ),
    "bulk_create()": WriteCase(
        lambda: None,
        _organization,
        lambda _, new: User.objects.bulk_create([User(name="U", organization=new)]),
        _organization_of_user,
    ),
    "bulk_create() of existing objects": WriteCase(
        _user,
        _organization,
        lambda _, new: User.objects.bulk_create(
            [User(name="U", external_id="u", organization=new)],
            update_conflicts=True,
            unique_fields=["external_id"],
        ),
        _organization_of_user,
        deferrable=False,
    ),
    "bulk_update()": WriteCase(
        _user,
        _organization,
        lambda user, new: User.objects.bulk_update([_assign(user, organization=new)]),
        _organization_of_user,
    ),
    "update()": WriteCase(
        _user,
        _organization,
        lambda user, new: User.objects.filter(id=user.pk).update(organization=new),
        _organization_of_user,
    ),
    "update_or_create()": WriteCase(
        _user,
        _organization,
        lambda user, new: User.objects.update_or_create(
            email="u@example.com", defaults={"organization": new}
        ),
        _organization_of_user,
    ),
    "save a comment": WriteCase(
        _ticket,
        _author,
        lambda ticket, new: _assign(ticket, comment=Comment(body="c", author=new)).save(),
        _author_of_comment,
    ),
    "create a comment": WriteCase(
        _ticket,
        _author,
        lambda ticket, new: ticket.comments.create(body="c", author=new),
        _author_of_comment,
        deferrable=False,
    ),
    "bulk_create() with a comment": WriteCase(
        lambda: None,
        _author,
        lambda _, new: Ticket.objects.bulk_create(
            [Ticket(subject="T", comment=Comment(body="c", author=new))]
        ),
        _author_of_comment,
    ),
    "import_many()": WriteCase(
        lambda: None,
        _author,
        lambda _, new: Ticket.objects.import_many(
            [{"subject": "T", "comments": [Comment(body="c", author=new)]}]
        ),
        _author_of_comment,
        deferrable=False,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_related_object_without_an_id_is_rejected(case, account, count_requests):
    """An object that refers to an unsaved one raises an error, and nothing is sent."""
    prepared, related = case.prepare(), case.related()

    with count_requests(account, 0), pytest.raises(InvalidValue):
        case.send(prepared, related)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.deferrable])
def test_a_batch_sends_the_id_of_an_object_that_it_creates(name, account):
    """In a batch, the related object is saved first, and its id is sent."""
    case = CASES[name]
    prepared, related = case.prepare(), case.related()

    with account.batch():
        related.save()
        case.send(prepared, related)

    assert case.reference(prepared) == related.pk
    assert related.pk is not None


@pytest.mark.parametrize("name", ["save a comment", "bulk_create() with a comment"])
def test_an_object_that_was_saved_after_its_assignment_is_sent(name, account):
    """The id of the author is sent if the author is saved before the ticket."""
    case = CASES[name]
    prepared, author = case.prepare(), case.related()
    comment = Comment(body="c", author=author)
    author.save()

    if prepared is None:
        Ticket.objects.bulk_create([Ticket(subject="T", comment=comment)])
    else:
        _assign(prepared, comment=comment).save()

    assert case.reference(prepared) == author.pk


NEW_REQUESTERS = {
    "object": lambda: User(name="N", email="n@example.com"),
    "dict": lambda: {"name": "N", "email": "n@example.com"},
}


@pytest.mark.parametrize("requester", NEW_REQUESTERS.values(), ids=NEW_REQUESTERS)
@pytest.mark.parametrize(
    "send",
    [
        lambda ticket: ticket.save(update_fields=["requester"]),
        lambda ticket: Ticket.objects.bulk_update([ticket], ["requester"]),
        lambda ticket: Ticket.objects.bulk_update([ticket]),
    ],
    ids=["save()", "bulk_update() of a field", "bulk_update()"],
)
def test_a_new_requester_is_sent_by_its_name(account, requester, send):
    """The field `requester` includes a requester that Zendesk creates."""
    ticket = _ticket()
    ticket.requester = requester()

    send(ticket)

    assert ticket.changes() == {}
    assert ticket.requester.email == "n@example.com"
    assert Ticket.objects.fresh().get(ticket.pk).requester.email == "n@example.com"


@pytest.mark.parametrize("name", ["followers", "email_ccs", "collaborators"])
def test_people_of_a_new_ticket_are_sent_when_it_is_created(account, name):
    """`add()`, `remove()` and `set()` change the list that the creation sends."""
    agents = [
        User.objects.create(name=letter, email=f"{letter}@example.com", role="agent")
        for letter in "abc"
    ]
    ticket = Ticket(subject="T", comment=Comment(body="b"))
    people = getattr(ticket, name)
    people.add(agents[0], agents[1], agents[1])
    people.remove(agents[0])
    people.add(agents[2])

    ticket.save()

    stored = getattr(Ticket.objects.fresh().get(ticket.pk), name)
    assert {person.pk for person in stored} == {agents[1].pk, agents[2].pk}
