"""Signing in at the emulator: `/oauth/authorizations/new` and `/oauth/tokens`."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.conftest import NOW
from tests.emulator.oauth_client import CALLBACK, VERIFIER, SignIn, challenge, refusal, result
from zendesk_orm import ConfigurationError, ConnectionLost, RetryPolicy
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


INVALID_CLIENT = (401, "invalid_client")
INVALID_GRANT = (400, "invalid_grant")
INVALID_REQUEST = (400, "invalid_request")
UNSUPPORTED = (400, "unsupported_grant_type")


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Return a program that signs in at a strict emulator, at a known time."""
    with Emulator(oauth="strict", clock=VirtualClock(NOW)) as emulator:
        yield SignIn(emulator)


# -- the grants --------------------------------------------------------------


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_client_credentials_bring_an_access_token_only(mode, form):
    """The client signs in with its secret, as JSON or as a form, and gets no refresh token."""
    with Emulator(oauth=mode) as emulator:
        answer = SignIn(emulator).exchange("client_credentials", form=form, scope="read write")

        assert 200 == answer.status_code
        assert {"access_token", "token_type", "scope"} == set(answer.json())
        assert ("bearer", "read write") == (answer.json()["token_type"], answer.json()["scope"])
        assert ["client_credentials"] == emulator.token_requests
        assert [] == emulator.requests


@pytest.mark.parametrize("form", [False, True])
def test_a_code_is_exchanged_for_a_pair(sign_in, form):
    """A person's sign-in brings an access token and a refresh token."""
    answer = sign_in.exchange(
        "authorization_code", form=form, code=sign_in.code(), redirect_uri=CALLBACK
    )

    values = answer.json()
    assert 200 == answer.status_code
    assert "read write" == values["scope"]
    assert 2_592_000 == values["refresh_token_expires_in"]
    assert "expires_in" not in values
    assert 200 == sign_in.call(values["access_token"], "GET", "tickets").status_code


@pytest.mark.parametrize("form", [False, True])
def test_a_refresh_replaces_both_tokens(sign_in, form):
    """The old access token and the old refresh token are dead as soon as the new pair is there."""
    old = sign_in.pair(scope="read")
    new = sign_in.exchange("refresh_token", form=form, refresh_token=old["refresh_token"])
    again = sign_in.exchange("refresh_token", refresh_token=old["refresh_token"])
    statuses = [
        sign_in.call(pair["access_token"], "GET", "tickets").status_code
        for pair in (old, new.json())
    ]

    assert 200 == new.status_code
    assert "read" == new.json()["scope"]
    assert [401, 200] == statuses
    assert INVALID_GRANT == refusal(again)
    assert "Refresh token is invalid or expired" in again.json()["error_description"]
    assert ["authorization_code", "refresh_token", "refresh_token invalid_grant"] == (
        sign_in.emulator.token_requests
    )


def test_a_refresh_falls_back_to_the_default_lifetimes(sign_in):
    """Lifetimes that are not requested again are 30 minutes and 30 days."""
    pair = sign_in.pair(expires_in=172_800, refresh_token_expires_in=7_776_000)
    assert (172_800, 7_776_000) == (pair["expires_in"], pair["refresh_token_expires_in"])

    pair = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"]).json()
    token = sign_in.call(pair["access_token"], "GET", "oauth/tokens/current").json()["token"]

    assert 2_592_000 == pair["refresh_token_expires_in"]
    assert ("2026-09-21T14:43:20Z", "2026-10-21T14:13:20Z") == (
        token["expires_at"],
        token["refresh_token_expires_at"],
    )


def test_a_request_for_expires_in_is_answered_with_it(sign_in):
    """Without one the response has no `expires_in` unless a switch says so."""
    asked = sign_in.exchange("client_credentials", expires_in="300").json()
    sign_in.emulator.switches.expires_in_always = True
    always = sign_in.exchange("client_credentials").json()

    assert (300, 1800) == (asked["expires_in"], always["expires_in"])


def test_a_lost_answer_spends_the_refresh_token(sign_in):
    """There is no grace period: after a broken connection a new sign-in is due."""
    pair = sign_in.pair()
    sign_in.emulator.fail_next(None, path="~/oauth/tokens", after_applying=True)
    with pytest.raises(requests.ConnectionError):
        sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])

    answer = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"])
    assert INVALID_GRANT == refusal(answer)
    assert "refresh_token dropped" == sign_in.emulator.token_requests[-2]


