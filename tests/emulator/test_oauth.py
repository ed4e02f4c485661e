"""Sign-in with OAuth at the emulator: grants, lifetimes, scopes and the authorization page."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.conftest import NOW
from tests.emulator.oauth_client import (
    CALLBACK,
    VERIFIER,
    SignIn,
    challenge,
    read_error,
    redirect_parameters,
)
from zendesk_orm import ConfigurationError, ConnectionLost, RetryPolicy
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


INVALID_CLIENT = (401, "invalid_client")
INVALID_GRANT = (400, "invalid_grant")
INVALID_REQUEST = (400, "invalid_request")
UNSUPPORTED = (400, "unsupported_grant_type")


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Return a program that signs in at a strict emulator with a virtual clock."""
    with Emulator(oauth="strict", clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


# Grants


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_client_credentials_return_an_access_token(mode, form):
    """A client with a secret gets an access token, by JSON or a form, and no refresh token."""
    with Emulator(oauth=mode) as emulator:
        response = SignIn(emulator).exchange("client_credentials", form=form, scope="read write")

        assert response.status_code == 200
        assert set(response.json()) == {"access_token", "token_type", "scope"}
        assert (response.json()["token_type"], response.json()["scope"]) == ("bearer", "read write")
        assert emulator.token_requests == ["client_credentials"]
        assert emulator.requests == []


@pytest.mark.parametrize("form", [False, True])
def test_an_authorization_code_returns_both_tokens(sign_in, form):
    """An authorization code is exchanged for an access token and a refresh token."""
    response = sign_in.exchange(
        "authorization_code", form=form, code=sign_in.code(), redirect_uri=CALLBACK
    )

    values = response.json()
    assert response.status_code == 200
    assert values["scope"] == "read write"
    assert values["refresh_token_expires_in"] == 2_592_000
    assert "expires_in" not in values
    assert sign_in.call(values["access_token"], "GET", "tickets").status_code == 200


@pytest.mark.parametrize("form", [False, True])
def test_refresh_replaces_both_tokens(sign_in, form):
    """A refresh invalidates the previous access token and the previous refresh token."""
    old = sign_in.pair(scope="read")
    new = sign_in.exchange("refresh_token", form=form, refresh_token=old["refresh_token"])
    again = sign_in.exchange("refresh_token", refresh_token=old["refresh_token"])
    statuses = [
        sign_in.call(pair["access_token"], "GET", "tickets").status_code
        for pair in (old, new.json())
    ]

    assert new.status_code == 200
    assert new.json()["scope"] == "read"
    assert statuses == [401, 200]
    assert read_error(again) == INVALID_GRANT
    assert "Refresh token is invalid or expired" in again.json()["error_description"]
    assert sign_in.emulator.token_requests == (
        ["authorization_code", "refresh_token", "refresh_token invalid_grant"]
    )


def test_refresh_uses_the_default_lifetimes(sign_in):
    """A refresh without lifetimes uses 30 minutes and 30 days."""
    pair = sign_in.pair(expires_in=172_800, refresh_token_expires_in=7_776_000)
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (172_800, 7_776_000)

    pair = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"]).json()
    token = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current").json()["token"]

    assert pair["refresh_token_expires_in"] == 2_592_000
    assert (
        token["expires_at"],
        token["refresh_token_expires_at"],
    ) == ("2026-09-21T14:43:20Z", "2026-10-21T14:13:20Z")


def test_expires_in_is_returned_on_request(sign_in):
    """The response has `expires_in` if the request has it, or if a switch is set."""
    asked = sign_in.exchange("client_credentials", expires_in="300").json()
    sign_in.emulator.switches.expires_in_always = True
    always = sign_in.exchange("client_credentials").json()

    assert (asked["expires_in"], always["expires_in"]) == (300, 1800)


def test_lost_response_invalidates_the_refresh_token(sign_in):
    """A refresh whose response is lost invalidates the refresh token without a grace period."""
    pair = sign_in.pair()
    sign_in.emulator.fail_next(None, path="~/oauth/tokens", after_applying=True)
    with pytest.raises(requests.ConnectionError):
        sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])

    response = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])
    assert read_error(response) == INVALID_GRANT
    assert sign_in.emulator.token_requests[-2] == "refresh_token dropped"


# Time


