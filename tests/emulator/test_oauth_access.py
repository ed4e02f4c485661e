"""What the emulator allows the holder of an OAuth token."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.emulator.conftest import NOW
from tests.emulator.oauth_client import CALLBACK, SignIn, refusal
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
    """Return a program that signs in at a strict emulator, at a known time."""
    with Emulator(oauth="strict", clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


@pytest.fixture
def lenient() -> Iterator[SignIn]:
    """Return the same at an emulator that takes any credentials."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


# -- credentials -------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic", "Basic !", "Digest x"])
def test_strict_needs_credentials(sign_in, header):
    """Without credentials, or with empty ones, 401 comes; `users/me` shows the anonymous user."""
    headers = {} if header is None else {"Authorization": header}
    answer = sign_in.call(None, "GET", "tickets", **headers)
    me = sign_in.call(None, "GET", "users/me", **headers)

    assert (401, NO_CREDENTIALS) == (answer.status_code, answer.json())
    assert (200, "Anonymous user") == (me.status_code, me.json()["user"]["name"])


@pytest.mark.parametrize("path", ["tickets", "users/me", "oauth/tokens/current", "nowhere"])
def test_strict_refuses_a_token_that_it_has_not_issued(sign_in, path):
    """An unknown token is invalid at every path."""
    answer = sign_in.call("x" * 64, "GET", path)

    assert (401, INVALID_TOKEN) == (answer.status_code, answer.json())


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_tokens_that_have_ended_are_refused(mode):
    """Expired, revoked and replaced tokens are invalid in both modes."""
    with Emulator(oauth=mode, clock=VirtualClock(NOW)) as emulator:
        known = SignIn(emulator)
        revoked, expired, pair = known.token(), known.token(expires_in=300), known.pair()
        known.exchange("refresh_token", refresh_token=pair["refresh_token"])
        done = known.call(revoked, "DELETE", "oauth/tokens/current")
        emulator.clock.sleep(300)
        answers = [
            known.call(token, "GET", "tickets")
            for token in (revoked, expired, pair["access_token"])
        ]

    assert 204 == done.status_code
    assert [(401, INVALID_TOKEN)] * 3 == [(each.status_code, each.json()) for each in answers]


@pytest.mark.lenient
def test_lenient_takes_any_other_credentials(lenient):
    """Unknown tokens and no credentials at all are accepted, whatever the scopes."""
    none = lenient.token(scope=["read"])
    statuses = [lenient.call(token, "GET", "tickets").status_code for token in ("x", None, none)]

    assert [200, 200, 200] == statuses


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
def test_strict_takes_the_api_token_of_the_account(sign_in, user, secret, status):
    """Basic authentication works if the account has an API token, and the user exists."""
    sign_in.emulator.switches.token = "T"
    get = sign_in.session.get
    answer = get(f"{sign_in.home}/api/v2/tickets", auth=(user, secret))
    sign_in.emulator.switches.token = None
    without = get(f"{sign_in.home}/api/v2/tickets", auth=(user, secret))

    assert [status, 401] == [answer.status_code, without.status_code]


def test_files_need_a_token_only_if_they_are_private(sign_in):
    """The address of a file opens it, unless the account keeps its files private."""
    token = sign_in.token()
    upload = sign_in.call(token, "POST", "uploads?filename=a.txt", "x").json()["upload"]
    url = upload["attachment"]["content_url"]
    headers = {"Authorization": f"Bearer {token}"}
    before = sign_in.session.get(url).status_code
    sign_in.emulator.switches.private_attachments = True
    after = [sign_in.session.get(url, headers=each).status_code for each in ({}, headers)]

    assert (200, [401, 200]) == (before, after)


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_the_author_is_the_user_of_the_token(mode):
    """A ticket that is created with the token of an agent is that agent's."""
    with Emulator(oauth=mode) as emulator:
        known = SignIn(emulator)
        user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
        ann = known.call(known.token(), "POST", "users", user).json()["user"]["id"]
        emulator.switches.oauth_user = "ann@example.com"
        pair = known.pair()
        ticket = {"ticket": {"subject": "x", "comment": {"body": "y"}}}
        row = known.call(pair["access_token"], "POST", "tickets", ticket).json()["ticket"]

        assert ann == row["submitter_id"]


@pytest.mark.parametrize(("as_creator", "name"), [(True, "Ann"), (False, "Olivia Owner")])
def test_client_credentials_act_as_the_creator_of_the_client(sign_in, as_creator, name):
    """The user is that of the client, or by a switch the owner."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "admin"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    client = {"client": {"name": "Ann's", "identifier": "anns", "user_id": ann}}
    secret = sign_in.call(token, "POST", "oauth/clients", client).json()["client"]["secret"]
    sign_in.emulator.switches.client_acts_as_creator = as_creator
    theirs = sign_in.token(client_id="anns", client_secret=secret)

    assert name == sign_in.call(theirs, "GET", "users/me").json()["user"]["name"]


def test_the_token_of_a_deleted_user_is_refused(sign_in):
    """A token ends with its user."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    theirs = sign_in.pair()["access_token"]
    sign_in.call(token, "DELETE", f"users/{ann}")

    assert (401, "invalid_token") == refusal(sign_in.call(theirs, "GET", "tickets"))


