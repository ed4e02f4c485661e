"""OAuth credentials as arguments, in URLs and in the environment."""

from __future__ import annotations

import pickle
from urllib.parse import quote

import pytest

from zendesk_orm import (
    ClientCredentials,
    ConfigurationError,
    FieldError,
    FileTokenStore,
    KeyringTokenStore,
    MemoryTokenStore,
    RefreshToken,
    connect,
    connections,
)
from zendesk_orm.http.auth import CallableToken
from zendesk_orm.http.oauth.renewal import RenewingCredentials
from zendesk_orm.http.secret import reveal


def _grant(account):
    return account.transport.credentials.grant


def _plain_fields(grant):
    """Return the fields of a grant with its secrets."""
    names = ("client_id", "client_secret", "refresh_token", "scope")
    values = {name: getattr(grant, name, None) for name in names}
    return {
        name: reveal(value) if isinstance(value, str) else value for name, value in values.items()
    }


CLIENT = {
    "client_id": "my app",
    "client_secret": "s/3",
    "refresh_token": None,
    "scope": "tickets:read write",
}


def test_client_credentials_are_an_argument():
    """`connect(oauth=ClientCredentials(...))` sends no request before the first query."""
    grant = ClientCredentials("my_app", "secret", scope="read")

    account = connect(subdomain="acme", oauth=grant)

    assert _grant(account) is grant
    assert isinstance(account.transport.credentials.store, MemoryTokenStore)
    assert account.transport.credentials.renewals == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"URL": "zendesk+client://my%20app:s%2F3@acme?scope=tickets:read%20write"},
        {
            "SUBDOMAIN": "acme",
            "OAUTH_CLIENT_ID": "my app",
            "OAUTH_CLIENT_SECRET": "s/3",
            "OAUTH_SCOPE": "tickets:read write",
        },
    ],
)
def test_client_credentials_of_the_environment(monkeypatch, settings):
    """Client credentials are read from one URL or from separate variables."""
    for name, value in settings.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value)

    account = connect()

    assert _plain_fields(_grant(account)) == CLIENT
    assert account.transport.base_url == "https://acme.zendesk.com"


def test_every_character_of_a_secret_can_be_percent_encoded():
    """A secret in a URL can contain any character if it is percent-encoded."""
    odd = "".join(map(chr, range(33, 127)))
    coded = quote(odd, safe="")

    account = connect(f"zendesk+refresh://my_app:{coded}@acme?refresh_token={coded}&file=/x")

    assert _plain_fields(_grant(account)) == {
        "client_id": "my_app",
        "client_secret": odd,
        "refresh_token": odd,
        "scope": None,
    }


def test_client_credentials_in_a_url():
    """The scope of client credentials in a URL is `read write` by default."""
    account = connect("zendesk+client://my_app:secret@acme")

    assert _grant(account).scope == "read write"


@pytest.mark.parametrize(
    ("settings", "refresh", "secret"),
    [
        ({"URL": "zendesk+refresh://my_app@acme?file={file}"}, None, None),
        ({"URL": "zendesk+refresh://my_app:s@acme?refresh_token=r&file={file}"}, "r", "s"),
        ({"OAUTH_CLIENT_ID": "my_app", "OAUTH_TOKEN_FILE": "{file}"}, None, None),
        (
            {
                "OAUTH_CLIENT_ID": "my_app",
                "OAUTH_CLIENT_SECRET": "s",
                "OAUTH_REFRESH_TOKEN": "r",
                "OAUTH_TOKEN_FILE": "{file}",
            },
            "r",
            "s",
        ),
    ],
)
def test_refresh_tokens_of_the_environment(monkeypatch, tmp_path, settings, refresh, secret):
    """A refresh token of the environment is stored in the file that a variable names."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    for name, value in settings.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value.format(file=tmp_path / "tokens.json"))

    grant = _grant(connect())

    assert isinstance(grant, RefreshToken)
    assert grant.store.path == tmp_path / "tokens.json"
    result = _plain_fields(grant)
    assert (result["refresh_token"], result["client_secret"]) == (refresh, secret)


def test_a_sign_in_of_the_command_line_needs_no_secret(monkeypatch, tmp_path):
    """After `zendesk-orm login`, subdomain and client id are enough to connect."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_ID", "my_app")

    account = connections["default"]

    assert _grant(account).store.path == tmp_path / "zendesk_orm" / "tokens.json"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("zendesk+oauth://T%2Fx@acme", "<OAuth token>"),
        ("zendesk+password://me%40acme.com:p%20w@acme", "<password of me@acme.com>"),
        ("zendesk+anonymous://acme", "<anonymous access>"),
        ("zendesk://me%40acme.com%2Ftoken:T@ACME", "<API token of me@acme.com>"),
    ],
)
def test_other_credentials_in_a_url(url, shown):
    """Each kind of credentials has a URL scheme."""
    account = connect(url)

    assert repr(account.transport.credentials) == shown
    assert account.transport.base_url == "https://acme.zendesk.com"