@pytest.mark.parametrize(("asked", "lifetime"), [({}, 1800), ({"expires_in": 300}, 300)])
def test_an_access_token_expires(sign_in, asked, lifetime):
    """An access token is valid for exactly its lifetime."""
    token = sign_in.token(**asked)
    sign_in.clock.sleep(lifetime - 1)
    before = sign_in.call(token, "GET", "tickets").status_code
    sign_in.clock.sleep(1)
    after = sign_in.call(token, "GET", "tickets")

    assert (before, after.status_code) == (200, 401)
    assert after.json()["error"] == "invalid_token"


@pytest.mark.parametrize(
    ("asked", "lifetime"),
    [({}, 2_592_000), ({"refresh_token_expires_in": 604_800}, 604_800)],
)
def test_a_refresh_token_expires(sign_in, asked, lifetime):
    """A refresh token outlives its access token, and expires after its own lifetime."""
    early, late = sign_in.pair(**asked), sign_in.pair(**asked)
    sign_in.clock.sleep(lifetime - 1)
    before = sign_in.exchange("refresh_token", refresh_token=early["refresh_token"])
    sign_in.clock.sleep(1)
    after = sign_in.exchange("refresh_token", refresh_token=late["refresh_token"])

    assert before.status_code == 200
    assert read_error(after) == INVALID_GRANT


def test_a_code_expires_after_two_minutes(sign_in):
    """A code can be exchanged after 119 seconds, and not after 120."""
    early, late = sign_in.code(), sign_in.code()
    sign_in.clock.sleep(119)
    before = sign_in.exchange("authorization_code", code=early, redirect_uri=CALLBACK)
    sign_in.clock.sleep(1)
    after = sign_in.exchange("authorization_code", code=late, redirect_uri=CALLBACK)

    assert before.status_code == 200
    assert read_error(after) == INVALID_GRANT


# Errors


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize(
    ("grant_type", "fields", "expected"),
    [
        ("password", {"username": "a", "password": "b"}, UNSUPPORTED),
        ("implicit", {}, UNSUPPORTED),
        (None, {}, INVALID_REQUEST),
        ("client_credentials", {"client_id": "nobody"}, INVALID_CLIENT),
        ("client_credentials", {"client_id": "SERVER"}, INVALID_CLIENT),
        ("client_credentials", {"client_id": None}, INVALID_CLIENT),
        ("client_credentials", {"client_secret": None}, INVALID_CLIENT),
        ("client_credentials", {"client_secret": "wrong"}, INVALID_CLIENT),
        ("refresh_token", {"client_secret": None, "refresh_token": "x"}, INVALID_CLIENT),
        ("refresh_token", {"refresh_token": "x"}, INVALID_GRANT),
        ("refresh_token", {}, INVALID_REQUEST),
        ("authorization_code", {"code": "x", "redirect_uri": CALLBACK}, INVALID_GRANT),
        ("authorization_code", {"redirect_uri": CALLBACK}, INVALID_REQUEST),
        ("authorization_code", {"code": "x"}, INVALID_REQUEST),
        ("client_credentials", {"expires_in": 299}, INVALID_REQUEST),
        ("client_credentials", {"expires_in": 172_801}, INVALID_REQUEST),
        ("client_credentials", {"expires_in": "soon"}, INVALID_REQUEST),
        ("refresh_token", {"refresh_token_expires_in": 604_799}, INVALID_REQUEST),
        ("refresh_token", {"refresh_token_expires_in": 7_776_001}, INVALID_REQUEST),
    ],
)
def test_invalid_token_request_is_rejected(sign_in, grant_type, fields, expected, form):
    """Each error of a token request has its status and its code, for JSON and for forms."""
    assert read_error(sign_in.exchange(grant_type, form=form, **fields)) == expected


def test_the_numeric_id_of_a_client_is_not_its_identifier(sign_in):
    """The numeric id of a client is rejected as a `client_id`."""
    for number in (sign_in.server.id, str(sign_in.server.id)):
        response = sign_in.exchange("client_credentials", client_id=number)
        assert read_error(response) == INVALID_CLIENT


def test_ranges_of_lifetimes_are_inclusive(sign_in):
    """The minimum and the maximum of each lifetime are accepted."""
    for expires_in, refresh in ((300, 604_800), (172_800, 7_776_000)):
        pair = sign_in.pair(expires_in=expires_in, refresh_token_expires_in=refresh)
        assert (expires_in, refresh) == (pair["expires_in"], pair["refresh_token_expires_in"])


