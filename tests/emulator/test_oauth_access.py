"""Requests with OAuth tokens: validity, scopes, and users on whose behalf they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.emulator.conftest import NOW
from tests.emulator.oauth_client import CALLBACK, SignIn, read_error
from zendesk_orm import ConfigurationError, Ticket, User, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.oauth import scopes
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.scopes import scopes_for
from zendesk_orm.schema import registry


INVALID_TOKEN = {
    "error": "invalid_token",
    "error_description": (
        "The access token provided is expired, revoked, malformed or invalid for other reasons."
    ),
}
NO_CREDENTIALS = {"error": "Couldn't authenticate you"}


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Return a program that signs in at a strict emulator with a virtual clock."""
    with Emulator(oauth="strict", clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


@pytest.fixture
def lenient() -> Iterator[SignIn]:
    """Return a program that signs in at a lenient emulator."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


# Credentials


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic", "Basic !", "Digest x"])
def test_strict_requires_credentials(sign_in, header):
    """Requests without credentials return 401, except for `users/me`, the anonymous user."""
    headers = {} if header is None else {"Authorization": header}
    response = sign_in.call(None, "GET", "tickets", **headers)
    me = sign_in.call(None, "GET", "users/me", **headers)

    assert (response.status_code, response.json()) == (401, NO_CREDENTIALS)
    assert (me.status_code, me.json()["user"]["name"]) == (200, "Anonymous user")


@pytest.mark.parametrize("path", ["tickets", "users/me", "oauth/tokens/current", "nowhere"])
def test_strict_rejects_unknown_tokens(sign_in, path):
    """An unknown token is rejected at every path."""
    response = sign_in.call("x" * 64, "GET", path)

    assert (response.status_code, response.json()) == (401, INVALID_TOKEN)


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_invalid_tokens_are_rejected(mode):
    """Expired, revoked and replaced tokens are rejected in both modes."""
    with Emulator(oauth=mode, clock=VirtualClock(NOW)) as emulator:
        sign_in = SignIn(emulator)
        revoked, expired, pair = sign_in.token(), sign_in.token(expires_in=300), sign_in.pair()
        sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])
        done = sign_in.call(revoked, "DELETE", "oauth/tokens/current")
        emulator.clock.sleep(300)
        responses = [
            sign_in.call(token, "GET", "tickets")
            for token in (revoked, expired, pair["access_token"])
        ]

    assert done.status_code == 204
    assert [(item.status_code, item.json()) for item in responses] == [(401, INVALID_TOKEN)] * 3


@pytest.mark.lenient
def test_lenient_accepts_other_credentials(lenient):
    """In lenient mode, unknown tokens and missing credentials are accepted for all scopes."""
    none = lenient.token(scope=["read"])
    statuses = [lenient.call(token, "GET", "tickets").status_code for token in ("x", None, none)]

    assert statuses == [200, 200, 200]


@pytest.mark.parametrize(
    ("user", "secret", "status"),
    [
        ("owner@example.com/token", "T", 200),
        ("owner@example.com", "T", 200),
        ("owner@example.com/token", "wrong", 401),
        ("owner@example.com/token", "", 401),
        ("nobody@example.com/token", "T", 401),
    ],
)
def test_strict_accepts_the_api_token_of_the_account(sign_in, user, secret, status):
    """Basic authentication requires an API token of the account and an existing user."""
    sign_in.emulator.switches.token = "T"
    get = sign_in.session.get
    response = get(f"{sign_in.home}/api/v2/tickets", auth=(user, secret))
    sign_in.emulator.switches.token = None
    without = get(f"{sign_in.home}/api/v2/tickets", auth=(user, secret))

    assert [response.status_code, without.status_code] == [status, 401]


def test_private_files_require_a_token(sign_in):
    """A file can be downloaded without credentials, unless the account keeps files private."""
    token = sign_in.token()
    upload = sign_in.call(token, "POST", "uploads?filename=a.txt", "x").json()["upload"]
    url = upload["attachment"]["content_url"]
    headers = {"Authorization": f"Bearer {token}"}
    before = sign_in.session.get(url).status_code
    sign_in.emulator.switches.private_attachments = True
    after = [sign_in.session.get(url, headers=item).status_code for item in ({}, headers)]

    assert (before, after) == (200, [401, 200])


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_request_acts_as_the_user_of_the_token(mode):
    """A ticket that is created with the token of an agent has the agent as requester."""
    with Emulator(oauth=mode) as emulator:
        sign_in = SignIn(emulator)
        user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
        ann = sign_in.call(sign_in.token(), "POST", "users", user).json()["user"]["id"]
        emulator.switches.oauth_user = "ann@example.com"
        pair = sign_in.pair()
        ticket = {"ticket": {"subject": "x", "comment": {"body": "y"}}}
        row = sign_in.call(pair["access_token"], "POST", "tickets", ticket).json()["ticket"]

        assert row["submitter_id"] == ann


@pytest.mark.parametrize(("as_creator", "name"), [(True, "Ann"), (False, "Olivia Owner")])
def test_client_credentials_act_as_the_creator_of_the_client(sign_in, as_creator, name):
    """Client credentials act as the user of the client, or with a switch as the owner."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "admin"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    client = {"client": {"name": "Ann's", "identifier": "anns", "user_id": ann}}
    secret = sign_in.call(token, "POST", "oauth/clients", client).json()["client"]["secret"]
    sign_in.emulator.switches.client_acts_as_creator = as_creator
    theirs = sign_in.token(client_id="anns", client_secret=secret)

    assert sign_in.call(theirs, "GET", "users/me").json()["user"]["name"] == name


def test_token_of_a_deleted_user_is_rejected(sign_in):
    """The token of a user is rejected after the user was deleted."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    theirs = sign_in.pair()["access_token"]
    sign_in.call(token, "DELETE", f"users/{ann}")

    assert read_error(sign_in.call(theirs, "GET", "tickets")) == (401, "invalid_token")


# Scopes


@pytest.mark.parametrize(
    ("scope", "method", "path", "missing"),
    [
        ("read", "GET", "tickets", None),
        ("read", "HEAD", "tickets", None),
        ("read", "POST", "tickets", "write"),
        ("read", "DELETE", "tickets/1", "write"),
        ("write", "GET", "tickets", "read"),
        ("write", "POST", "tickets", None),
        ("tickets:read", "GET", "tickets", None),
        ("tickets:read", "GET", "tickets/1.json?include=users", None),
        ("tickets:read", "POST", "tickets", "write"),
        ("tickets:read", "GET", "users", "read"),
        ("tickets:write", "GET", "tickets", "read"),
        ("tickets", "GET", "tickets", None),
        ("tickets", "POST", "tickets", None),
        ("users:read", "GET", "users/me", None),
        ("users:read", "GET", "search?query=x", "read"),
        ("hc:read", "GET", "help_center/articles", None),
        ("impersonate", "GET", "tickets", "read"),
        ("nonsense", "GET", "tickets", "read"),
        (["read", "write"], "GET", "tickets", "read"),
        (["read", "write"], "POST", "tickets", "write"),
    ],
)
def test_request_requires_a_scope(sign_in, scope, method, path, missing):
    """A request without a sufficient scope returns 403, and the library raises `MissingScope`."""
    response = sign_in.call(sign_in.token(scope), method, path)

    if missing is None:
        assert response.status_code not in (401, 403)
    else:
        text = f"You are missing the following required scopes: {missing}"
        assert response.status_code == 403
        assert response.json() == {"error": "Forbidden", "description": text}


def test_a_missing_scope_of_themes_returns_401(sign_in):
    """A missing scope of the Themes API returns 401 with the code `InvalidOAuthScopes`."""
    response = sign_in.call(sign_in.token("tickets:read"), "GET", "guide/theming/themes")

    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "InvalidOAuthScopes"


def test_every_required_scope_can_be_granted():
    """Each scope that a declared endpoint requires can be granted by the emulator."""
    needed = {
        scope
        for model in registry.models()
        for endpoint in model._meta.api
        if not endpoint.path.startswith("/")
        for scope in scopes_for(
            endpoint.method, "/api/v2/" + re.sub(r"\{\w+\}", "1", endpoint.path)
        )
    }

    assert needed > {"read", "write"}
    assert [scope for scope in needed if scopes.parse(scope, "") != [scope]] == []


# Acting as an end user


def _create_people(sign_in, token):
    """Create an end user and an agent, and return the id of the end user."""
    ids = []
    for name, role in (("Eve", "end-user"), ("Ann", "agent")):
        user = {"user": {"name": name, "email": f"{name.lower()}@example.com", "role": role}}
        ids.append(sign_in.call(token, "POST", "users", user).json()["user"]["id"])
    return ids[0]


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_requests_are_sent_on_behalf_of_an_end_user(mode):
    """`X-On-Behalf-Of` is an e-mail address, ignoring case, or an id of an end user."""
    with Emulator(oauth=mode) as emulator:
        sign_in = SignIn(emulator)
        token = sign_in.token("read write impersonate")
        eve = _create_people(sign_in, token)
        for name in ("eve@example.com", "EVE@example.com", str(eve)):
            me = sign_in.call(token, "GET", "users/me", **{"X-On-Behalf-Of": name})
            assert me.json()["user"]["id"] == eve


@pytest.mark.parametrize("mode", ["lenient", "strict"])
@pytest.mark.parametrize(
    "name", ["nobody@example.com", "ann@example.com", "owner@example.com", "7", "", "Eve"]
)
def test_on_behalf_of_other_users_is_rejected(mode, name):
    """Agents, admins and missing users in `X-On-Behalf-Of` return the error for invalid tokens."""
    with Emulator(oauth=mode) as emulator:
        sign_in = SignIn(emulator)
        token = sign_in.token("read write impersonate")
        _create_people(sign_in, token)
        response = sign_in.call(token, "GET", "tickets", **{"X-On-Behalf-Of": name})
        emulator.switches.on_behalf_status = 400
        switched = sign_in.call(token, "GET", "tickets", **{"X-On-Behalf-Of": name})

    assert (response.status_code, response.json()) == (401, INVALID_TOKEN)
    assert switched.status_code == 400


def test_on_behalf_of_requires_impersonate(sign_in):
    """`X-On-Behalf-Of` without `impersonate` of an admin returns 403 with the name of the scope."""
    token = sign_in.token()
    _create_people(sign_in, token)
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    code = sign_in.code(scope="read write impersonate")
    agents = sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK).json()
    for item in (token, agents["access_token"]):
        response = sign_in.call(item, "GET", "tickets", **{"X-On-Behalf-Of": "eve@example.com"})
        assert response.status_code == 403
        assert response.json()["description"].endswith("required scopes: impersonate")


# Tokens as rows


def test_current_token_contains_no_secrets(sign_in):
    """The current token is returned with user, scopes, times, and its first ten characters only."""
    pair = sign_in.pair(expires_in=600)
    response = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current")
    token = response.json()["token"]

    assert {
        "client_id": sign_in.server.id,
        "scopes": ["read", "write"],
        "token": pair["access_token"][:10],
        "refresh_token": pair["refresh_token"][:10],
        "created_at": "2026-09-21T14:13:20Z",
        "expires_at": "2026-09-21T14:23:20Z",
        "refresh_token_expires_at": "2026-10-21T14:13:20Z",
    }.items() <= token.items()
    assert pair["access_token"] not in response.text
    assert pair["refresh_token"] not in response.text


def test_used_at_is_the_time_of_the_previous_request(sign_in):
    """`used_at` is the time of the previous request."""
    token = sign_in.token()
    sign_in.call(token, "GET", "tickets")
    sign_in.clock.sleep(60)
    row = sign_in.call(token, "GET", "oauth/tokens/current").json()["token"]

    assert row["used_at"] == "2026-09-21T14:14:20Z"


@pytest.mark.parametrize(("kills", "status"), [(True, 400), (False, 200)])
@pytest.mark.parametrize("by_id", [False, True])
def test_revoking_a_token_revokes_its_refresh_token(sign_in, kills, status, by_id):
    """Both paths revoke a token; a switch decides whether its refresh token is revoked, too."""
    sign_in.emulator.switches.revoking_kills_refresh = kills
    pair, admin = sign_in.pair(), sign_in.token()
    pk = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current").json()["token"]["id"]
    place, token = (pk, admin) if by_id else ("current", pair["access_token"])
    revoked = sign_in.call(token, "DELETE", f"oauth/tokens/{place}")
    after = sign_in.call(pair["access_token"], "GET", "tickets")
    refreshed = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])

    assert (revoked.status_code, after.status_code) == (204, 401)
    assert refreshed.status_code == status


def test_tokens_of_the_caller_are_listed(sign_in):
    """The valid tokens of the caller are listed; parameters filter them, or add expired ones."""
    short, token = sign_in.token(expires_in=300), sign_in.token(expires_in=900)
    sign_in.clock.sleep(300)

    def list_tokens(query: str) -> list[str]:
        rows = sign_in.call(token, "GET", f"oauth/tokens?{query}").json()["tokens"]
        return sorted(row["token"] for row in rows)

    assert list_tokens("") == [token[:10]]
    assert list_tokens("include_expired=true") == sorted([short[:10], token[:10]])
    assert list_tokens(f"client_id={sign_in.server.id}") == [token[:10]]
    assert list_tokens(f"client_id={sign_in.desktop.id}") == []
    assert list_tokens("client_id=server") == []
    assert list_tokens("global_client_id=7") == []


def test_tokens_of_all_users_are_listed(sign_in):
    """`all=true` lists the tokens of all users."""
    token = sign_in.token()
    _create_people(sign_in, token)
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    sign_in.pair()

    registered, every = (
        sign_in.call(token, "GET", f"oauth/tokens{query}").json()["count"]
        for query in ("", "?all=true")
    )
    assert (registered, every) == (1, 2)


def test_a_created_token_can_have_unknown_scopes(sign_in):
    """`POST oauth/tokens` accepts unknown scopes, which allow nothing."""
    admin, statuses = sign_in.token(), []
    for requested in (["read"], ["tickets"], ["nonsense"], "read", None, [7, {}]):
        body = {"token": {"client_id": sign_in.server.id, "scopes": requested}}
        created = sign_in.call(admin, "POST", "oauth/tokens", body)
        assert created.status_code == 201
        token = created.json()["token"]["token"]
        statuses.append(sign_in.call(token, "GET", "tickets").status_code)

    assert statuses == [200, 200, 403, 403, 403, 403]


def test_the_library_renews_its_token():
    """`connect()` signs in at a strict emulator, and again before its token expires."""
    with Emulator(oauth="strict") as emulator:
        emulator.connect()
        ticket = Ticket.objects.create(subject="Printer", comment={"body": "Help"})
        emulator.clock.sleep(48 * 3600)

        assert Ticket.objects.get(ticket.pk).subject == "Printer"
        assert emulator.token_requests == ["client_credentials"] * 2


def test_a_url_selects_the_strict_mode(count_requests):
    """`emulator://?oauth=strict` is an account that signs in; an unknown mode is rejected."""
    account = connect("emulator://?oauth=strict")
    with count_requests(account, 1):
        assert User.objects.count() == 1
    with pytest.raises(ConfigurationError, match="must be one of 'lenient', 'strict'"):
        connect("emulator://?oauth=relaxed")


def test_lenient_with_an_api_token_accepts_issued_tokens():
    """With `token=`, a lenient emulator accepts its own tokens, and rejects unknown ones."""
    with Emulator(token="T") as emulator:
        program = SignIn(emulator)
        tokens = (program.token(), "T", "x")

        assert [program.call(token, "GET", "tickets").status_code for token in tokens] == [
            200,
            200,
            401,
        ]


@pytest.mark.parametrize("uris", [None, 7, {}, [7, None], "http://a.test http://b.test"])
def test_malformed_redirect_uris_get_no_redirect(sign_in, uris):
    """An address that a client has not registered never gets a redirect."""
    client = {"client": {"name": "Odd", "identifier": "odd", "redirect_uri": uris}}
    sign_in.call(sign_in.token(), "POST", "oauth/clients", client)

    assert sign_in.authorize(client_id="odd").status_code == 400


@pytest.mark.parametrize(("needed", "statuses"), [(False, [200, 204]), (True, [403, 403])])
def test_current_token_can_require_a_scope(needed, statuses):
    """The switch `current_token_needs_scope` requires a scope to read the token (unconfirmed)."""
    with Emulator(oauth="strict", current_token_needs_scope=needed) as emulator:
        sign_in = SignIn(emulator)
        token = sign_in.token(scope="hc:read")

        responses = [
            sign_in.call(token, item, "oauth/tokens/current") for item in ("GET", "DELETE")
        ]

    assert [response.status_code for response in responses] == statuses