def test_anonymous_access_of_the_environment(monkeypatch):
    """`ZENDESK_ANONYMOUS=1` connects without credentials."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    monkeypatch.setenv("ZENDESK_ANONYMOUS", "1")

    assert repr(connect().transport.credentials) == "<anonymous access>"


def test_a_function_provides_the_token():
    """A function that returns tokens is not called before the first request."""
    calls = []

    account = connect(subdomain="acme", oauth_token=lambda: calls.append(1) or "T")

    assert isinstance(account.transport.credentials, CallableToken)
    assert calls == []


# Invalid configuration


async def _coroutine():
    return "T"


class _AsyncCallable:
    async def __call__(self):
        return "T"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ClientCredentials(360001, "S3CRET"), "unique identifier"),
        (lambda: ClientCredentials("", "S3CRET"), "unique identifier"),
        (lambda: ClientCredentials(None, "S3CRET"), "unique identifier"),
        (lambda: ClientCredentials("a", ""), "client_secret is empty"),
        (lambda: ClientCredentials("a", None), "client_secret must be a string, not None$"),
        (lambda: ClientCredentials("a", "S3CRET\n"), "client_secret must be the whole secret"),
        (lambda: ClientCredentials("a", "S3CRET", scope=["read"]), "scope must be a string"),
        (lambda: ClientCredentials("a", "S3CRET", scope=" "), "scope must be a string"),
        (lambda: ClientCredentials("a", "S3CRET", expires_in=299), "from 300 to 172,800"),
        (lambda: ClientCredentials("a", "S3CRET", expires_in="300"), "from 300 to 172,800"),
        (lambda: ClientCredentials("a", "S3CRET", expires_in=True), "from 300 to 172,800"),
        (lambda: ClientCredentials("a", "S3CRET", store="file"), "store must be a TokenStore"),
        (
            lambda: ClientCredentials("a", "S3CRET", store=MemoryTokenStore),
            "not the class MemoryTokenStore",
        ),
        (lambda: RefreshToken("a"), "refresh_token=, or store="),
        (lambda: RefreshToken("a", 5), "refresh_token must be a string"),
        (lambda: RefreshToken("a", "S3CRET x"), "refresh_token must be the whole secret"),
        (
            lambda: RefreshToken("a", "S3CRET", refresh_token_expires_in=60),
            "from 604,800 to 7,776,000",
        ),
        (lambda: connect(subdomain="a", oauth="S3CRET"), "oauth must be ClientCredentials"),
        (lambda: connect(subdomain="a", oauth=ClientCredentials), "oauth must be"),
        (
            lambda: connect(
                subdomain="a", oauth=ClientCredentials("a", "S3CRET"), oauth_token="S3CRET"
            ),
            "too many credentials: oauth_token=, oauth=",
        ),
        (
            lambda: connect(
                subdomain="a", email="me@a.com", oauth=ClientCredentials("a", "S3CRET")
            ),
            "email= belongs to",
        ),
        (lambda: connect(subdomain="a", oauth_token=_coroutine), "coroutine function"),
        (lambda: connect(subdomain="a", oauth_token=_AsyncCallable()), "coroutine function"),
        (lambda: connect(subdomain="a", oauth_token="S3CRET\nX-Evil: 1"), "oauth_token must be"),
        (lambda: connect(subdomain="a", email="e@a.com", token="S3CRET x"), "token must be"),
        (lambda: connect("zendesk+client://a@acme"), "client_secret is empty"),
        (lambda: connect("zendesk+client://a:S3CRET@acme?scopes=read"), "did you mean 'scope'"),
        (lambda: connect("zendesk+oauth://S3CRET@acme?scope=read"), "no parameter 'scope'"),
        (lambda: connect("zendesk+oaut://S3CRET@acme"), "one of these forms"),
        (lambda: connect("zendesk://S3CRET:S3CRET@[acme"), "one of these forms"),
        (lambda: connect("zendesk+oauth://S3CRET@acme/path"), "one of these forms"),
        *(
            (lambda url=url: connect(url), "one of these forms")
            for url in (
                "zendesk+client://a:s@acme:8443",
                "zendesk+client://a:s@acme#fragment",
                "zendesk+client://a:S3CRET#more@acme",
                "zendesk+client://a:S3CRET?more@acme",
                "zendesk+client://a:x?S3CRET=1@acme",
                "zendesk+client://a:5?S3CRET@acme",
                "zendesk+oauth://T:S3CRET@acme",
                "zendesk+anonymous://S3CRET@acme",
                "zendesk+anonymous://a:S3CRET@acme",
                "",
                b"zendesk+oauth://S3CRET@acme",
                5,
            )
        ),
        *(
            (lambda query=query: connect("zendesk+client://a:s@acme?" + query), "have one value")
            for query in ("scope=", "scope", "scope=read&scope=write", "file=")
        ),
        (lambda: connect("zendesk+refresh://a@acme?refresh_token="), "have one value"),
        *(
            (
                lambda values=values: connect("zendesk://e%40a.com:S3CRET@acme", **values),
                "contradict",
            )
            for values in (
                {"subdomain": "other"},
                {"base_url": "https://other.example"},
                {"email": "other@a.com"},
                {"token": "other"},
            )
        ),
        (lambda: connect(subdomain="a", base_url="https://b.c", oauth_token="x"), "two addresses"),
        (lambda: connect(subdomain=5, anonymous=True), "first part of the address"),
        (lambda: connect(subdomain="a", email=5, token="S3CRET"), "email must be"),
        *(
            (
                lambda host=host: connect(base_url=f"https://{host}", oauth_token="x"),
                "base_url must",
            )
            for host in ("a b", "a\n.b", "a\\b", "a\0b")
        ),
        (lambda: connect(base_url="https://S3CRET@acme", oauth_token="x"), "takes no credentials"),
        (lambda: connect(subdomain="S3CRET@acme", oauth_token="x"), "first part of the address"),
    ],
)
def test_invalid_credentials_are_not_displayed(make, message):
    """Invalid credentials raise before any request, and the error contains no secret."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        make()

    assert "S3CRET" not in str(caught.value)
    assert "default" not in connections


