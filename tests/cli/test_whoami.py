"""The command `zendesk-orm whoami`, and the account that commands use."""

from __future__ import annotations

import json

import pytest

from tests.cli.zendesk import SECRET, answer
from zendesk_orm import FileTokenStore, connect, connections
from zendesk_orm.http.oauth.grants import sign_in_key
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.secret import Secret, reveal


@pytest.fixture
def environment(monkeypatch, zendesk):
    """Return a function that sets ZENDESK_... variables for the account."""

    def environment(**values):
        monkeypatch.setenv("ZENDESK_BASE_URL", zendesk.url)
        for name, value in values.items():
            monkeypatch.setenv(f"ZENDESK_{name.upper()}", str(value))

    return environment


def store(file, host, client="desktop", **values):
    token = Token(Secret("a" * 20), Secret("r" * 20), issued_at=1.0, expires_in=300.0, **values)
    FileTokenStore(file).save(sign_in_key(host, client), token)


def test_whoami_uses_the_stored_sign_in(zendesk, browser, login, run, file):
    """`whoami` uses the only stored sign-in, and prints user and expiry."""
    login()

    code, out, err = run("whoami", "--file", file)

    lines = dict(line.split(maxsplit=1) for line in out.splitlines() if line.split())
    assert (code, err) == (0, "")
    assert zendesk.host == lines["Account"]
    assert lines["User"] == "Ada Lovelace <ada@acme.com>, id 7"
    assert lines["Role"] == "agent"
    assert lines["Scopes"] == "read write"
    assert "Credentials    refresh token of OAuth client 'desktop'\n" in out
    assert f"Stored in      {file}\n" in out
    assert out.count("expires at 20") == 2
    assert [item for item in zendesk.issued if item in out] == []


def test_whoami_prints_json(zendesk, browser, login, run, file):
    """`--json` prints the same values as a JSON object."""
    login()

    code, out, _ = run("whoami", "--json", "--file", file)

    result = json.loads(out)
    assert code == 0
    assert {"host": zendesk.host, "id": 7, "email": "ada@acme.com", "role": "agent"}.items() <= (
        result.items()
    )
    assert result["scopes"] == ["read", "write"]
    assert result["expires_at"] < result["refresh_token_expires_at"]


def test_an_expired_access_token_is_renewed(zendesk, browser, login, run, file, stored):
    """`whoami` renews an expired access token."""
    login()
    old = stored()
    values = {"issued_at": old.issued_at - 7200, "expires_in": 7200.0, "scope": old.scope}
    FileTokenStore(file).save(
        sign_in_key(zendesk.host, "desktop"), Token(old.access_token, old.refresh_token, **values)
    )

    code, _, _ = run("whoami", "--file", file)

    assert code == 0
    assert reveal(old.access_token) != reveal(stored().access_token)


@pytest.mark.parametrize(
    ("values", "kind", "user"),
    [
        ({"email": "ada@acme.com", "token": "t"}, "API token", "Ada Lovelace"),
        ({"email": "ada@acme.com", "password": "p"}, "password", "Ada Lovelace"),
        ({"anonymous": "1"}, "anonymous access", "nobody (anonymous)"),
    ],
)
def test_other_credentials_have_neither_scopes_nor_expiry(run, environment, values, kind, user):
    """API tokens, passwords and anonymous access have no scopes, and do not expire."""
    environment(**values)

    code, out, _ = run("whoami")

    assert code == 0
    assert kind in out
    assert user in out
    assert "Scopes" not in out


def test_a_fixed_token_has_scopes_and_an_expiry(zendesk, run, environment):
    """A fixed OAuth token is printed with its scopes and its expiry."""
    zendesk.grant("desktop", ["read"], 300, 604_800)
    environment(oauth_token=next(iter(zendesk.living)))

    code, out, _ = run("whoami")

    assert code == 0
    assert "OAuth token" in out
    assert "Scopes         read\n" in out


def test_client_credentials_are_accepted(run, environment, zendesk, monkeypatch):
    """Client credentials are accepted, and can act as a user."""

    def tokens(request, body):
        assert body["grant_type"] == "client_credentials"
        return zendesk.grant("server", ["read", "write"], body["expires_in"], 604_800)

    monkeypatch.setattr(zendesk, "tokens", tokens)
    environment(oauth_client_id="server", oauth_client_secret=SECRET)

    code, out, err = run("whoami")

    assert (code, err) == (0, "")
    assert "OAuth client 'server' (client credentials)" in out
    assert SECRET not in out


def test_a_url_selects_the_account(run):
    """`--url` selects any account, including an emulator."""
    code, out, _ = run("whoami", "--url", "emulator://?seed=demo")

    assert code == 0
    assert "Account        emulator.zendesk.com\n" in out
    assert "Role           admin\n" in out


def test_the_connected_account_is_the_default(zendesk, run):
    """In a program, the command uses the connected default account."""
    connect(base_url=zendesk.url, email="ada@acme.com", token="t")

    code, out, _ = run("whoami")

    assert code == 0
    assert "API token" in out


