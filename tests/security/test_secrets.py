"""Credentials: sent to the account's host, and displayed nowhere."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import pickle
import re
import traceback

import pytest

from zendesk_orm import (
    BulkError,
    ClientCredentials,
    Comment,
    ConfigurationError,
    Group,
    MemoryTokenStore,
    RefreshToken,
    RetryPolicy,
    Ticket,
    Token,
    ZendeskError,
    connect,
    connections,
    receiver,
    request_finished,
    request_started,
    retrying,
    webhook_app,
)
from zendesk_orm.contrib.redis import RedisCheckpointStore, RedisInvocations, RedisTokenStore
from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.http import auth
from zendesk_orm.http.oauth.authorization import AuthorizationRequest
from zendesk_orm.http.secret import Secret, SecretBytes, reveal
from zendesk_orm.http.settings import Settings
from zendesk_orm.schema import registry
from zendesk_orm.support import SigningSecret
from zendesk_orm.sync.webhooks.verification import Verifier


SECRET = "S3CR3T-do-not-show"
EMAIL = "owner@example.com"
#: The secret in the encoding of the header.
ENCODED = [
    reveal(item.authorization()).partition(" ")[2]
    for item in (
        auth.api_token(EMAIL, Secret(SECRET)),
        auth.password(EMAIL, Secret(SECRET)),
    )
]

CREDENTIALS = [
    {"email": EMAIL, "token": SECRET},
    {"email": EMAIL, "password": SECRET},
    {"oauth_token": SECRET},
]


def _describe(value):
    """Return all representations of a value and of its attributes."""
    parts = [repr(value), str(value)]
    with contextlib.suppress(Exception):
        parts.append(repr(vars(value)))
    return "\n".join(parts)


def _check_hidden(text):
    assert SECRET not in text
    for encoded in ENCODED:
        assert encoded not in text


@pytest.fixture(params=CREDENTIALS, ids=lambda credentials: list(credentials)[-1])
def secret_account(request):
    """Return an account with a secret, and its emulator."""
    with Emulator() as emulator:
        account = connect(
            base_url="https://acme.zendesk.com",
            session=emulator.session(),
            retry=RetryPolicy(attempts=2),
            clock=emulator.clock,
            **request.param,
        )
        yield account, emulator


# Representations and pickles


def test_no_repr_contains_the_secret(secret_account):
    """No repr of account, transport, credentials, session or QuerySet contains the secret."""
    account, _ = secret_account

    for item in (
        account,
        account.transport,
        account.transport.credentials,
        account.current(),
        account.quota,
        account.cache,
        connections,
        Ticket.objects.filter(status="new"),
    ):
        _check_hidden(_describe(item))


def test_the_repr_of_an_account_shows_address_and_credentials(secret_account):
    """The repr of an account shows its address, and the kind of its credentials."""
    account, _ = secret_account

    assert "https://acme.zendesk.com" in repr(account)
    assert "token" in repr(account.transport).lower() or "password" in repr(account.transport)


def test_credentials_are_not_pickled(secret_account):
    """Credentials can be neither pickled nor copied."""
    account, _ = secret_account

    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never pickled"):
            duplicate(account.transport.credentials)


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_pickle_contains_the_secret(secret_account):
    """Pickles of objects and QuerySets do not contain the secret."""
    _, _ = secret_account
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    rows = Ticket.objects.fresh()
    list(rows)

    for item in (ticket, rows, ticket.last_audit, ticket.comments.all()):
        data = pickle.dumps(item)
        assert SECRET.encode() not in data
        assert all(encoded.encode() not in data for encoded in ENCODED)


#: Readable fields with such names whose values are no credentials.
PUBLIC_FIELDS = {
    # The parameter of a comment that uses a file, and of the purchase of a phone number.
    "support.Upload.token",
    "talk.AvailablePhoneNumber.token",
    # Masked by Zendesk.
    "support.RemoteAuthentication.masked_client_secret",
    "support.RemoteAuthentication.masked_secret",
}


def test_no_pickle_of_a_model_contains_a_secret():
    """Pickles of objects contain no secret of their rows, and each such field is declared so."""
    for product in registry.PRODUCTS:
        registry.load(product)
    names = re.compile(r"(^|_)(secret|token|password)$")
    undeclared, leaks = set(), set()
    for model in registry.models():
        meta = model._meta
        readable = [field for field in meta.fields.values() if field.readable]
        if model.__module__.startswith("zendesk_orm."):
            undeclared |= {
                f"{meta.label}.{field.name}"
                for field in readable
                if names.search(field.wire) and field not in meta.secret_fields
            }
        row = {field.wire: SECRET for field in meta.secret_fields}
        for values in ({"id": 1, **row}, row):
            with contextlib.suppress(TypeError):
                if SECRET.encode() in pickle.dumps(model.from_row(values)):
                    leaks.add(meta.label)

    assert undeclared == PUBLIC_FIELDS
    assert leaks == set()


def test_no_pickle_of_another_object_contains_the_secret(secret_account):
    """Objects that were created with a secret cannot be pickled, or their pickle lacks it."""
    account, _ = secret_account
    tokens = MemoryTokenStore()
    tokens.save("key", Token(SECRET, SECRET))
    secret = SigningSecret.from_row({"algorithm": "SHA256", "secret": SECRET})
    holders = [
        account,
        account.transport,
        account.current(),
        account.raw,
        ClientCredentials("app", SECRET),
        RefreshToken("app", SECRET, client_secret=SECRET),
        AuthorizationRequest("app", "https://a.example/", client_secret=SECRET),
        tokens,
        Token(SECRET),
        Settings(subdomain="acme", token=SECRET, password=SECRET, oauth_token=SECRET),
        secret,
        [secret],
        webhook_app(SECRET),
        webhook_app(secret),
        Verifier(SECRET),
        SecretBytes(SECRET.encode()),
        Emulator(token=SECRET),
        RedisServer(f"redis://:{SECRET}@localhost/0"),
        RedisCheckpointStore(f"redis://:{SECRET}@localhost/0"),
        RedisInvocations(f"redis://:{SECRET}@localhost/0"),
        RedisTokenStore(f"redis://:{SECRET}@localhost/0"),
    ]
    leaks = []
    for holder in holders:
        with contextlib.suppress(TypeError):
            if SECRET.encode() in pickle.dumps(holder):
                leaks.append(holder)

    assert leaks == []


# Errors

FAILURES = [
    *({"status": status} for status in (400, 401, 403, 404, 409, 422, 429, 500, 503, None)),
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": ""},
    {"status": 302, "headers": {"Location": "https://evil.example.com/"}},
    {"status": 200, "after_applying": True},
]
OPERATIONS = {
    "read": lambda: Ticket.objects.get(1),
    "list": lambda: list(Ticket.objects.fresh()),
    "search": lambda: list(Ticket.objects.filter(text="secretly searched")),
    "create": lambda: Group.objects.create(name="a"),
    "bulk": lambda: Ticket.objects.bulk_create([Ticket(subject="a")]),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: "-".join(map(str, fault.values())))
def test_no_exception_contains_the_secret(secret_account, fault, operation):
    """Exceptions, their causes, tracebacks and pickles do not contain the secret."""
    _, emulator = secret_account
    emulator.fail_next(times=20, **fault)

    with pytest.raises(ZendeskError) as caught:
        operation()

    error = caught.value
    while error is not None:
        _check_hidden(_describe(error))
        _check_hidden(repr(error.args))
        error = error.__cause__ or error.__context__
    _check_hidden("".join(traceback.format_exception(caught.value)))
    assert SECRET.encode() not in pickle.dumps(caught.value)


def test_errors_do_not_repeat_the_credentials_of_a_page(secret_account):
    """Pages of proxies that repeat the headers of a request do not put the secret into an error."""
    account, emulator = secret_account
    header = reveal(account.transport.credentials.authorization())
    for status, kind in ((502, "text/html"), (422, "application/json"), (200, "text/html")):
        body = json.dumps({"error": "x", "description": header})[: -1 if status == 200 else None]
        fault = Fault("GET *", status=status, body=body, headers={"Content-Type": kind}, times=20)
        emulator.faults.add(fault)
        with pytest.raises(ZendeskError) as caught:
            Ticket.objects.get(1)
        emulator.faults.clear()

        assert "..." in str(caught.value)
        _check_hidden(_describe(caught.value) + str(caught.value.body))


@pytest.mark.parametrize("status", [401, 500, None])
def test_messages_contain_no_query(secret_account, status):
    """Messages contain the path of a request and not its query, which may be personal data."""
    _, emulator = secret_account
    emulator.fail_next(status, times=20)

    with pytest.raises(ZendeskError) as caught:
        list(Ticket.objects.filter(text="ann@example.com"))

    assert "ann@example.com" not in str(caught.value)
    assert "ann%40example.com" not in str(caught.value)


def test_no_outcome_contains_the_secret(secret_account):
    """The outcomes of a bulk operation do not contain the secret."""
    _, emulator = secret_account
    emulator.fail_next(401, times=5)

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create([Ticket(subject="a")])

    _check_hidden(_describe(caught.value.result))
    _check_hidden(repr(list(caught.value.result)))


# Logs and signals


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_log_contains_the_secret(secret_account, caplog):
    """Logs of level DEBUG do not contain the secret."""
    _, emulator = secret_account
    caplog.set_level(logging.DEBUG)
    emulator.fail_next(500)

    Ticket.objects.create(subject="x", comment=Comment(body="y"))

    _check_hidden(caplog.text)


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_nothing_is_printed(secret_account, capsys):
    """The library prints nothing."""
    Ticket.objects.count()

    assert capsys.readouterr() == ("", "")


@pytest.mark.lenient  # Its secrets are credentials of each kind.
def test_no_signal_contains_the_secret(secret_account):
    """Signals of requests are sent without credentials."""
    _, emulator = secret_account
    output = io.StringIO()

    @receiver([request_started, request_finished, retrying])
    def record(sender, **arguments):
        output.write(repr((sender, arguments)))

    emulator.fail_next(500)
    Ticket.objects.fresh().count()

    assert "tickets/count" in output.getvalue()
    _check_hidden(output.getvalue())


# Configuration errors


@pytest.mark.parametrize(
    "options",
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
def test_no_configuration_error_contains_the_secret(options):
    """Errors about an invalid configuration do not contain the secret."""
    with pytest.raises(ConfigurationError) as caught:
        connect(**options)

    _check_hidden("".join(traceback.format_exception_only(caught.value)))
    _check_hidden(repr(caught.value.args))


def test_a_base_url_with_credentials_is_hidden():
    """A base URL that contains a password is rejected, or shown without the password."""
    try:
        account = connect(base_url=f"https://me:{SECRET}@acme.zendesk.com", anonymous=True)
    except ConfigurationError as error:
        _check_hidden(str(error))
    else:
        _check_hidden(repr(account) + repr(account.transport))
