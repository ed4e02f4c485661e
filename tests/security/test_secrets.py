"""Secrets are shown to the account's host, and to nobody else."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import pickle
import traceback

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConfigurationError,
    Group,
    RetryPolicy,
    Ticket,
    ZendeskError,
    connect,
    connections,
    receiver,
    request_finished,
    request_started,
    retrying,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http import auth
from zendesk_orm.http.secret import Secret, reveal


SECRET = "S3CR3T-do-not-show"
EMAIL = "owner@example.com"
#: What the secret looks like in the header.
CODED = [
    reveal(each.authorization()).partition(" ")[2]
    for each in (
        auth.api_token(EMAIL, Secret(SECRET)),
        auth.password(EMAIL, Secret(SECRET)),
    )
]

WAYS_IN = [
    {"email": EMAIL, "token": SECRET},
    {"email": EMAIL, "password": SECRET},
    {"oauth_token": SECRET},
]


def _shown(value):
    """Return all that a value tells of itself, and of what it holds."""
    parts = [repr(value), str(value)]
    with contextlib.suppress(Exception):
        parts.append(repr(vars(value)))
    return "\n".join(parts)


def _hidden(text):
    assert SECRET not in text
    for coded in CODED:
        assert coded not in text


@pytest.fixture(params=WAYS_IN, ids=lambda way: list(way)[-1])
def secret_account(request):
    """Return an account that knows a secret, and its emulator."""
    with Emulator() as emulator:
        account = connect(
            base_url="https://acme.zendesk.com",
            session=emulator.session(),
            retry=RetryPolicy(attempts=2),
            clock=emulator.clock,
            **request.param,
        )
        yield account, emulator


# -- what objects show -------------------------------------------------------


def test_no_repr_shows_it(secret_account):
    """Account, transport, credentials, session and QuerySet keep it to themselves."""
    account, _ = secret_account

    for each in (
        account,
        account.transport,
        account.transport.credentials,
        account.current(),
        account.quota,
        account.rows,
        connections,
        Ticket.objects.filter(status="new"),
    ):
        _hidden(_shown(each))


def test_the_repr_of_an_account_tells_who_and_where(secret_account):
    """What helps is shown: the kind of credentials, and the address."""
    account, _ = secret_account

    assert "https://acme.zendesk.com" in repr(account)
    assert "token" in repr(account.transport).lower() or "password" in repr(account.transport)


def test_credentials_are_not_pickled(secret_account):
    """Neither pickled nor copied."""
    account, _ = secret_account

    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never pickled"):
            spread(account.transport.credentials)


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_pickle_holds_it(secret_account):
    """Objects, QuerySets and what was read of them can be handed on."""
    _, _ = secret_account
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    rows = Ticket.objects.fresh()
    list(rows)

    for each in (ticket, rows, ticket.last_audit, ticket.comments.all()):
        data = pickle.dumps(each)
        assert SECRET.encode() not in data
        assert all(coded.encode() not in data for coded in CODED)


# -- what failures show ------------------------------------------------------

FAILURES = [
    *({"status": status} for status in (400, 401, 403, 404, 409, 422, 429, 500, 503, None)),
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": ""},
    {"status": 302, "headers": {"Location": "https://evil.example.com/"}},
    {"status": 200, "after_applying": True},
]
DOINGS = {
    "read": lambda: Ticket.objects.get(1),
    "list": lambda: list(Ticket.objects.fresh()),
    "search": lambda: list(Ticket.objects.filter(text="secretly searched")),
    "create": lambda: Group.objects.create(name="a"),
    "bulk": lambda: Ticket.objects.bulk_create([Ticket(subject="a")]),
}


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: "-".join(map(str, fault.values())))
def test_no_exception_shows_it(secret_account, fault, doing):
    """Not in message, repr, arguments, attributes, traceback or pickle, nor in its causes."""
    _, emulator = secret_account
    emulator.fail_next(times=20, **fault)

    with pytest.raises(ZendeskError) as caught:
        doing()

    error = caught.value
    while error is not None:
        _hidden(_shown(error))
        _hidden(repr(error.args))
        error = error.__cause__ or error.__context__
    _hidden("".join(traceback.format_exception(caught.value)))
    assert SECRET.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize("status", [401, 500, None])
def test_messages_hold_no_query(secret_account, status):
    """What was searched for may be personal: a message tells the path, not the query."""
    _, emulator = secret_account
    emulator.fail_next(status, times=20)

    with pytest.raises(ZendeskError) as caught:
        list(Ticket.objects.filter(text="ann@example.com"))

    assert "ann@example.com" not in str(caught.value)
    assert "ann%40example.com" not in str(caught.value)


def test_failed_outcomes_do_not_show_it(secret_account):
    """The outcomes of a bulk operation tell the reason and no credentials."""
    _, emulator = secret_account
    emulator.fail_next(401, times=5)

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create([Ticket(subject="a")])

    _hidden(_shown(caught.value.result))
    _hidden(repr(list(caught.value.result)))


# -- what is logged and announced --------------------------------------------


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_log_shows_it(secret_account, caplog):
    """At the most talkative level."""
    _, emulator = secret_account
    caplog.set_level(logging.DEBUG)
    emulator.fail_next(500)

    Ticket.objects.create(subject="x", comment=Comment(body="y"))

    _hidden(caplog.text)


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_nothing_is_printed(secret_account, capsys):
    """A library is silent."""
    Ticket.objects.count()

    assert ("", "") == capsys.readouterr()


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_signal_tells_it(secret_account):
    """Requests are announced before they get their credentials."""
    _, emulator = secret_account
    told = io.StringIO()

    @receiver([request_started, request_finished, retrying])
    def hear(sender, **arguments):
        told.write(repr((sender, arguments)))

    emulator.fail_next(500)
    Ticket.objects.fresh().count()

    assert "tickets/count" in told.getvalue()
    _hidden(told.getvalue())


# -- what configuration errors show ------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"subdomain": "acme", "token": SECRET},
        {"subdomain": "acme", "password": SECRET},
        {"email": EMAIL, "token": SECRET},
        {"subdomain": "not a name", "oauth_token": SECRET},
        {"base_url": "ftp://acme", "oauth_token": SECRET},
        {"subdomain": "acme", "email": EMAIL, "token": SECRET, "password": SECRET},
        {"url": f"http://me%40acme.com:{SECRET}@acme"},
        {"url": f"zendesk://me%40acme.com:{SECRET}@"},
        {"url": f"zendesk://me%40acme.com:{SECRET}@acme.zendesk.com:notaport"},
    ],
    ids=str,
)
def test_a_bad_configuration_does_not_show_it(given):
    """The error says what is missing, not what was given in secret."""
    with pytest.raises(ConfigurationError) as caught:
        connect(**given)

    _hidden("".join(traceback.format_exception_only(caught.value)))
    _hidden(repr(caught.value.args))


def test_a_base_url_with_credentials_in_it_is_not_shown():
    """An address that holds a password is refused, or shown without it."""
    try:
        account = connect(base_url=f"https://me:{SECRET}@acme.zendesk.com", anonymous=True)
    except ConfigurationError as error:
        _hidden(str(error))
    else:
        _hidden(repr(account) + repr(account.transport))
