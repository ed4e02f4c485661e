"""Wrong arguments: each method rejects them with an error of ours, before anything is sent."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import MutableMapping

import pytest

from zendesk_orm import (
    CustomField,
    F,
    FieldError,
    Group,
    InvalidValue,
    Prefetch,
    Q,
    Ticket,
    User,
    ZendeskError,
    connect,
    receiver,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.query.f import Joined
from zendesk_orm.suggestions import suggestion


#: Methods for the library itself, or for Django's internals; and `update()` of custom fields, a
#: dictionary's.
INTERNAL = {
    *("absorb", "adopt", "attach_to", "settle_relations", "settle_custom", "from_row", "bind"),
    *("change_members", "collected", "lent", "effective", "to_payload", "close", "on_commit"),
    *("contribute_to_class", "check", "deconstruct", "resolve_expression", "as_manager"),
    *("from_queryset", "db_manager", "get_queryset"),
}
#: Methods for which some of the arguments are right, so that Zendesk judges them.
ASKS = {
    *("get", "get_or_create", "update_or_create", "of_conversation", "add", "remove", "set"),
    *("add_tags", "remove_tags", "set_tags", "merge", "definition", "brand", "offers"),
    *("autocomplete_problems", "create_follow_up", "solve"),
}


class Odd:
    """An object of no model."""


WRONG = {
    "an object of another model": lambda: (Group.from_row({"id": 1}),),
    "a dictionary": lambda: ({"status": "new"},),
    "a text": lambda: ("no such thing!",),
    "None": lambda: (None,),
    "an exhausted generator": lambda: (each for each in [iter(())]),
    "too many": lambda: (1, 2, 3, 4, 5, 6, 7, 8),
    "any object": lambda: (Odd(),),
    "a list of objects": lambda: ([Odd()],),
    "a class": lambda: (Ticket,),
    "a negative number": lambda: (-1,),
}


@pytest.fixture(scope="module")
def rows():
    """Return an emulator, and objects of it: a ticket and its requester."""
    with Emulator(seed="demo") as emulator:
        account = emulator.connect()
        ticket = Ticket.objects.select_related("requester").first()
        yield emulator, account, ticket._row, ticket.requester._row


GROUPS = {
    "manager": lambda account, ticket, user: Ticket.objects,
    "query": lambda account, ticket, user: Ticket.objects.filter(status="new"),
    "related manager": lambda account, ticket, user: ticket.comments,
    "record": lambda account, ticket, user: ticket,
    "other record": lambda account, ticket, user: user,
    "new record": lambda account, ticket, user: Ticket(subject="x"),
    "tags": lambda account, ticket, user: ticket.tags,
    "people": lambda account, ticket, user: ticket.followers,
    "custom fields": lambda account, ticket, user: ticket.custom,
    "account": lambda account, ticket, user: account,
}


def _methods(target):
    for name in dir(type(target)):
        mapping = isinstance(target, MutableMapping) and name == "update"
        if name.startswith("_") or name in INTERNAL or mapping:
            continue
        if inspect.isfunction(getattr(type(target), name, None)):
            yield name


def _called(emulator, target, name, arguments):
    """Return what went wrong in a call, or None."""
    method = getattr(target, name)
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return None  # Python itself rejects it.
    emulator.requests.clear()
    try:
        result = method(*arguments)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except ZendeskError:
        sent = list(emulator.requests)
        asks = name in ASKS or name.removeprefix("a") in ASKS
        return f"sent {sent}" if sent and not asks else None
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        return repr(error)
    return None


@pytest.mark.parametrize("group", GROUPS)
def test_wrong_arguments_raise_errors_of_ours(rows, group):
    """Every public method with every wrong argument: accepted, or an error before sending."""
    emulator, account, ticket_row, user_row = rows
    emulator.connect()
    wrong = []
    calls = 0
    source = account.current()

    def make():
        ticket, user = Ticket.from_row(ticket_row, source), User.from_row(user_row, source)
        return GROUPS[group](account, ticket, user)

    for name in _methods(make()):
        for kind, arguments in WRONG.items():
            calls += 1
            problem = _called(emulator, make(), name, tuple(arguments()))
            if problem is not None:
                wrong.append((name, kind, problem))

    assert not wrong
    assert calls >= 40


TABLE = [
    (lambda: Ticket.objects.filter("status=new"), ["filter(status='new')"]),
    (lambda: Ticket.objects.filter({"status": "new"}), ["filter(**conditions)"]),
    (lambda: Ticket.objects.exclude(5), ["keywords", "Q objects"]),
    (lambda: Q("status"), ["keywords"]),
    (lambda: Ticket.objects.get(1, 2), ["get() takes one id", "filter(id__in=[...])"]),
    (lambda: Ticket.objects.get({"id": 1}), ["filter(**conditions)"]),
    (lambda: Ticket.objects.get(id=None), ["None is not an id"]),
    (lambda: Ticket.objects.filter(pk=None), ["None is not an id"]),
    (lambda: Ticket(description="x"), ["comment="]),
    (lambda: Ticket.objects.create(subject="x", description="d"), ["comment="]),
    (lambda: Ticket.objects.order_by("requester__name"), ["requester__name", "Ticket itself"]),
    (lambda: Ticket.objects.order_by(5), ["named by a text"]),
    (lambda: Ticket.objects.select_related("comments"), ["prefetch_related('comments')"]),
    (
        lambda: Ticket.objects.select_related("organization__group"),
        ["prefetch_related('organization__group')"],
    ),
    (lambda: Ticket.objects.prefetch_related(5), ["named by a text"]),
    (lambda: Ticket.objects.values(5), ["named by a text"]),
    (lambda: Ticket.objects.all()["x"], ["rows[0]"]),
    (lambda: Ticket.objects.all()[1.5:], ["whole number"]),
    (lambda: Ticket.objects.page_size("x"), ["whole number", "page_size()"]),
    (lambda: Ticket.objects.max_requests(None), ["whole number", "max_requests()"]),
    (lambda: Ticket.objects.scan(True), ["whole number", "scan()"]),
    (lambda: Ticket.objects.using(5), ["alias"]),
    (lambda: Ticket.objects.in_bulk(5), ["list"]),
    (lambda: Ticket.objects.bulk_create(Ticket(subject="x")), ["list"]),
    (lambda: Ticket.objects.get_or_create("x", external_id="y"), ["defaults", "dictionary"]),
    (lambda: Ticket.objects.get_or_create({"x": 1}, external_id="y"), ["no field 'x'"]),
    (lambda: F("subject") + "x", ["F('subject')", "tags=F('tags') + ['seen']"]),
    (lambda: F("created_at") + 5, ["F('created_at')", "tags=F('tags') + ['seen']"]),
    (lambda: Joined("tags") - None, ["F('tags')", "list"]),
    (lambda: connect("emulator://?sed=demo"), ["'sed'", "'seed'"]),
    (lambda: connect(subdomain="a", anonymous=True, keep={"ticket": 60}), ["keep={Group: 60}"]),
    (lambda: connect(subdomain="a", anonymous=True, keep={Group: "x"}), ["keep={Group: 60}"]),
    (lambda: connect(subdomain="a", anonymous=True, keep=60), ["keep={Group: 60}"]),
    (lambda: receiver("post_save"), ["@receiver(post_save"]),
]


@pytest.mark.parametrize(("call", "words"), TABLE, ids=[" ".join(words) for _, words in TABLE])
def test_the_message_says_what_to_write(rows, call, words):
    """Mistakes of beginners: an error of ours that names the remedy, and nothing is sent."""
    emulator = rows[0]
    emulator.connect()
    emulator.requests.clear()

    with pytest.raises((FieldError, InvalidValue, ConfigurationError)) as caught:
        call()

    assert [word for word in words if word not in str(caught.value)] == []
    assert [] == emulator.requests


def test_suggestions_are_short_and_know_custom_fields():
    """The nearest name, declared custom fields included; at most 200 characters."""

    class Ours(Ticket):
        """A ticket with a custom field."""

        severity = CustomField[str]("Severity")

        class Meta:
            proxy = True

    with pytest.raises(FieldError, match="did you mean 'severity'"):
        Ours(severty="high")
    with pytest.raises(FieldError, match="did you mean 'severity'"):
        Ours.objects.filter(severty="high")
    for known in (Ours._meta.names, ["x" * 500], [], ["a"]):
        assert len(suggestion("qqqqq", known)) <= 200


def test_prefetch_takes_one_lookup():
    """A `Prefetch` object is accepted beside names."""
    assert Ticket.objects.prefetch_related(Prefetch("comments"))._prefetch
