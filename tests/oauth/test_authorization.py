"""The authorization request: its address, the state, and what a redirect brings."""

from __future__ import annotations

import pickle
import socket

import pytest

from zendesk_orm import ConfigurationError, SignInFailed
from zendesk_orm.http.oauth.authorization import AuthorizationRequest
from zendesk_orm.http.oauth.loopback import LoopbackServer
from zendesk_orm.http.secret import Secret, reveal


REDIRECT = "http://127.0.0.1:8085/callback"
#: The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def request(**values):
    return AuthorizationRequest("my app", REDIRECT, **values)


def test_the_address_has_a_challenge_and_no_verifier():
    """The challenge is that of RFC 7636, and each part is encoded."""
    made = request(verifier=Secret(VERIFIER), state=Secret("s&t"))

    assert (
        "https://acme.zendesk.com/oauth/authorizations/new?response_type=code&client_id=my+app"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8085%2Fcallback&scope=read+write&state=s%26t"
        f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
    ) == made.url("https://acme.zendesk.com/")


def test_each_request_has_its_own_state_and_verifier():
    """Both are long, random, and of characters that need no encoding."""
    one, other = request(), request()

    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(reveal(one.verifier)) <= 128


def test_what_a_redirect_says_does_not_control_a_terminal():
    """Any page in the browser can call the redirect URL with an error."""
    with pytest.raises(SignInFailed) as caught:
        request().code(f"{REDIRECT}?error=%1b[31mx&error_description=a%0ab%1b]0;x%07")

    assert str(caught.value).isprintable()


def test_secrets_are_not_shown():
    """Neither repr nor pickle contains them."""
    made = request(client_secret="s3cr3t", verifier=Secret(VERIFIER))

    assert "s3cr3t" not in repr(made)
    assert VERIFIER not in repr(made)
    with pytest.raises(TypeError):
        pickle.dumps(made)


@pytest.mark.parametrize(
    ("redirect", "matches"),
    [
        (f"{REDIRECT}?code=c&state=right", True),
        (f"{REDIRECT}?error=access_denied&state=right", True),
        (f"{REDIRECT}?error=access_denied", True),
        (f"{REDIRECT}?error=access_denied&state=wrong", False),
        (f"{REDIRECT}?code=c&state=wrong", False),
        (f"{REDIRECT}?code=c&state=right&state=right", False),
        (f"{REDIRECT}?code=c&state=", False),
        (f"{REDIRECT}?code=c", False),
        (f"{REDIRECT}?code=c&state=%C3%A9%ff", False),
        ("http://[:1", False),
        ("", False),
        ("right", False),
    ],
)
def test_a_redirect_matches_by_its_state(redirect, matches):
    """A code counts with the right state only; a refusal without any, too."""
    made = request(state=Secret("right"))

    assert matches is made.matches(redirect)
    if not matches:
        with pytest.raises(SignInFailed, match="another state"):
            made.code(redirect)


def test_a_code_is_a_secret():
    """It is read from the redirect, and not displayed."""
    code = request(state=Secret("right")).code(f" {REDIRECT}?code=c0d3&state=right\n")

    assert "c0d3" == reveal(code)
    assert "..." == f"{code}"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("error=access_denied&error_description=No+thanks", "access_denied: No thanks"),
        ("error=invalid_scope", "compare OAuth client 'my app'"),
        ("code=", "has no code"),
        ("code=a&code=b", "has no code"),
        ("error=&code=c", "Admin Center"),
    ],
)
def test_refusals(query, message):
    """A redirect without one code is an error that says why."""
    with pytest.raises(SignInFailed, match=message):
        request(state=Secret("right")).code(f"{REDIRECT}?{query}&state=right")


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com/callback",
        "ftp://localhost/",
        "http://localhost.example.com/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://user@127.0.0.1/",
        "https:///callback",
        "https://acme.com/#fragment",
        "/callback",
        "",
        None,
    ],
)
def test_redirect_urls_are_https_or_of_this_machine(uri):
    """What Zendesk cannot register is refused before the person is sent there."""
    with pytest.raises(ConfigurationError, match="redirect_uri must be https"):
        AuthorizationRequest("my_app", uri)


def test_a_server_listens_to_this_machine_only():
    """A redirect URL elsewhere cannot be served."""
    with pytest.raises(ConfigurationError, match="does not reach this program"):
        LoopbackServer("https://acme.com/callback", lambda redirect: True)


def test_a_server_that_is_not_started_can_be_closed():
    """The port is free again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for _ in range(2):
        LoopbackServer(uri, lambda redirect: True).close()