class _Unusual:
    """A value whose comparison and text raise."""

    __hash__ = None

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __repr__(self):
        raise RuntimeError("no repr")

    __bool__ = __len__ = __str__ = __repr__


#: Values of types that no setting of an address or of credentials has.
WRONG = (b"S3CRET", 0, 5, 1.5, [], ["S3CRET"], {}, {"a": "S3CRET"}, (), set(), _Unusual(), object())


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("subdomain", {"base_url": "https://acme.zendesk.com", "oauth_token": "x"}),
        ("base_url", {"subdomain": "acme", "oauth_token": "x"}),
        ("email", {"subdomain": "acme", "oauth_token": "x"}),
        ("token", {"subdomain": "acme", "oauth_token": "x"}),
        ("password", {"subdomain": "acme", "email": "me@a.com"}),
        ("oauth_token", {"subdomain": "acme", "anonymous": True}),
        ("oauth", {"subdomain": "acme", "anonymous": True}),
        ("anonymous", {"subdomain": "acme", "oauth_token": "x"}),
    ],
)
def test_settings_of_wrong_types_are_not_taken_as_missing(name, others):
    """A value of a wrong type, even if it is false, raises with the name and without the value."""
    for value in WRONG:
        with pytest.raises(ConfigurationError, match=f"^{name} must be") as caught:
            connect(**others, **{name: value})

        assert "S3CRET" not in str(caught.value)
    assert "default" not in connections


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0", "\x7f", "\ud800"])
def test_passwords_have_no_control_characters(end):
    """Control characters and halves of characters, which no header has, are rejected."""
    with pytest.raises(ConfigurationError, match=r"^password must be the password") as caught:
        connect(subdomain="acme", email="me@a.com", password=f"S3CRET{end}")

    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("service", ["", " ", b"x", 5, None, _Unusual()])
