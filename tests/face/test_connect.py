"""`connect()`: every way in, and what is said when there is none."""

from __future__ import annotations

import pickle

import pytest

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


def _who(account):
    return account.transport.base_url, repr(account.transport.credentials)


WAYS = [
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


@pytest.mark.parametrize(("given", "who"), WAYS)
def test_every_way_in(given, who):
    """Address and credentials are as they were given."""
    assert who == _who(connect(**given))


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


@pytest.mark.parametrize(("environment", "who"), ENVIRONMENTS)
def test_the_environment_is_a_way_in(monkeypatch, environment, who):
    """Without arguments it is read, by `connect()` and by the first query alike."""
    for name, value in environment.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value)

    assert who == _who(connect())
    connections.remove("default")
    assert who == _who(connections["default"])


def test_the_environment_can_name_the_emulator(monkeypatch):
    """So that a script runs without an account and without a change."""
    monkeypatch.setenv("ZENDESK_URL", "emulator://")

    assert ["Support"] == [group.name for group in Group.objects.all()]


def test_arguments_win_over_the_environment(monkeypatch):
    """What is said in the program is not mixed with what the environment says."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "other")
    monkeypatch.setenv("ZENDESK_TOKEN", "other")

    account = connect(subdomain="acme", oauth_token="O")

    assert ("https://acme.zendesk.com", "<OAuth token>") == _who(account)


# -- the emulator ------------------------------------------------------------


def test_the_emulator_in_memory_is_new_each_time():
    """What one account holds, the next one does not."""
    connect("emulator://")
    Group.objects.create(name="a")
    connect("emulator://")

    assert ["Support"] == [group.name for group in Group.objects.all()]


def test_the_emulator_in_a_file_is_the_same_each_time(tmp_path):
    """What was written is there after the account was closed."""
    url = f"emulator://{tmp_path / 'zendesk.db'}"
    connect(url)
    made = Group.objects.create(name="a")
    connections.remove("default")
    connect(url)

    assert made.pk == Group.objects.get(name="a").pk


def test_the_emulator_takes_switches_from_the_url():
    """`?limit=` and the others are those of the emulator."""
    account = connect("emulator://?limit=5")
    Ticket.objects.count()

    assert (5, 4) == (account.quota["account"].total, account.quota["account"].remaining)


@pytest.mark.parametrize(
    ("url", "message"),
    [("emulator://?seed=dmeo", "did you mean 'demo'"), ("emulator://?lag=3", "lag")],
)
def test_an_unknown_switch_is_refused(url, message):
    """A misspelt switch or seed is told."""
    with pytest.raises((ConfigurationError, TypeError), match=message):
        connect(url)


# -- what is missing, or too much --------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
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
def test_what_is_wrong_is_told(given, message):
    """Before anything is sent, and nothing is connected."""
    with pytest.raises(ConfigurationError, match=message):
        connect(**given)
    assert "default" not in connections


@pytest.mark.parametrize(
    "use", [connect, lambda: list(Ticket.objects.all()), lambda: Group(name="a").save()]
)
@pytest.mark.parametrize(
    "word",
    ["ZENDESK_SUBDOMAIN", "ZENDESK_OAUTH_CLIENT_ID", r"help\(zendesk_orm.connect\)", "emulator://"],
)
def test_without_a_configuration_the_ways_in_are_named(use, word):
    """The error names the variables, and the emulator that needs none."""
    with pytest.raises(ConfigurationError, match=word):
        use()


def test_queries_can_be_written_without_an_account():
    """Only reading needs one."""
    rows = Ticket.objects.filter(status="new").order_by("-created_at")[:5]

    assert "status = 'new'" in repr(rows)
    assert "GET /api/v2/search" in rows.explain()


# -- accounts by name --------------------------------------------------------


def test_connections_is_a_mapping(account):
    """Accounts are found, counted and removed by their alias."""
    emea = connect("emulator://", alias="emea")

    assert connections["emea"] is emea
    assert connections["default"] is account
    assert {"default", "emea"} == set(connections)
    assert 2 == len(connections)
    connections.remove("emea")
    assert "emea" not in connections


@pytest.mark.parametrize("alias", ["emae", "apac"])
def test_an_unknown_alias_is_told_with_those_known(alias):
    """A misspelt alias gets the nearest known one."""
    connect("emulator://", alias="emea")

    with pytest.raises(ConfigurationError, match="emea"):
        list(Ticket.objects.using(alias))


def test_an_alias_chooses_the_account(account):
    """`using` asks, creates and updates there, and only there."""
    connect("emulator://", alias="emea")
    made = Group.objects.using("emea").create(name="a")
    made.name = "b"
    made.save()

    assert ["Support"] == [group.name for group in Group.objects.all()]
    assert "b" in [group.name for group in Group.objects.using("emea")]
    assert "emea" == made.using


def test_relations_stay_in_their_account(account):
    """What an object points to is asked of the account it came from."""
    emea = connect("emulator://?seed=demo", alias="emea")
    ticket = Ticket.objects.using("emea").get(3000)
    before = account.requests_sent

    assert ticket.requester.email
    assert 2 == len(ticket.comments.all())
    assert before == account.requests_sent
    assert 3 == emea.requests_sent


def test_objects_of_two_accounts_do_not_mix(account):
    """An assignee of another account is refused."""
    connect("emulator://", alias="emea")
    foreign = User.objects.using("emea").first()
    group = User.objects.first()
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"})

    ticket.assignee = group
    with pytest.raises(InvalidValue, match="emea"):
        ticket.assignee = foreign


def test_the_same_id_in_two_accounts_is_not_the_same_row(account):
    """Equality knows the account."""
    connect("emulator://", alias="emea")

    here, there = User.objects.first(), User.objects.using("emea").first()

    assert here.pk == there.pk
    assert here != there


def test_connecting_again_replaces(account):
    """The account of that name is the new one, and objects of the old one load from it."""
    again = connect("emulator://")

    assert connections["default"] is again
    assert isinstance(again, Account)


@pytest.mark.parametrize("model", [Group, User])
def test_a_pickled_record_finds_its_account_again(account, model):
    """It carries the alias, and is asked for there when something is missing."""
    row = model.objects.first()
    row.name = "unsaved"

    copy = pickle.loads(pickle.dumps(row))

    assert (row.pk, "unsaved", "default") == (copy.pk, copy.name, copy.using)
    copy.save()
    assert "unsaved" == model.objects.fresh().get(row.pk).name


def test_a_pickled_record_needs_no_account_to_be_read():
    """Only what is missing has to be fetched."""
    connect("emulator://", alias="gone")
    data = pickle.dumps(Group.objects.using("gone").first())
    connections.remove("gone")

    copy = pickle.loads(data)

    assert "Support" == copy.name
    with pytest.raises(ConfigurationError, match="gone"):
        copy.refresh_from_db()


def test_a_pickled_hollow_record_loads_where_it_is_read(demo):
    """A relation that was not read is fetched by the account of that name."""
    ticket = Ticket.objects.get(3000)
    copy = pickle.loads(pickle.dumps(ticket))

    assert ticket.requester.name == copy.requester.name


def test_the_policy_of_retries_is_the_accounts():
    """Two accounts may differ."""
    policy = RetryPolicy(attempts=1)

    assert policy is connect("emulator://", retry=policy).transport.retry
    assert 5 == connect("emulator://").transport.retry.attempts
