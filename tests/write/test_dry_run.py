"""`dry_run()`: nothing is sent, and what would be is told."""

# ruff: noqa: PT012
# What is raised is raised within a block, or at its end.

from __future__ import annotations

import pytest

from tests.contract.spec import declared_models
from zendesk_orm import Comment, F, InvalidValue, MacroAttachment, Ticket, Upload
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.help_center import ArticleAttachment, GuideMedia, UserImage, UserSubscription
from zendesk_orm.write import actions


SEEN = ["seen"]


@pytest.fixture
def account(emulator):
    """An account of the emulator, whose clock goes on by itself."""
    return emulator.connect()


@pytest.fixture
def ticket(account, emulator):
    """A ticket that was saved."""
    made = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"), tags=["a"])
    emulator.requests.clear()
    return made


def test_nothing_is_sent(account, ticket, emulator, capsys):
    """Creates, updates, deletes, bulk changes, calls of their own and uploads: none goes out."""
    with account.dry_run() as diff:
        ticket.priority = "high"
        ticket.save()
        Ticket(subject="New", comment=Comment(body="Hi", uploads=["x"])).save()
        ticket.comments.create(body="Done")
        ticket.mark_as_spam()
        Upload.objects.upload(b"x", "a.txt")
        ticket.delete()

    assert [] == emulator.requests
    assert ["update", "create", "delete"] == [each.action for each in diff]
    assert str(diff) in capsys.readouterr().out
    ticket.refresh_from_db()
    assert (None, "Printer") == (ticket.priority, ticket.subject)


def test_the_difference_is_told(account, ticket, capsys):
    """A line for each change and for each field, old and new, and how many there are."""
    with account.dry_run():
        ticket.priority = "high"
        ticket.tags.append("b")
        ticket.save()
        Ticket(subject="New", comment=Comment(body="Hi")).save()
        ticket.mark_as_spam()

    expected = (
        f"update Ticket {ticket.pk}\n"
        "    priority: 'high'\n"
        "    tags: ['a'] -> ['a', 'b']\n"
        "create Ticket\n"
        "    subject: 'New'\n"
        "    comment: {'body': 'Hi'}\n"
        "mark_as_spam of tickets\n"
        "3 changes; nothing was sent\n"
    )
    assert expected == capsys.readouterr().out


def test_queries_are_answered_and_their_changes_told(account, ticket, emulator):
    """Reading goes on; what `update()` would do to each row is told."""
    with account.dry_run(quiet=True) as diff:
        result = Ticket.objects.filter(id=ticket.pk).update(tags=F("tags") + SEEN)

    assert [f"GET tickets/{ticket.pk}"] == emulator.requests
    (change,) = diff
    assert {"additional_tags": (None, ["seen"])} == dict(change.edits)
    assert 1 == len(result.pending)


def test_it_can_be_quiet(account, ticket, capsys):
    """Nothing is printed then."""
    with account.dry_run(quiet=True) as diff:
        ticket.delete()

    assert ("", 1) == (capsys.readouterr().out, len(diff))


def test_objects_keep_their_edits(account, ticket):
    """After a dry run, the same save is sent."""
    with account.dry_run(quiet=True):
        ticket.priority = "high"
        ticket.save()
    ticket.save()

    assert "high" == Ticket.objects.fresh().get(ticket.pk).priority


def test_an_exception_comes_out(account, ticket, capsys):
    """And nothing is printed of what had been collected."""
    with pytest.raises(ZeroDivisionError), account.dry_run():
        ticket.delete()
        raise ZeroDivisionError

    assert "" == capsys.readouterr().out


def _actions():
    return [
        (model, endpoint)
        for model in declared_models()
        for endpoint in model._meta.api
        if endpoint.verb is Verb.ACTION and endpoint.method != "GET"
    ]


def test_every_call_that_is_held_back_has_one_defined_response(emulator):
    """Its body is empty; what reads a value of it gets an error that names the dry run."""
    account = emulator.connect()
    with account.dry_run(quiet=True):
        for model, endpoint in _actions():
            answer = actions.call(account.current(), model, endpoint.name)

            assert answer is actions.UNSENT
            assert not answer.data
            with pytest.raises(InvalidValue, match=r"dry_run\(\) held the request back"):
                answer.data[endpoint.key or "x"]
    assert [] == emulator.requests


@pytest.mark.parametrize(
    "call",
    [
        lambda: GuideMedia.objects.register("x", "a.png"),
        lambda: GuideMedia.objects.upload_url("image/png", 3),
        lambda: UserImage.objects.upload_url("image/png", 3),
    ],
)
def test_methods_that_return_what_zendesk_answers_raise(emulator, call):
    """Nothing is sent, and the error is one of the library."""
    account = emulator.connect()
    with account.dry_run(quiet=True), pytest.raises(InvalidValue):
        call()
    assert [] == [each for each in emulator.requests if not each.startswith("GET")]


@pytest.mark.parametrize(
    "call",
    [
        lambda: UserSubscription.objects.follow(1, 2),
        lambda: ArticleAttachment.objects.upload(b"x", "a.txt"),
        lambda: MacroAttachment.objects.upload(b"x", "a.txt"),
    ],
)
def test_methods_that_create_an_object_return_one_without_an_id(emulator, call):
    """Nothing is sent, and the object is like one that was never saved."""
    account = emulator.connect()
    with account.dry_run(quiet=True):
        created = call()

    assert created.pk is None
    assert [] == emulator.requests