# -- time --------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "lifetime"), [({}, 1800), ({"expires_in": 300}, 300)])
def test_an_access_token_expires_by_the_clock(sign_in, asked, lifetime):
    """It is valid for its lifetime and not for a second more."""
    token = sign_in.token(**asked)
    sign_in.clock.sleep(lifetime - 1)
    before = sign_in.call(token, "GET", "tickets").status_code
    sign_in.clock.sleep(1)
    after = sign_in.call(token, "GET", "tickets")

    assert (200, 401) == (before, after.status_code)
    assert "invalid_token" == after.json()["error"]


@pytest.mark.parametrize(
    ("asked", "lifetime"),
    [({}, 2_592_000), ({"refresh_token_expires_in": 604_800}, 604_800)],
)
def test_a_refresh_token_expires_by_the_clock(sign_in, asked, lifetime):
    """It outlives its access token, and ends on time."""
    early, late = sign_in.pair(**asked), sign_in.pair(**asked)
    sign_in.clock.sleep(lifetime - 1)
    before = sign_in.exchange("refresh_token", refresh_token=early["refresh_token"])
    sign_in.clock.sleep(1)
    after = sign_in.exchange("refresh_token", refresh_token=late["refresh_token"])

    assert 200 == before.status_code
    assert INVALID_GRANT == refusal(after)


def test_a_code_lives_two_minutes(sign_in):
    """At 119 seconds it can be exchanged, at 120 it cannot."""
    early, late = sign_in.code(), sign_in.code()
    sign_in.clock.sleep(119)
    before = sign_in.exchange("authorization_code", code=early, redirect_uri=CALLBACK)
    sign_in.clock.sleep(1)
    after = sign_in.exchange("authorization_code", code=late, redirect_uri=CALLBACK)

    assert 200 == before.status_code
    assert INVALID_GRANT == refusal(after)


# -- errors ------------------------------------------------------------------


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
def test_a_wrong_request_is_refused(sign_in, grant_type, fields, expected, form):
    """Each fault has its status and its code, in both forms of the body."""
    assert expected == refusal(sign_in.exchange(grant_type, form=form, **fields))


def test_the_numeric_id_of_a_client_is_not_its_identifier(sign_in):
    """`client_id` is the identifier; the number of the client is refused as unknown."""
    for number in (sign_in.server.id, str(sign_in.server.id)):
        answer = sign_in.exchange("client_credentials", client_id=number)
        assert INVALID_CLIENT == refusal(answer)


def test_the_ends_of_the_ranges_of_lifetimes_are_accepted(sign_in):
    """Both ranges include their limits."""
    for expires_in, refresh in ((300, 604_800), (172_800, 7_776_000)):
        pair = sign_in.pair(expires_in=expires_in, refresh_token_expires_in=refresh)
        assert (expires_in, refresh) == (pair["expires_in"], pair["refresh_token_expires_in"])


def test_public_clients_have_no_client_credentials(sign_in):
    """Only confidential clients can act without a person."""
    desktop = {"client_id": "desktop", "client_secret": sign_in.desktop.secret}
    answer = sign_in.exchange("client_credentials", **desktop)

    assert (400, "unauthorized_client") == refusal(answer)


def test_unconfirmed_statuses_are_switches(sign_in):
    """Statuses that nobody has confirmed can be changed."""
    switches = sign_in.emulator.switches
    switches.invalid_client_status, switches.invalid_grant_status = 400, 401
    switches.token_status = 201

    assert 400 == sign_in.exchange("client_credentials", client_secret="x").status_code
    assert 401 == sign_in.exchange("refresh_token", refresh_token="x").status_code
    assert 201 == sign_in.exchange("client_credentials").status_code


def test_a_code_is_used_once_by_its_client_at_its_address(sign_in):
    """A used code, another client's code and another redirect_uri are refused."""
    code = sign_in.code()
    other = sign_in.emulator.create_client("other", redirect_uri=CALLBACK)
    as_other = {"client_id": "other", "client_secret": other.secret}
    answers = [
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK + "/"),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK, **as_other),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK),
        sign_in.exchange("authorization_code", code=code, redirect_uri=CALLBACK),
    ]

    assert [400, 400, 200, 400] == [answer.status_code for answer in answers]


def test_a_refresh_token_belongs_to_its_client(sign_in):
    """Another client cannot use it, and does not spend it by trying."""
    pair = sign_in.pair()
    other = sign_in.emulator.create_client("other")
    stolen = sign_in.exchange(
        "refresh_token",
        client_id="other",
        client_secret=other.secret,
        refresh_token=pair["refresh_token"],
    )

    assert INVALID_GRANT == refusal(stolen)
    assert 200 == sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"]).status_code


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


