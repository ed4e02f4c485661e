"""`connect()`: credentials, environment variables, and errors without a configuration."""

from __future__ import annotations

import math
import pickle

import pytest
import requests

from zendesk_orm import (
    Account,
    ConfigurationError,
    Group,
    InvalidValue,
    RetryPolicy,
    Ticket,
    User,
    connect,
    connections,
)
from zendesk_orm.http.clock import Clock, VirtualClock


def _identity(account):
    return account.transport.base_url, repr(account.transport.credentials)


CREDENTIALS = [
    (
        {"subdomain": "acme", "email": "me@acme.com", "token": "T"},
        ("https://acme.zendesk.com", "<API token of me@acme.com>"),
    ),
    (
        {"subdomain": "acme-2", "email": "me@acme.com", "password": "P"},
        ("https://acme-2.zendesk.com", "<password of me@acme.com>"),
    ),
    ({"subdomain": "acme", "oauth_token": "O"}, ("https://acme.zendesk.com", "<OAuth token>")),
    ({"subdomain": "acme", "anonymous": True}, ("https://acme.zendesk.com", "<anonymous access>")),
    (
        {"base_url": "https://help.acme.com", "oauth_token": "O"},
        ("https://help.acme.com", "<OAuth token>"),
    ),
    (
        {"url": "zendesk://me%40acme.com:T%2F1@acme"},
        ("https://acme.zendesk.com", "<API token of me@acme.com>"),
    ),
    (
        {"url": "zendesk://acme", "oauth_token": "O"},
        ("https://acme.zendesk.com", "<OAuth token>"),
    ),
]


@pytest.mark.parametrize(("settings", "identity"), CREDENTIALS)
def test_connect_accepts_all_kinds_of_credentials(settings, identity):
    """`connect()` uses the address and the credentials that are passed."""
    assert _identity(connect(**settings)) == identity


ENVIRONMENTS = [
    (
        {"SUBDOMAIN": "acme", "EMAIL": "me@acme.com", "TOKEN": "T"},
        ("https://acme.zendesk.com", "<API token of me@acme.com>"),
    ),
    (
        {"SUBDOMAIN": "acme", "EMAIL": "me@acme.com", "PASSWORD": "P"},
        ("https://acme.zendesk.com", "<password of me@acme.com>"),
    ),
    (
        {"SUBDOMAIN": "acme", "OAUTH_TOKEN": "O"},
        ("https://acme.zendesk.com", "<OAuth token>"),
    ),
    (
        {"BASE_URL": "https://help.acme.com", "OAUTH_TOKEN": "O"},
        ("https://help.acme.com", "<OAuth token>"),
    ),
    (
        {"URL": "zendesk://me%40acme.com:T@acme"},
        ("https://acme.zendesk.com", "<API token of me@acme.com>"),
    ),
]


@pytest.mark.parametrize(("environment", "identity"), ENVIRONMENTS)
def test_environment_variables_are_used_without_arguments(monkeypatch, environment, identity):
    """`connect()` and the first query use environment variables."""
    for name, value in environment.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value)

    assert _identity(connect()) == identity
    connections.remove("default")
    assert _identity(connections["default"]) == identity


def test_zendesk_url_can_name_the_emulator(monkeypatch):
    """ZENDESK_URL can be the address of an emulator."""
    monkeypatch.setenv("ZENDESK_URL", "emulator://")

    assert [group.name for group in Group.objects.all()] == ["Support"]


def test_arguments_override_environment_variables(monkeypatch):
    """Environment variables are ignored if `connect()` has arguments."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "other")
    monkeypatch.setenv("ZENDESK_TOKEN", "other")

    account = connect(subdomain="acme", oauth_token="O")

    assert _identity(account) == ("https://acme.zendesk.com", "<OAuth token>")


def test_emulators_in_memory_are_independent():
    """A new emulator in memory does not contain the rows of an earlier one."""
    connect("emulator://")
    Group.objects.create(name="a")
    connect("emulator://")

    assert [group.name for group in Group.objects.all()] == ["Support"]


def test_an_emulator_in_a_file_keeps_its_rows(tmp_path):
    """An emulator in a file has the same rows after it is connected again."""
    url = f"emulator://{tmp_path / 'zendesk.db'}"
    connect(url)
    created = Group.objects.create(name="a")
    connections.remove("default")
    connect(url)

    assert Group.objects.get(name="a").pk == created.pk


def test_emulator_urls_accept_switches():
    """The parameters of an emulator's URL set its switches."""
    account = connect("emulator://?requests_per_minute=5")
    Ticket.objects.count()

    assert (account.quota["account"].total, account.quota["account"].remaining) == (5, 4)


