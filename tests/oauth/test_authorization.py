"""The authorization request: its URL, the state, and the parameters of the redirect."""

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


def test_the_url_has_a_challenge_and_no_verifier():
    """The authorization URL has the challenge of RFC 7636 and no verifier, all percent-encoded."""
    created = request(verifier=Secret(VERIFIER), state=Secret("s&t"))

    assert created.url("https://acme.zendesk.com/") == (
        "https://acme.zendesk.com/oauth/authorizations/new?response_type=code&client_id=my+app"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8085%2Fcallback&scope=read+write&state=s%26t"
        f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )


def test_each_request_has_another_state_and_verifier():
    """Each request has another state and verifier, which are long and need no encoding."""
    one, other = request(), request()

    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(reveal(one.verifier)) <= 128


def test_control_characters_of_a_redirect_are_escaped():
    """Control characters in the error of a redirect, which any page can send, are escaped."""
    with pytest.raises(SignInFailed) as caught:
        request().code(f"{REDIRECT}?error=%1b[31mx&error_description=a%0ab%1b]0;x%07")

    assert str(caught.value).isprintable()


def test_secrets_are_not_displayed():
    """Neither the repr nor a pickle of an authorization request contains its secrets."""
    created = request(client_secret="s3cr3t", verifier=Secret(VERIFIER))

    assert "s3cr3t" not in repr(created)
    assert VERIFIER not in repr(created)
    with pytest.raises(TypeError):
        pickle.dumps(created)


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
    """A redirect with a code matches if it has the state of the request; an error needs none."""
    created = request(state=Secret("right"))

    assert matches is created.matches(redirect)
    if not matches:
        with pytest.raises(SignInFailed, match="another state"):
            created.code(redirect)


def test_a_code_is_a_secret():
    """The code of the redirect is not displayed."""
    code = request(state=Secret("right")).code(f" {REDIRECT}?code=c0d3&state=right\n")

    assert reveal(code) == "c0d3"
    assert f"{code}" == "..."


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
def test_redirects_without_a_code_raise(query, message):
    """A redirect without a code raises an error with the reason."""
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
    """A redirect URL that Zendesk does not accept raises before the browser opens."""
    with pytest.raises(ConfigurationError, match="redirect_uri must be https"):
        AuthorizationRequest("my_app", uri)


def test_a_server_listens_to_this_machine_only():
    """A redirect URL of another machine cannot be served."""
    with pytest.raises(ConfigurationError, match="does not reach this program"):
        LoopbackServer("https://acme.com/callback", lambda redirect: True)


def test_a_server_that_is_not_started_can_be_closed():
    """Closing a redirect server that was not started releases its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for _ in range(2):
        LoopbackServer(uri, lambda redirect: True).close()