@given(
    fields=st.dictionaries(st.sampled_from(_NAMES), _JSON),
    grant_type=st.sampled_from(["authorization_code", "refresh_token", "client_credentials", None]),
)
def test_no_token_request_breaks_the_emulator(fields, grant_type):
    """Whatever types the fields have, the response is a success or an error of the client."""
    with Emulator() as emulator:
        if grant_type:
            fields = {"grant_type": grant_type, **fields}
        known = SignIn(emulator)
        valid = {"client_id": "server", "client_secret": known.server.secret, **fields}
        for body in (fields, valid):
            answer = known.session.post(f"{known.home}/oauth/tokens", json=_finite(body))
            assert answer.status_code < 500, answer.text


@given(body=st.binary() | st.sampled_from([b"[" * 9_999, b'"\\ud800"', b"9" * 5_000, b"null"]))
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_no_body_breaks_the_emulator(kind, body):
    """A body that cannot be read is a request without fields."""
    with Emulator() as emulator:
        answer = emulator.session().post(
            "https://emulator.zendesk.com/oauth/tokens", data=body, headers={"Content-Type": kind}
        )
        assert 400 <= answer.status_code < 500


def _finite(value):
    """Return JSON without the numbers that `requests` does not encode."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and value - value != 0 else value


# -- scopes at sign-in -------------------------------------------------------


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
def test_unknown_scopes_are_dropped(sign_in, scope, granted):
    """The response names the scopes that exist; a JSON array grants none at all."""
    answer = sign_in.exchange("client_credentials", scope=scope)

    assert (200, granted) == (answer.status_code, answer.json()["scope"])


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
def test_a_client_has_a_ceiling_of_scopes(sign_in, ceiling, scope, status):
    """A scope above it is `invalid_scope`, and no token is issued."""
    client = sign_in.emulator.create_client("low", redirect_uri=CALLBACK, scopes=ceiling)
    answer = sign_in.exchange(
        "client_credentials", client_id="low", client_secret=client.secret, scope=scope
    )
    page = result(sign_in.authorize(client_id="low", scope=scope))

    assert status == answer.status_code
    assert status == 200 or (answer.json()["error"], page["error"]) == ("invalid_scope",) * 2


def test_a_token_has_no_more_than_the_person_has_approved(sign_in):
    """The scopes of the exchange narrow those of the authorization, and never widen them."""
    wide, narrow = sign_in.code(scope="read"), sign_in.code(scope="read write")
    refused = sign_in.exchange(
        "authorization_code", code=wide, redirect_uri=CALLBACK, scope="read write"
    )
    granted = sign_in.exchange(
        "authorization_code", code=narrow, redirect_uri=CALLBACK, scope="tickets:read"
    )

    assert (400, "invalid_scope") == refusal(refused)
    assert "tickets:read" == granted.json()["scope"]


# -- the page and PKCE -------------------------------------------------------


def test_the_page_sends_the_browser_back_with_the_state(sign_in):
    """The user agrees at once; the query of the address is kept."""
    address = "https://app.example.com/back?tenant=7"
    sign_in.emulator.create_client("web", redirect_uri=[CALLBACK, address])
    answer = sign_in.authorize(client_id="web", redirect_uri=address, state="a&b=c é")

    assert answer.headers["Location"].startswith("https://app.example.com/back?tenant=7&code=")
    assert {"tenant": "7", "state": "a&b=c é"}.items() <= result(answer).items()
    assert [] == sign_in.emulator.requests


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
def test_nobody_is_sent_to_an_unregistered_address(sign_in, params):
    """Without a client and one of its addresses there is a page, and no redirect."""
    answer = sign_in.authorize(**params)

    assert 400 == answer.status_code
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")


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
def test_the_page_reports_errors_to_the_client(sign_in, params, error):
    """The browser comes back with the error, its description and the state."""
    back = result(sign_in.authorize(**params))

    assert {"error": error, "state": "a state"}.items() <= back.items()
    assert back["error_description"]
    assert "code" not in back


def test_a_user_can_decline(sign_in):
    """A switch makes the user decline: `access_denied`."""
    sign_in.emulator.switches.oauth_denied = True

    assert "access_denied" == result(sign_in.authorize())["error"]


def test_a_switch_says_who_signs_in(sign_in):
    """The token acts as that user; without the switch as the owner."""
    token = sign_in.token()
    user = {"user": {"name": "Ann", "email": "ann@example.com", "role": "agent"}}
    ann = sign_in.call(token, "POST", "users", user).json()["user"]["id"]
    names = []
    for name in ("", "ann@example.com", str(ann)):
        sign_in.emulator.switches.oauth_user = name
        pair = sign_in.pair()
        names.append(sign_in.call(pair["access_token"], "GET", "users/me").json()["user"]["name"])
    sign_in.emulator.switches.oauth_user = "nobody@example.com"

    assert ["Olivia Owner", "Ann", "Ann"] == names
    assert 400 == sign_in.authorize().status_code


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
def test_the_verifier_matches_the_challenge(sign_in, client, sent, verifier, status):
    """A code that was requested with PKCE needs its verifier, and one without takes none."""
    secret = sign_in.server.secret if client == "server" else None
    code = sign_in.code(client_id=client, **sent)
    answer = sign_in.exchange(
        "authorization_code",
        client_id=client,
        client_secret=secret,
        code=code,
        redirect_uri=CALLBACK,
        code_verifier=verifier,
    )

    assert status == answer.status_code
    assert status == 200 or answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("secret", "needed", "status"),
    [(None, False, 200), ("right", False, 200), ("wrong", False, 401), (None, True, 401)],
)
def test_a_public_client_refreshes_without_its_secret(sign_in, secret, needed, status):
    """A secret that is sent has to be right; whether one is needed is a switch."""
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
    answer = sign_in.exchange("refresh_token", refresh_token=pair["refresh_token"], **desktop)

    assert status == answer.status_code


# -- many at once, and the emulator's own client -----------------------------


def test_one_of_many_refreshes_wins():
    """Of eight threads with the same refresh token exactly one gets a pair, at a socket."""
    with Emulator(oauth="strict") as emulator, emulator.serve(port=0) as server:
        known = SignIn(emulator, server.url)
        pair = known.pair()
        gate, answers = threading.Barrier(8), []

        def refresh() -> None:
            body = {
                "grant_type": "refresh_token",
                "client_id": "server",
                "client_secret": known.server.secret,
                "refresh_token": pair["refresh_token"],
            }
            gate.wait()
            answers.append(requests.post(f"{server.url}/oauth/tokens", json=body, timeout=30))

        threads = [threading.Thread(target=refresh) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [answer.json() for answer in answers if answer.status_code == 200]
        new = [known.call(each["access_token"], "GET", "tickets").status_code for each in won]

    assert [200, *[400] * 7] == sorted(answer.status_code for answer in answers)
    assert [200] == new
    assert [*["refresh_token"], *["refresh_token invalid_grant"] * 7] == sorted(
        emulator.token_requests[1:]
    )


def test_the_emulator_has_a_client_of_its_own(tmp_path):
    """Its secret is the same after the file was opened again, and not in its repr."""
    path = str(tmp_path / "zendesk.db")
    with Emulator(path, oauth="strict") as emulator:
        first = emulator.oauth_client
        row = SignIn(emulator).call(
            SignIn.token(_Known(emulator)), "GET", f"oauth/clients/{first.id}"
        )
    with Emulator(path, oauth="strict") as emulator:
        second = emulator.oauth_client

    assert first == second
    assert ("zendesk_orm", "Emulator") == (first.identifier, row.json()["client"]["name"])
    assert first.secret not in f"{first!r}{row.text}"


class _Known(SignIn):
    """Signs in with the client that the emulator has made itself."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.server = emulator, emulator.oauth_client
        self.home, self.session = "https://emulator.zendesk.com", emulator.session()

    def exchange(self, grant_type, **fields):
        """Send a token request."""
        return super().exchange(grant_type, client_id="zendesk_orm", **fields)