def test_a_token_without_a_scope_to_read_users(zendesk, run, environment, monkeypatch):
    """`whoami` prints the id of the user if the token may not read users."""
    zendesk.grant("desktop", ["tickets:read"], 300, 604_800)
    environment(oauth_token=next(iter(zendesk.living)))
    refusal = {"error": "Forbidden", "description": "You are missing the required scopes: read"}
    monkeypatch.setattr(zendesk, "me", lambda request, body: answer(refusal, 403))

    code, out, _ = run("whoami")

    assert code == 0
    assert "user 7 (the scopes" in out


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"oauth_token": "d3ad"}, "invalid_token"),
        ({"email": "ada@acme.com", "token": "wr0ng"}, "Couldn't authenticate you"),
        ({"email": "ada@acme.com"}, "ZENDESK_EMAIL needs ZENDESK_TOKEN or ZENDESK_PASSWORD"),
    ],
)
def test_rejected_credentials_are_an_error(run, environment, values, message):
    """Rejected or incomplete credentials are an error of one line with exit code 1."""
    environment(**values)

    code, out, err = run("whoami")

    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
    assert [value for name, value in values.items() if "token" in name and value in err] == []


def test_a_response_for_an_anonymous_user_is_an_error(zendesk, run, environment, monkeypatch):
    """Credentials are rejected if Zendesk returns the anonymous user with the status 200."""
    monkeypatch.setattr(zendesk, "me", lambda request, body: answer({"user": {"id": None}}))
    environment(email="ada@acme.com", token="t")

    code, _, err = run("whoami")

    assert code == 1
    assert "rejected <API token of ada@acme.com>" in err


def test_the_error_without_a_sign_in_contains_the_remedy(run, file):
    """Without a sign-in, the error explains how to sign in."""
    code, out, err = run("whoami", "--file", file)

    assert (code, out) == (1, "")
    assert "nobody is signed in" in err
    assert "zendesk-orm login" in err
    assert err.count("\n") == 1


def test_a_stored_sign_in_does_not_replace_a_given_account(run, file):
    """A stored sign-in is not used if another account or client is given."""
    store(file, "acme.zendesk.com")

    for arguments in (["--subdomain", "other"], ["--client-id", "other"]):
        code, _, err = run("whoami", "--file", file, *arguments)

        assert code == 1
        assert "nobody is signed in" in err
        assert "other" in err


def test_a_variable_of_another_sign_in_is_reported(run, file, monkeypatch):
    """If a variable selects no stored sign-in, the error contains the variable."""
    store(file, "acme.zendesk.com")

    for name in ("SUBDOMAIN", "OAUTH_CLIENT_ID"):
        with monkeypatch.context() as patched:
            patched.setenv(f"ZENDESK_{name}", "stale")
            code, _, err = run("whoami", "--file", file)

        assert code == 1
        assert f"ZENDESK_{name}" in err.partition("looked in")[0]
        assert str(file) in err


def test_an_unreadable_file_of_tokens_is_an_error(run, tmp_path):
    """An unreadable file of tokens is an error of one line with the path."""
    for command in ("whoami", "logout"):
        code, _, err = run(command, "--file", tmp_path)

        assert code == 1
        assert str(tmp_path) in err
        assert "is not a file" in err
        assert err.count("\n") == 1


def test_one_of_several_sign_ins_is_selected(zendesk, browser, login, run, file):
    """Several sign-ins are listed, and one is selected by account and client."""
    login()
    store(file, "acme.zendesk.com")
    store(file, "acme.zendesk.com", "triage")
    FileTokenStore(file).save("acme.zendesk.com bot client_credentials read", _token())

    code, _, err = run("whoami", "--file", file)
    one = run("whoami", "--file", file, "--base-url", zendesk.url)

    assert code == 1
    assert "acme.zendesk.com with client desktop, acme.zendesk.com with client triage" in err
    assert "bot" not in err
    assert one[0] == 0
    assert "Ada Lovelace" in one[1]


def _token():
    return Token(Secret("a" * 20), None, issued_at=1.0, expires_in=300.0)


def test_a_sign_in_is_selected_by_the_environment(zendesk, browser, login, run, file, environment):
    """ZENDESK_BASE_URL and ZENDESK_OAUTH_CLIENT_ID select one of several sign-ins."""
    login()
    store(file, "acme.zendesk.com")
    environment(oauth_token_file=file, oauth_client_id="desktop")

    assert run("whoami")[0] == 0


def test_invalid_urls_are_usage_errors(run):
    """Whatever is wrong with the URL, the exit code is 2; a failed connection exits with 1."""
    urls = ("acme", "zendesk://a:s3cr3t@bad host", "zendesk://acme", "emulator://?sead=demo")
    for url in (*urls, "emulator://?seed=x", "zendesk+oauth://s3cr3t%0a@acme"):
        code, _, err = run("whoami", "--url", url)

        assert (url, code, err.count("\n"), "s3cr3t" in err) == (url, 2, 1, False)

    assert run("whoami", "--url", "zendesk://a:b@127.0.0.1:9")[0] == 1


def test_a_url_excludes_other_arguments(run):
    """`--url` cannot be combined with other arguments for the account."""
    code, _, err = run("whoami", "--url", "emulator://", "--subdomain", "acme")

    assert code == 2
    assert "leave out --subdomain" in err


def test_inspect_uses_a_stored_sign_in(zendesk, run, file):
    """`inspect` uses a stored sign-in, as other commands do."""
    store(file, "acme.zendesk.com")
    store(file, zendesk.host)

    code, _, err = run("inspect", "--file", file)

    assert code == 1
    assert "several sign-ins" in err
    assert "default" not in connections


def test_a_damaged_file_of_tokens_is_an_error(run, file):
    """A damaged file of tokens is an error of one line, and the file is not changed."""
    file.write_text("hello")

    code, _, err = run("whoami", "--file", file)

    assert code == 1
    assert "is not a file of tokens" in err
    assert err.count("\n") == 1
    assert file.read_text() == "hello"