@pytest.mark.parametrize(
    ("url", "message"),
    [("emulator://?seed=dmeo", "did you mean 'demo'"), ("emulator://?lag=3", "lag")],
)
def test_unknown_switches_of_the_emulator_raise(url, message):
    """A misspelt switch or seed in an emulator's URL raises."""
    with pytest.raises((ConfigurationError, TypeError), match=message):
        connect(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            f"emulator://?{query}"
            for query in (
                "latency=x",
                "latency=nan",
                "latency=-1",
                "requests_per_minute=x",
                "bulk_users=perhaps",
                "paging=zzz",
                "oauth=zzz",
                "seed=",
                "path=x",
                "self=x",
                "clock=x",
                "latency=1&latency=2",
            )
        ),
        "emulator://[",
        "emulator://host/x",
        "emulator:///tmp/x#y",
        "emulator:///nonexistent/folder/x.db",
        "emulator:///tmp",
        "emulator:///\0",
        f"emulator://{__file__}",
    ],
)
def test_an_invalid_url_of_an_emulator_raises(url):
    """An emulator's URL with invalid switches, a host or an unusable file raises."""
    with pytest.raises(ConfigurationError):
        connect(url)
    assert "default" not in connections


@pytest.mark.parametrize(
    "settings",
    [
        {"session": "x"},
        {"session": 5},
        {"session": requests.Session},
        {"retry": 5},
        {"retry": RetryPolicy},
        {"clock": 5},
        {"clock": Clock},
        *({"read_ahead": value} for value in ("1", None, math.nan, 1.5, True, -1)),
        *({"alias": value} for value in (5, None, ["x"], "")),
        *({"timeout": value} for value in ("x", None, 10**400, math.nan, (1, 2, 3))),
        *({"response_timeout": value} for value in ("x", 10**400, math.nan)),
        {"max_response_bytes": True},
        {"cache_seconds": 0},
    ],
    ids=repr,
)
def test_invalid_settings_of_connect_raise(settings):
    """`connect()` rejects an invalid setting, also with an emulator, and adds no account."""
    with pytest.raises(ConfigurationError):
        connect(**{"subdomain": "acme", "oauth_token": "x", **settings})
    with pytest.raises(ConfigurationError):
        connect("emulator://", **settings)
    assert not connections


@pytest.mark.parametrize(
    "settings",
    [
        {"subdomain": "acme"},
        {"base_url": "https://acme.zendesk.com"},
        {"email": "a@b.c", "token": "T"},
        {"oauth_token": "x"},
        {"anonymous": True},
        {"session": requests.Session()},
    ],
)
def test_an_emulator_takes_no_address_or_credentials(settings):
    """An address or credentials for an emulator raise instead of being ignored."""
    with pytest.raises(ConfigurationError, match="emulator:// takes no"):
        connect("emulator://", **settings)


def test_an_emulator_uses_the_clock_of_connect():
    """The clock that is passed to `connect()` is the clock of the emulator."""
    clock = VirtualClock(start=0.0)

    assert connect("emulator://", clock=clock).transport.clock is clock


@pytest.mark.parametrize(
    "settings",
    [
        *({"attempts": value} for value in (0, -1, "x", True, 1.5, math.nan)),
        *({"longest": value} for value in (-1, "x", math.nan, 10**400)),
        *({"first": value} for value in (-1, "x", math.nan, True)),
        *({"without_header": value} for value in (-1, None, math.inf)),
    ],
    ids=repr,
)
def test_an_invalid_retry_policy_raises(settings):
    """A retry policy with an invalid number raises when it is created."""
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        RetryPolicy(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subdomain": "acme"}, "no credentials"),
        ({"subdomain": "acme", "email": "me@acme.com"}, "email= needs token= or password="),
        ({"subdomain": "acme", "token": "T"}, "token= needs email="),
        ({"subdomain": "acme", "password": "P"}, "password= needs email="),
        ({"oauth_token": "O"}, "subdomain"),
        ({"anonymous": True}, "subdomain"),
        (
            {"subdomain": "acme", "email": "e", "token": "T", "password": "P"},
            "too many credentials: token=, password=",
        ),
        (
            {"subdomain": "acme", "email": "e", "token": "T", "oauth_token": "O"},
            "too many credentials: token=, oauth_token=",
        ),
        ({"subdomain": "acme", "oauth_token": "O", "anonymous": True}, "too many credentials"),
        ({"subdomain": "acme.zendesk.com", "oauth_token": "O"}, "first part of the address"),
        ({"subdomain": "https://acme", "oauth_token": "O"}, "first part of the address"),
        ({"subdomain": "a b", "oauth_token": "O"}, "first part of the address"),
        ({"subdomain": "evil.com/", "oauth_token": "O"}, "first part of the address"),
        ({"base_url": "help.acme.com", "oauth_token": "O"}, "https://host"),
        ({"base_url": "https://acme.zendesk.com/api/v2/", "oauth_token": "O"}, "before /api/v2"),
        ({"base_url": "ftp://help.acme.com", "oauth_token": "O"}, "https://host"),
        ({"url": "https://acme.zendesk.com"}, "zendesk://EMAIL:API_TOKEN@SUBDOMAIN"),
        ({"url": "zendesk://"}, "zendesk://EMAIL:API_TOKEN@SUBDOMAIN"),
        ({"url": "acme"}, "zendesk://EMAIL:API_TOKEN@SUBDOMAIN"),
    ],
)
def test_invalid_arguments_of_connect_raise(settings, message):
    """`connect()` raises for missing or contradictory arguments, and adds no account."""
    with pytest.raises(ConfigurationError, match=message):
        connect(**settings)
    assert "default" not in connections