def test_the_library_signs_in_at_a_strict_emulator(count_requests):
    """`connect()` needs no credentials; token requests are not counted among the requests."""
    with Emulator(oauth="strict") as emulator:
        account = emulator.connect(retry=RetryPolicy(attempts=1))
        emulator.fail_next(None)
        with pytest.raises(ConnectionLost):
            account.raw.get("/api/v2/tickets")
        with count_requests(account, 1):
            account.raw.get("/api/v2/tickets")

        assert ["client_credentials"] == emulator.token_requests
        assert ["GET tickets"] * 2 == emulator.requests


@pytest.mark.parametrize("value", ["Strict", "", None, True])
def test_an_unknown_mode_is_refused(value):
    """`oauth` is "lenient" or "strict", also when it is changed later."""
    with pytest.raises(ConfigurationError, match="must be 'lenient' or 'strict'"):
        Emulator(oauth=value)
    with Emulator() as emulator, pytest.raises(ConfigurationError):
        emulator.switches.oauth = value


@pytest.mark.parametrize(("identifier", "kind"), [("server", "public"), ("new", "secret")])
def test_a_client_is_created_once_and_of_a_known_kind(sign_in, identifier, kind):
    """An identifier that is taken and a kind that does not exist are refused."""
    with pytest.raises(ConfigurationError):
        sign_in.emulator.create_client(identifier, kind=kind)