def test_a_keyring_needs_a_name(service):
    """The service of a keyring is a text that is not empty."""
    with pytest.raises(ConfigurationError, match=r"^service must be a name"):
        KeyringTokenStore(service)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"OAUTH_CLIENT_SECRET": "s"}, "ZENDESK_OAUTH_CLIENT_SECRET needs"),
        ({"OAUTH_REFRESH_TOKEN": "s"}, "ZENDESK_OAUTH_REFRESH_TOKEN needs"),
        ({"OAUTH_SCOPE": "s"}, "ZENDESK_OAUTH_SCOPE needs"),
        (
            {"OAUTH_CLIENT_ID": "a", "OAUTH_REFRESH_TOKEN": "r", "OAUTH_SCOPE": "read"},
            "ZENDESK_OAUTH_SCOPE belongs to client credentials",
        ),
        ({"BASE_URL": "https://help.acme.com", "OAUTH_TOKEN": "t"}, "two addresses"),
        ({"ANONYMOUS": "perhaps"}, "ZENDESK_ANONYMOUS must be 1 or 0"),
        (
            {"OAUTH_CLIENT_ID": "a", "OAUTH_CLIENT_SECRET": "s", "OAUTH_TOKEN": "t"},
            "too many credentials: ZENDESK_OAUTH_TOKEN, ZENDESK_OAUTH_CLIENT_ID",
        ),
        (
            {"OAUTH_CLIENT_ID": "a", "OAUTH_CLIENT_SECRET": "s", "EMAIL": "me@acme.com"},
            "ZENDESK_EMAIL belongs to ZENDESK_TOKEN or ZENDESK_PASSWORD",
        ),
        ({"TOKEN": "t"}, "ZENDESK_TOKEN needs ZENDESK_EMAIL"),
        ({"BASE_URL": "https://help.acme.com"}, "ZENDESK_SUBDOMAIN or ZENDESK_BASE_URL, not both"),
        ({}, "no credentials: set ZENDESK_OAUTH_CLIENT_ID"),
    ],
)
def test_contradicting_variables_are_rejected(monkeypatch, environment, message):
    """Contradictory variables raise an error with the name of the variable."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    for name, value in environment.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value)

    with pytest.raises(ConfigurationError, match=message):
        connect()


#: Values of variables that are complete on their own: each can connect.
_VARIABLES = (
    {"URL": "zendesk+anonymous://acme"},
    {"SUBDOMAIN": "acme", "EMAIL": "me@acme.com", "TOKEN": "t"},
    {"BASE_URL": "https://acme.com", "EMAIL": "me@acme.com", "PASSWORD": "p"},
    {"SUBDOMAIN": "acme", "OAUTH_TOKEN": "t"},
    {
        "SUBDOMAIN": "acme",
        "OAUTH_CLIENT_ID": "a",
        "OAUTH_CLIENT_SECRET": "s",
        "OAUTH_SCOPE": "read",
    },
    {"SUBDOMAIN": "acme", "OAUTH_CLIENT_ID": "a", "OAUTH_REFRESH_TOKEN": "r"},
    {
        "SUBDOMAIN": "acme",
        "ANONYMOUS": "1",
        "MESSAGING_APP_ID": "5c93f8b1a2e4d60010c1f0aa",
        "MESSAGING_KEY_ID": "app_5c93f8b1a2e4d60010",
        "MESSAGING_SECRET": "s",
    },
)


def test_messages_name_the_variable_with_an_odd_value(monkeypatch):
    """An odd value of any variable raises an error that begins with its name, without a secret."""
    odd = ("\x01S3CRET", "S3CRET\nX: y", "S3CRET\udcff", "  ")
    for variables in _VARIABLES:
        for name in variables:
            for value in odd:
                with monkeypatch.context() as patch:
                    for other, text in {**variables, name: value}.items():
                        patch.setenv(f"ZENDESK_{other}", text)
                    if (name, value) in (("PASSWORD", "  "), ("OAUTH_SCOPE", odd[1])):
                        assert connect()
                        continue
                    with pytest.raises(ConfigurationError, match=f"^ZENDESK_{name}\\b") as caught:
                        connect()
                if not name.endswith(("SUBDOMAIN", "BASE_URL", "_ID", "SCOPE", "ANONYMOUS")):
                    assert "S3CRET" not in str(caught.value)


def test_an_empty_variable_counts_as_missing(monkeypatch):
    """An empty variable, also `ZENDESK_URL`, is as good as one that is not set."""
    monkeypatch.setenv("ZENDESK_URL", "")
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    monkeypatch.setenv("ZENDESK_OAUTH_TOKEN", "t")

    assert connect().transport.base_url == "https://acme.zendesk.com"


def test_hosts_that_no_server_has_are_rejected():
    """A host with an empty or a too long part is an invalid setting, and not a failed request."""
    long = "a" * 64
    for setting in (
        {"subdomain": long},
        *(
            {"base_url": f"https://{host}"}
            for host in (f"{long}.com", ".com", "a..com", "a." * 128)
        ),
    ):
        with pytest.raises(ConfigurationError, match=next(iter(setting))):
            connect(**setting, anonymous=True)


def test_credentials_of_the_environment_without_an_account_are_rejected(monkeypatch):
    """Credentials without an account raise an error that lists the variables for its address."""
    monkeypatch.setenv("ZENDESK_OAUTH_TOKEN", "t")

    with pytest.raises(ConfigurationError, match="give ZENDESK_SUBDOMAIN or ZENDESK_BASE_URL"):
        connect()


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("acme", "https://acme.zendesk.com"),
        ("ACME", "https://acme.zendesk.com"),
        ("acme.zendesk.com", "https://acme.zendesk.com"),
        ("help.acme.com", "https://help.acme.com"),
        ("help.acme.com:8443", "https://help.acme.com:8443"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:8080", "http://localhost:8080"),
        ("localhost", "http://localhost"),
    ],
)
def test_a_url_names_a_subdomain_or_a_host(place, address):
    """A URL names a subdomain or a host, of which only this machine may use HTTP."""
    account = connect(f"zendesk+client://my_app:S3CRET@{place}")

    assert account.transport.base_url == address


def test_an_invalid_result_of_a_function_is_reported():
    """A function that returns an invalid token raises an error that names the function."""
    account = connect(subdomain="acme", oauth_token=lambda: None)

    with pytest.raises(ConfigurationError, match=r"the result of the function .* not None"):
        account.transport.credentials.authorization()


def test_no_grant_displays_or_pickles_its_secrets(tmp_path):
    """Neither a repr nor a pickle of a grant, nor the repr of its account, contains its secrets."""
    store = FileTokenStore(tmp_path / "tokens.json")
    for grant in (
        ClientCredentials("my_app", "S3CRET"),
        RefreshToken("my_app", "S3CRET", "S3CRET", store=store),
    ):
        account = connect(subdomain="acme", oauth=grant)

        assert isinstance(account.transport.credentials, RenewingCredentials)
        for item in (grant, account, account.transport, account.transport.credentials):
            assert "S3CRET" not in repr(item) + str(item)
        assert "my_app" in repr(account.transport)
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(grant)


@pytest.mark.parametrize("anonymous", ["no", "yes", 1, 0, None, []])
def test_anonymous_is_true_or_false(anonymous):
    """`anonymous` must be True or False, and the message does not contain another value."""
    with pytest.raises(ConfigurationError, match="anonymous must be True or False"):
        connect(subdomain="acme", anonymous=anonymous)


def test_a_plus_sign_in_a_url():
    """A plus sign in a URL is a space in `scope`, and a plus elsewhere."""
    signed_in = connect("zendesk+refresh://app@acme?refresh_token=a+b&file=c+d.json")
    server = connect("zendesk+client://app:S3CRET@acme?scope=read+write", alias="server")

    grant = signed_in.transport.credentials.grant
    assert str.__str__(grant.refresh_token) == "a+b"
    assert "c+d.json" in repr(grant.store)
    assert server.transport.credentials.grant.scope == "read write"


def test_an_unknown_keyword_is_named_with_the_nearest():
    """A keyword that does not exist is an error, which suggests one; nothing is connected."""
    before = set(connections)
    for keyword, message in (
        ("subdomian", "connect() has no keyword 'subdomian'; did you mean 'subdomain'?"),
        ("keep", "connect() has no keyword 'keep'; known are: alias, anonymous,"),
    ):
        with pytest.raises(FieldError) as caught:
            connect(**{"alias": "unknown-keyword", keyword: {"ticket": 60}})
        assert str(caught.value).startswith(message)
        assert "unknown" not in str(caught.value).partition("known are")[2]
    assert set(connections) == before