# -- scopes ------------------------------------------------------------------


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
def test_a_request_needs_a_scope(sign_in, scope, method, path, missing):
    """A call without a sufficient scope is 403, and its text names what is missing."""
    answer = sign_in.call(sign_in.token(scope), method, path)

    if missing is None:
        assert answer.status_code not in (401, 403)
    else:
        text = f"You are missing the following required scopes: {missing}"
        assert 403 == answer.status_code
        assert {"error": "Forbidden", "description": text} == answer.json()


def test_themes_report_a_missing_scope_in_their_own_way(sign_in):
    """The Themes API answers 401 with the code `InvalidOAuthScopes`."""
    answer = sign_in.call(sign_in.token("tickets:read"), "GET", "guide/theming/themes")

    assert 401 == answer.status_code
    assert "InvalidOAuthScopes" == answer.json()["errors"][0]["code"]


def test_every_scope_that_a_request_can_need_can_be_granted():
    """No endpoint that is declared needs a scope that the emulator would drop."""
    needed = {
        scope
        for model in registry.models()
        for endpoint in model._meta.api
        if not endpoint.path.startswith("/")
        for scope in scopes_for(
            endpoint.method, "/api/v2/" + re.sub(r"\{\w+\}", "1", endpoint.path)
        )
    }

    assert {"read", "write"} < needed
    assert [] == [scope for scope in needed if scopes.parse(scope, "") != [scope]]


# -- acting as an end user ---------------------------------------------------


def _people(sign_in, token):
    """Create an end user and an agent, and return the id of the end user."""
    ids = []
    for name, role in (("Eve", "end-user"), ("Ann", "agent")):
        user = {"user": {"name": name, "email": f"{name.lower()}@example.com", "role": role}}
        ids.append(sign_in.call(token, "POST", "users", user).json()["user"]["id"])
    return ids[0]


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_a_request_acts_as_an_end_user(mode):
    """`X-On-Behalf-Of` names the user by e-mail, in any case, or by id."""
    with Emulator(oauth=mode) as emulator:
        known = SignIn(emulator)
        token = known.token("read write impersonate")
        eve = _people(known, token)
        for name in ("eve@example.com", "EVE@example.com", str(eve)):
            me = known.call(token, "GET", "users/me", **{"X-On-Behalf-Of": name})
            assert eve == me.json()["user"]["id"]


@pytest.mark.parametrize("mode", ["lenient", "strict"])
@pytest.mark.parametrize(
    "name", ["nobody@example.com", "ann@example.com", "owner@example.com", "7", "", "Eve"]
)
def test_nobody_but_an_end_user_is_acted_for(mode, name):
    """Agents, admins and users who do not exist are refused as by an invalid token."""
    with Emulator(oauth=mode) as emulator:
        known = SignIn(emulator)
        token = known.token("read write impersonate")
        _people(known, token)
        answer = known.call(token, "GET", "tickets", **{"X-On-Behalf-Of": name})
        emulator.switches.on_behalf_status = 400
        switched = known.call(token, "GET", "tickets", **{"X-On-Behalf-Of": name})

    assert (401, INVALID_TOKEN) == (answer.status_code, answer.json())
    assert 400 == switched.status_code


def test_acting_as_needs_a_scope_that_an_admin_has_granted(sign_in):
    """Without `impersonate`, and with that of an agent, 403 names it."""
    token = sign_in.token()
    _people(sign_in, token)
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    code = sign_in.code(scope="read write impersonate")
    agents = sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK).json()
    for each in (token, agents["access_token"]):
        answer = sign_in.call(each, "GET", "tickets", **{"X-On-Behalf-Of": "eve@example.com"})
        assert 403 == answer.status_code
        assert answer.json()["description"].endswith("required scopes: impersonate")


# -- the token itself --------------------------------------------------------


def test_a_token_is_shown_without_its_secrets(sign_in):
    """The holder sees whose it is, its scopes and its times, and ten characters of it."""
    pair = sign_in.pair(expires_in=600)
    answer = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current")
    token = answer.json()["token"]

    assert {
        "client_id": sign_in.server.id,
        "scopes": ["read", "write"],
        "token": pair["access_token"][:10],
        "refresh_token": pair["refresh_token"][:10],
        "created_at": "2026-09-21T14:13:20Z",
        "expires_at": "2026-09-21T14:23:20Z",
        "refresh_token_expires_at": "2026-10-21T14:13:20Z",
    }.items() <= token.items()
    assert pair["access_token"] not in answer.text
    assert pair["refresh_token"] not in answer.text


def test_a_token_tells_when_it_was_used(sign_in):
    """`used_at` is the time of the request before."""
    token = sign_in.token()
    sign_in.call(token, "GET", "tickets")
    sign_in.clock.sleep(60)
    row = sign_in.call(token, "GET", "oauth/tokens/current").json()["token"]

    assert "2026-09-21T14:14:20Z" == row["used_at"]