def test_a_public_client_cannot_use_client_credentials(sign_in):
    """Only confidential clients can sign in without a user."""
    desktop = {"client_id": "desktop", "client_secret": sign_in.desktop.secret}
    response = sign_in.exchange("client_credentials", **desktop)

    assert read_error(response) == (400, "unauthorized_client")


def test_unconfirmed_statuses_are_switches(sign_in):
    """Switches set the statuses of errors that are unconfirmed."""
    switches = sign_in.emulator.switches
    switches.invalid_client_status, switches.invalid_grant_status = 400, 401
    switches.token_status = 201

    assert sign_in.exchange("client_credentials", client_secret="x").status_code == 400
    assert sign_in.exchange("refresh_token", refresh_token="x").status_code == 401
    assert sign_in.exchange("client_credentials").status_code == 201


def test_a_code_is_bound_to_client_and_redirect_uri(sign_in):
    """A used code, and a code of another client or another redirect_uri, is rejected."""
    code = sign_in.code()
    other = sign_in.emulator.create_client("other", redirect_uri=CALLBACK)
    as_other = {"client_id": "other", "client_secret": other.secret}
    responses = [
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK + "/"),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK, **as_other),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK),
    ]

    assert [response.status_code for response in responses] == [400, 400, 200, 400]


def test_refresh_token_is_bound_to_its_client(sign_in):
    """A refresh token of another client is rejected, and stays valid for its own client."""
    pair = sign_in.pair()
    other = sign_in.emulator.create_client("other")
    stolen = sign_in.exchange(
        "refresh_token",
        client_id="other",
        client_secret=other.secret,
        refresh_token=pair["refresh_token"],
    )

    assert read_error(stolen) == INVALID_GRANT
    assert sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"]).status_code == 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_NAMES = (
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "expires_in",
    "refresh_token_expires_in",
)


@pytest.mark.slow
@given(
    fields=st.dictionaries(st.sampled_from(_NAMES), _JSON),
    grant_type=st.sampled_from(["authorization_code", "refresh_token", "client_credentials", None]),
)
def test_no_token_request_breaks_the_emulator(fields, grant_type):
    """A token request with fields of any type returns a success or a client error."""
    with Emulator() as emulator:
        if grant_type:
            fields = {"grant_type": grant_type, **fields}
        names = SignIn(emulator)
        valid = {"client_id": "server", "client_secret": names.server.secret, **fields}
        for body in (fields, valid):
            response = names.session.post(f"{names.home}/oauth/tokens", json=_build_json(body))
            assert response.status_code < 500, response.text


@pytest.mark.slow
@given(body=st.binary() | st.sampled_from([b"[" * 9_999, b'"\\ud800"', b"9" * 5_000, b"null"]))
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_no_body_breaks_the_emulator(kind, body):
    """A token request with an unreadable body is handled like one without fields."""
    with Emulator() as emulator:
        response = emulator.session().post(
            "https://emulator.zendesk.com/oauth/tokens", data=body, headers={"Content-Type": kind}
        )
        assert 400 <= response.status_code < 500


def _build_json(value):
    """Return JSON without the numbers that `requests` does not encode."""
    if isinstance(value, dict):
        return {name: _build_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_build_json(inner) for inner in value]
    return None if isinstance(value, float) and value - value != 0 else value


# Scopes at sign-in


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("read", "read"),
        ("tickets:read  tickets:read users:write", "tickets:read users:write"),
        ("read nonsense tickets:fly", "read"),
        ("nonsense", ""),
        (["read", "write"], ""),
        (7, ""),
        (None, "read"),
        ("", "read"),
    ],
)
def test_unknown_scopes_are_ignored(sign_in, scope, granted):
    """Unknown scopes are omitted from the response, and a JSON array grants no scope."""
    response = sign_in.exchange("client_credentials", scope=scope)

    assert (response.status_code, response.json()["scope"]) == (200, granted)


@pytest.mark.parametrize(
    ("ceiling", "scope", "status"),
    [
        (["read"], "read", 200),
        (["read"], "tickets:read", 200),
        (["read"], "read write", 400),
        (["tickets:read"], "read", 400),
        (["tickets"], "tickets:write", 200),
        (["read", "write"], "tickets", 200),
        (["read"], "tickets", 400),
        ([], "read", 400),
    ],
)
def test_scopes_of_a_client_are_a_ceiling(sign_in, ceiling, scope, status):
    """A scope above the ceiling of the client is `invalid_scope`, and no token is issued."""
    client = sign_in.emulator.create_client("low", redirect_uri=CALLBACK, scopes=ceiling)
    response = sign_in.exchange(
        "client_credentials", client_id="low", client_secret=client.secret, scope=scope
    )
    page = redirect_parameters(sign_in.authorize(client_id="low", scope=scope))

    assert response.status_code == status
    assert status == 200 or (response.json()["error"], page["error"]) == ("invalid_scope",) * 2


