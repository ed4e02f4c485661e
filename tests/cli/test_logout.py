"""The command `zendesk-orm logout`."""

from __future__ import annotations

from zendesk_orm import FileTokenStore
from zendesk_orm.http.oauth.grants import sign_in_key
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.secret import Secret


def _replace_token(file, zendesk, token):
    FileTokenStore(file).save(sign_in_key(zendesk.host, "desktop"), token)


def _list_calls(zendesk):
    return [f"{method} {path}" for method, path, _ in zendesk.requests[3:]]


CURRENT = "/api/v2/oauth/tokens/current"


def test_the_token_is_revoked_and_deleted(zendesk, browser, login, run, file, stored):
    """`logout` revokes the access token at Zendesk, and deletes the pair from the store."""
    login()
    zendesk.requests = zendesk.requests[:3]

    code, out, err = run("logout", "--file", file)

    assert (code, err) == (0, "")
    assert "revoked and deleted" in out
    assert zendesk.living == {}
    assert stored() is None
    assert _list_calls(zendesk) == [f"GET {CURRENT}", f"DELETE {CURRENT}"]


def test_an_expired_access_token_is_renewed_before_the_revocation(
    zendesk, browser, login, run, file, stored
):
    """If the access token has expired, `logout` renews it, and revokes the new one."""
    login()
    old = stored()
    _replace_token(
        file, zendesk, Token(old.access_token, old.refresh_token, issued_at=1, expires_in=300)
    )
    zendesk.requests = zendesk.requests[:3]

    code, _, _ = run("logout", "--file", file)

    assert code == 0
    assert zendesk.living == {}
    assert _list_calls(zendesk) == ["POST /oauth/tokens", f"GET {CURRENT}", f"DELETE {CURRENT}"]
    assert stored() is None


def test_a_revoked_access_token_is_renewed_before_the_revocation(
    zendesk, browser, login, run, file, stored
):
    """If the access token was revoked, `logout` uses up the refresh token."""
    login()
    zendesk.living.clear()
    before = dict(zendesk.refresh)

    code, _, _ = run("logout", "--file", file)

    assert code == 0
    assert set(before).isdisjoint(zendesk.refresh)
    assert zendesk.living == {}
    assert stored() is None


def test_expired_tokens_are_deleted(zendesk, browser, login, run, file, stored):
    """`logout` with expired tokens deletes them, and succeeds."""
    login()
    zendesk.living.clear()
    zendesk.refresh.clear()

    code, _, err = run("logout", "--file", file)

    assert (code, err) == (0, "")
    assert stored() is None


def test_a_second_logout_is_an_error(browser, login, run, file):
    """A second logout is an error with the message that no user is signed in."""
    login()
    run("logout", "--file", file)

    code, _, err = run("logout", "--file", file)

    assert code == 1
    assert "nobody is signed in" in err


def test_an_unreachable_account_keeps_the_tokens(browser, login, run, file, stored):
    """`logout` without a connection keeps the tokens, and `--local` deletes them."""
    login()
    host, store = sign_in_key("127.0.0.1:1", "desktop"), FileTokenStore(file)
    store.save(host, Token(Secret("a" * 20), Secret("r" * 20), issued_at=9e9, expires_in=300))
    where = ["--file", file, "--base-url", "http://127.0.0.1:1", "--client-id", "desktop"]

    code, _, err = run("logout", *where)

    assert code == 1
    assert "were not revoked" in err
    assert "--local" in err
    assert err.count("\n") == 1
    assert store.load(host) is not None

    code, out, _ = run("logout", "--local", *where)

    assert code == 0
    assert "not revoked" in out
    assert store.load(host) is None
    assert stored() is not None


def test_one_of_several_sign_ins_is_selected(zendesk, browser, login, run, file, stored):
    """`logout` ends the selected sign-in only, and does nothing if none is selected."""
    login()
    FileTokenStore(file).save("acme.zendesk.com desktop", Token(Secret("a" * 20)))

    assert run("logout", "--file", file)[0] == 1
    assert stored() is not None
    assert run("logout", "--file", file, "--base-url", zendesk.url)[0] == 0
    assert FileTokenStore(file).keys() == ["acme.zendesk.com desktop"]
