"""`zendesk-orm logout`."""

from __future__ import annotations

from zendesk_orm import FileTokenStore
from zendesk_orm.http.oauth.grants import sign_in_key
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.secret import Secret


def _replace(file, zendesk, token):
    FileTokenStore(file).save(sign_in_key(zendesk.host, "desktop"), token)


def _calls(zendesk):
    return [f"{method} {path}" for method, path, _ in zendesk.requests[3:]]


CURRENT = "/api/v2/oauth/tokens/current"


def test_the_token_is_revoked_and_deleted(zendesk, browser, login, run, file, stored):
    """Zendesk forgets the access token, and the store the pair."""
    login()
    zendesk.requests = zendesk.requests[:3]

    code, out, err = run("logout", "--file", file)

    assert (0, "") == (code, err)
    assert "revoked and deleted" in out
    assert {} == zendesk.living
    assert stored() is None
    assert [f"GET {CURRENT}", f"DELETE {CURRENT}"] == _calls(zendesk)


def test_an_expired_access_token_is_renewed_to_end_the_refresh_token(
    zendesk, browser, login, run, file, stored
):
    """Neither token of the pair is usable afterwards."""
    login()
    old = stored()
    _replace(file, zendesk, Token(old.access_token, old.refresh_token, issued_at=1, expires_in=300))
    zendesk.requests = zendesk.requests[:3]

    code, _, _ = run("logout", "--file", file)

    assert 0 == code
    assert {} == zendesk.living
    assert ["POST /oauth/tokens", f"GET {CURRENT}", f"DELETE {CURRENT}"] == _calls(zendesk)
    assert stored() is None


def test_a_revoked_access_token_is_renewed_too(zendesk, browser, login, run, file, stored):
    """A living refresh token is spent, even if the access token seems to be alive."""
    login()
    zendesk.living.clear()
    before = dict(zendesk.refresh)

    code, _, _ = run("logout", "--file", file)

    assert 0 == code
    assert set(before).isdisjoint(zendesk.refresh)
    assert {} == zendesk.living
    assert stored() is None


def test_tokens_that_are_dead_are_deleted(zendesk, browser, login, run, file, stored):
    """Nothing is left to revoke: that is a success."""
    login()
    zendesk.living.clear()
    zendesk.refresh.clear()

    code, _, err = run("logout", "--file", file)

    assert (0, "") == (code, err)
    assert stored() is None


def test_a_second_logout_finds_nobody(browser, login, run, file):
    """It is an error that says so."""
    login()
    run("logout", "--file", file)

    code, _, err = run("logout", "--file", file)

    assert 1 == code
    assert "nobody is signed in" in err


def test_zendesk_cannot_be_reached(browser, login, run, file, stored):
    """The tokens are kept, unless --local deletes them here only."""
    login()
    host, kept = sign_in_key("127.0.0.1:1", "desktop"), FileTokenStore(file)
    kept.save(host, Token(Secret("a" * 20), Secret("r" * 20), issued_at=9e9, expires_in=300))
    where = ["--file", file, "--base-url", "http://127.0.0.1:1", "--client-id", "desktop"]

    code, _, err = run("logout", *where)

    assert 1 == code
    assert "were not revoked" in err
    assert "--local" in err
    assert 1 == err.count("\n")
    assert kept.load(host) is not None

    code, out, _ = run("logout", "--local", *where)

    assert 0 == code
    assert "not revoked" in out
    assert kept.load(host) is None
    assert stored() is not None


def test_one_of_several(zendesk, browser, login, run, file, stored):
    """The others stay signed in; without a choice nothing is done."""
    login()
    FileTokenStore(file).save("acme.zendesk.com desktop", Token(Secret("a" * 20)))

    assert 1 == run("logout", "--file", file)[0]
    assert stored() is not None
    assert 0 == run("logout", "--file", file, "--base-url", zendesk.url)[0]
    assert ["acme.zendesk.com desktop"] == FileTokenStore(file).keys()