def test_exchange_can_only_reduce_the_scopes(sign_in):
    """The scopes of an exchange can reduce those of its authorization, and never extend them."""
    wide, narrow = sign_in.code(scope="read"), sign_in.code(scope="read write")
    rejected = sign_in.exchange(
        "authorization_code", code=wide, redirect_uri=CALLBACK, scope="read write"
    )
    granted = sign_in.exchange(
        "authorization_code", code=narrow, redirect_uri=CALLBACK, scope="tickets:read"
    )

    assert read_error(rejected) == (400, "invalid_scope")
    assert granted.json()["scope"] == "tickets:read"


# The page and PKCE


def test_the_redirect_contains_code_and_state(sign_in):
    """The redirect has the code and the state, and keeps the query of its address."""
    address = "https://app.example.com/back?tenant=7"
    sign_in.emulator.create_client("web", redirect_uri=[CALLBACK, address])
    response = sign_in.authorize(client_id="web", redirect_uri=address, state="a&b=c é")

    assert response.headers["Location"].startswith("https://app.example.com/back?tenant=7&code=")
    assert {"tenant": "7", "state": "a&b=c é"}.items() <= redirect_parameters(response).items()
    assert sign_in.emulator.requests == []


@pytest.mark.parametrize(
    "params",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": CALLBACK + "?x"},
        {"redirect_uri": "http://localhost:3001/callback"},
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": None},
    ],
)
def test_no_redirect_to_unregistered_addresses(sign_in, params):
    """A client or a redirect URL that is not registered gets a page instead of a redirect."""
    response = sign_in.authorize(**params)

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"client_id": "desktop"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({**challenge(), "code_challenge_method": "plain"}, "invalid_request"),
        ({**challenge(), "code_challenge_method": None}, "invalid_request"),
    ],
)
def test_redirect_contains_the_error(sign_in, params, error):
    """The redirect of a failed authorization has the error, its description and the state."""
    back = redirect_parameters(sign_in.authorize(**params))

    assert {"error": error, "state": "a state"}.items() <= back.items()
    assert back["error_description"]
    assert "code" not in back


def test_the_user_can_decline(sign_in):
    """With the switch `oauth_denied`, the redirect has the error `access_denied`."""
    sign_in.emulator.switches.oauth_denied = True

    assert redirect_parameters(sign_in.authorize())["error"] == "access_denied"