@pytest.mark.parametrize(("kills", "status"), [(True, 400), (False, 200)])
@pytest.mark.parametrize("by_id", [False, True])
def test_a_revoked_token_takes_its_refresh_token_along(sign_in, kills, status, by_id):
    """Both paths revoke; a switch says whether the refresh token survives."""
    sign_in.emulator.switches.revoking_kills_refresh = kills
    pair, admin = sign_in.pair(), sign_in.token()
    pk = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current").json()["token"]["id"]
    place, token = (pk, admin) if by_id else ("current", pair["access_token"])
    revoked = sign_in.call(token, "DELETE", f"oauth/tokens/{place}")
    after = sign_in.call(pair["access_token"], "GET", "tickets")
    refreshed = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])

    assert (204, 401) == (revoked.status_code, after.status_code)
    assert status == refreshed.status_code


def test_tokens_are_filtered(sign_in):
    """The list has the caller's valid tokens; parameters narrow it, or add expired ones."""
    short, token = sign_in.token(expires_in=300), sign_in.token(expires_in=900)
    sign_in.clock.sleep(300)

    def listed(query: str) -> list[str]:
        rows = sign_in.call(token, "GET", f"oauth/tokens?{query}").json()["tokens"]
        return sorted(row["token"] for row in rows)

    assert [token[:10]] == listed("")
    assert sorted([short[:10], token[:10]]) == listed("include_expired=true")
    assert [token[:10]] == listed(f"client_id={sign_in.server.id}")
    assert [] == listed(f"client_id={sign_in.desktop.id}")
    assert [] == listed("client_id=server")
    assert [] == listed("global_client_id=7")


def test_a_person_s_tokens_are_listed_apart_from_those_of_others(sign_in):
    """`all=true` lists the tokens of every user."""
    token = sign_in.token()
    _people(sign_in, token)
    sign_in.emulator.switches.oauth_user = "ann@example.com"
    sign_in.pair()

    own, every = (
        sign_in.call(token, "GET", f"oauth/tokens{query}").json()["count"]
        for query in ("", "?all=true")
    )
    assert (1, 2) == (own, every)


def test_a_token_of_the_api_allows_only_scopes_that_exist(sign_in):
    """`POST oauth/tokens` accepts any scopes, and calls with invalid ones are refused."""
    admin, statuses = sign_in.token(), []
    for names in (["read"], ["tickets"], ["nonsense"], "read", None, [7, {}]):
        body = {"token": {"client_id": sign_in.server.id, "scopes": names}}
        made = sign_in.call(admin, "POST", "oauth/tokens", body)
        assert 201 == made.status_code
        token = made.json()["token"]["token"]
        statuses.append(sign_in.call(token, "GET", "tickets").status_code)

    assert [200, 200, 403, 403, 403, 403] == statuses


def test_models_work_at_a_strict_emulator():
    """`connect()` signs in by itself, and again when its token is about to expire."""
    with Emulator(oauth="strict") as emulator:
        emulator.connect()
        ticket = Ticket.objects.create(subject="Printer", comment={"body": "Help"})
        emulator.clock.sleep(48 * 3600)

        assert "Printer" == Ticket.objects.get(ticket.pk).subject
        assert ["client_credentials"] * 2 == emulator.token_requests


def test_a_url_makes_the_emulator_strict(count_requests):
    """`emulator://?oauth=strict` is an account that signs in; an unknown mode is refused."""
    account = connect("emulator://?oauth=strict")
    with count_requests(account, 1):
        assert 1 == User.objects.count()
    with pytest.raises(ConfigurationError, match="must be 'lenient' or 'strict'"):
        connect("emulator://?oauth=relaxed")


def test_an_api_token_does_not_replace_tokens_that_were_issued():
    """With `token=`, a lenient emulator accepts its own tokens too, and refuses unknown ones."""
    with Emulator(token="T") as emulator:
        program = SignIn(emulator)
        tokens = (program.token(), "T", "x")

        assert [200, 200, 401] == [
            program.call(token, "GET", "tickets").status_code for token in tokens
        ]


@pytest.mark.parametrize("uris", [None, 7, {}, [7, None], "http://a.test http://b.test"])
def test_odd_redirect_uris_break_nothing(sign_in, uris):
    """Whatever a client has registered, an address that is not among it has no redirect."""
    client = {"client": {"name": "Odd", "identifier": "odd", "redirect_uri": uris}}
    sign_in.call(sign_in.token(), "POST", "oauth/clients", client)

    assert 400 == sign_in.authorize(client_id="odd").status_code


@pytest.mark.parametrize(("needed", "statuses"), [(False, [200, 204]), (True, [403, 403])])
def test_the_token_of_the_request_is_shown_whatever_its_scopes(needed, statuses):
    """Nobody has confirmed which scope `oauth/tokens/current` needs: a switch decides."""
    with Emulator(oauth="strict", current_token_needs_scope=needed) as emulator:
        known = SignIn(emulator)
        token = known.token(scope="hc:read")

        answers = [known.call(token, each, "oauth/tokens/current") for each in ("GET", "DELETE")]

    assert statuses == [answer.status_code for answer in answers]