@pytest.mark.parametrize(
    "connect_or_query",
    [connect, lambda: list(Ticket.objects.all()), lambda: Group(name="a").save()],
)
@pytest.mark.parametrize(
    "word",
    ["ZENDESK_SUBDOMAIN", "ZENDESK_OAUTH_CLIENT_ID", r"help\(zendesk_orm.connect\)", "emulator://"],
)
def test_a_missing_configuration_raises_with_instructions(connect_or_query, word):
    """Without a configuration, the error names the environment variables and the emulator."""
    with pytest.raises(ConfigurationError, match=word):
        connect_or_query()


def test_queries_can_be_built_without_an_account():
    """A query can be built and explained without an account."""
    rows = Ticket.objects.filter(status="new").order_by("-created_at")[:5]

    assert "status = 'new'" in repr(rows)
    assert "GET /api/v2/search" in rows.explain()


def test_connections_is_a_mapping(account):
    """`connections` looks up, counts and removes accounts by alias."""
    emea = connect("emulator://", alias="emea")

    assert connections["emea"] is emea
    assert connections["default"] is account
    assert set(connections) == {"default", "emea"}
    assert len(connections) == 2
    connections.remove("emea")
    assert "emea" not in connections


@pytest.mark.parametrize("alias", ["emae", "apac"])
def test_an_unknown_alias_raises_with_a_suggestion(alias):
    """The error of an unknown alias suggests the most similar one."""
    connect("emulator://", alias="emea")

    with pytest.raises(ConfigurationError, match="emea"):
        list(Ticket.objects.using(alias))


def test_using_selects_the_account(account):
    """`using()` queries, creates and updates in that account only."""
    connect("emulator://", alias="emea")
    created = Group.objects.using("emea").create(name="a")
    created.name = "b"
    created.save()

    assert [group.name for group in Group.objects.all()] == ["Support"]
    assert "b" in [group.name for group in Group.objects.using("emea")]
    assert created.using == "emea"


def test_relations_stay_in_their_account(account):
    """Related objects are fetched from the account of the object."""
    emea = connect("emulator://?seed=demo", alias="emea")
    ticket = Ticket.objects.using("emea").get(3000)
    before = account.requests_sent

    assert ticket.requester.email
    assert len(ticket.comments.all()) == 2
    assert account.requests_sent == before
    assert emea.requests_sent == 3


def test_objects_of_two_accounts_cannot_be_related(account):
    """Assigning an object of another account raises."""
    connect("emulator://", alias="emea")
    foreign = User.objects.using("emea").first()
    user = User.objects.first()
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"})

    ticket.assignee = user
    with pytest.raises(InvalidValue, match="emea"):
        ticket.assignee = foreign


def test_the_same_id_in_two_accounts_is_not_the_same_row(account):
    """Objects with the same id in two accounts are not equal."""
    connect("emulator://", alias="emea")

    user, other = User.objects.first(), User.objects.using("emea").first()

    assert user.pk == other.pk
    assert user != other


def test_connecting_again_replaces_the_account(account):
    """After a second `connect()`, the alias refers to the new account."""
    again = connect("emulator://")

    assert connections["default"] is again
    assert isinstance(again, Account)


@pytest.mark.parametrize("model", [Group, User])
def test_pickled_objects_keep_edits_and_alias(account, model):
    """A pickled object keeps its alias and its edits, and can be saved."""
    row = model.objects.first()
    row.name = "unsaved"

    copy = pickle.loads(pickle.dumps(row))

    assert (copy.pk, copy.name, copy.using) == (row.pk, "unsaved", "default")
    copy.save()
    assert model.objects.fresh().get(row.pk).name == "unsaved"


def test_pickled_objects_can_be_read_without_an_account():
    """An unpickled object can be read without its account; only fetching raises."""
    connect("emulator://", alias="gone")
    data = pickle.dumps(Group.objects.using("gone").first())
    connections.remove("gone")

    copy = pickle.loads(data)

    assert copy.name == "Support"
    with pytest.raises(ConfigurationError, match="gone"):
        copy.refresh_from_db()


def test_unpickled_objects_load_relations_by_their_alias(demo):
    """An unpickled object fetches a relation from the account with its alias."""
    ticket = Ticket.objects.get(3000)
    copy = pickle.loads(pickle.dumps(ticket))

    assert copy.requester.name == ticket.requester.name


def test_retry_policies_are_per_account():
    """Two accounts can have different retry policies."""
    policy = RetryPolicy(attempts=1)

    assert connect("emulator://", retry=policy).transport.retry is policy
    assert connect("emulator://").transport.retry.attempts == 5