def test_the_user_can_be_chosen(sign_in):
    """The token acts as the user of the switch `oauth_user`, and by default as the owner."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    names = []
    for name in ("", "ann@example.com", str(ann)):
        sign_in.emulator.switches.oauth_user = name
        pair = sign_in.pair()
        names.append(sign_in.call(pair["access_token"], "GET", "users/me").json()["user"]["name"])
    sign_in.emulator.switches.oauth_user = "nobody@example.com"

    assert names == ["Olivia Owner", "Ann", "Ann"]
    assert sign_in.authorize().status_code == 400


@pytest.mark.parametrize(
    ("client", "sent", "verifier", "status"),
    [
        ("server", challenge(), VERIFIER, 200),
        ("server", challenge(), VERIFIER + "x", 400),
        ("server", challenge(), None, 400),
        ("server", {}, VERIFIER, 400),
        ("desktop", challenge(), VERIFIER, 200),
        ("desktop", challenge(), VERIFIER + "x", 400),
        ("desktop", challenge(), None, 400),
        ("desktop", challenge(), 7, 400),
    ],
)
def test_pkce_requires_the_verifier(sign_in, client, sent, verifier, status):
    """A code that was requested with PKCE requires its verifier; other codes accept none."""
    secret = sign_in.server.secret if client == "server" else None
    code = sign_in.code(client_id=client, **sent)
    response = sign_in.exchange(
        "authorization_code",
        client_id=client,
        client_secret=secret,
        code=code,
        redirect_uri=CALLBACK,
        code_verifier=verifier,
    )

    assert response.status_code == status
    assert status == 200 or response.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("secret", "needed", "status"),
    [(None, False, 200), ("right", False, 200), ("wrong", False, 401), (None, True, 401)],
)
def test_public_client_refreshes_without_its_secret(sign_in, secret, needed, status):
    """A public client can refresh without its secret, unless a switch is set; a wrong one fails."""
    desktop = {"client_id": "desktop", "client_secret": None}
    pair = sign_in.exchange(
        "authorization_code",
        code=sign_in.code(client_id="desktop", **challenge()),
        redirect_uri=CALLBACK,
        code_verifier=VERIFIER,
        **desktop,
    ).json()
    sign_in.emulator.switches.public_refresh_needs_secret = needed
    desktop["client_secret"] = sign_in.desktop.secret if secret == "right" else secret
    response = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"], **desktop)

    assert response.status_code == status


# Concurrent refreshes, and the client that the emulator creates


def test_one_of_several_concurrent_refreshes_succeeds():
    """Of eight threads with the same refresh token, exactly one gets new tokens."""
    with Emulator(oauth="strict") as emulator, emulator.serve(port=0) as server:
        names = SignIn(emulator, server.url)
        pair = names.pair()
        gate, responses = threading.Barrier(8), []

        def refresh() -> None:
            body = {
                "grant_type": "refresh_token",
                "client_id": "server",
                "client_secret": names.server.secret,
                "refresh_token": pair["refresh_token"],
            }
            gate.wait()
            responses.append(requests.post(f"{server.url}/oauth/tokens", json=body, timeout=30))

        threads = [threading.Thread(target=refresh) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [response.json() for response in responses if response.status_code == 200]
        new = [names.call(item["access_token"], "GET", "tickets").status_code for item in won]

    assert sorted(response.status_code for response in responses) == [200, *[400] * 7]
    assert new == [200]
    assert sorted(emulator.token_requests[1:]) == [
        *["refresh_token"],
        *["refresh_token invalid_grant"] * 7,
    ]


def test_the_client_of_the_emulator_keeps_its_secret(tmp_path):
    """The secret of the emulator's client is stored in its file, and is not part of its repr."""
    path = str(tmp_path / "zendesk.db")
    with Emulator(path, oauth="strict") as emulator:
        first = emulator.oauth_client
        row = SignIn(emulator).call(
            SignIn.token(_FixedClient(emulator)), "GET", f"oauth/clients/{first.id}"
        )
    with Emulator(path, oauth="strict") as emulator:
        second = emulator.oauth_client

    assert first == second
    assert (first.identifier, row.json()["client"]["name"]) == ("zendesk_orm", "Emulator")
    assert first.secret not in f"{first!r}{row.text}"


class _FixedClient(SignIn):
    """A program that signs in with the client which the emulator creates."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.server = emulator, emulator.oauth_client
        self.home, self.session = "https://emulator.zendesk.com", emulator.session()

    def exchange(self, grant_type, **fields):
        """Send a token request."""
        return super().exchange(grant_type, client_id="zendesk_orm", **fields)


def test_the_library_signs_in_at_a_strict_emulator(count_requests):
    """`connect()` at a strict emulator needs no credentials; token requests are not counted."""
    with Emulator(oauth="strict") as emulator:
        account = emulator.connect(retry=RetryPolicy(attempts=1))
        emulator.fail_next(None)
        with pytest.raises(ConnectionLost):
            account.raw.get("/api/v2/tickets")
        with count_requests(account, 1):
            account.raw.get("/api/v2/tickets")

        assert emulator.token_requests == ["client_credentials"]
        assert emulator.requests == ["GET tickets"] * 2


@pytest.mark.parametrize("value", ["Strict", "", None, True])
def test_an_unknown_mode_is_rejected(value):
    """The switch `oauth` must be "lenient" or "strict", also when it is changed later."""
    with pytest.raises(ConfigurationError, match="must be one of 'lenient', 'strict'"):
        Emulator(oauth=value)
    with Emulator() as emulator, pytest.raises(ConfigurationError):
        emulator.switches.oauth = value


@pytest.mark.parametrize(("identifier", "kind"), [("server", "public"), ("new", "secret")])
def test_a_client_is_created_once_and_of_a_known_kind(sign_in, identifier, kind):
    """A client with an identifier in use, or of an unknown kind, is rejected."""
    with pytest.raises(ConfigurationError):
        sign_in.emulator.create_client(identifier, kind=kind)
