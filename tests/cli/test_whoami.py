"""`zendesk-orm whoami`, and which account commands use."""

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
    """Return what sets ZENDESK_... variables beside the address of the account."""

    def environment(**values):
        monkeypatch.setenv("ZENDESK_BASE_URL", zendesk.url)
        for name, value in values.items():
            monkeypatch.setenv(f"ZENDESK_{name.upper()}", str(value))

    return environment


def store(file, host, client="desktop", **values):
    token = Token(Secret("a" * 20), Secret("r" * 20), issued_at=1.0, expires_in=300.0, **values)
    FileTokenStore(file).save(sign_in_key(host, client), token)


def test_a_stored_sign_in(zendesk, browser, login, run, file):
    """The only sign-in of the store is used, and Zendesk says whose it is and until when."""
    login()

    code, out, err = run("whoami", "--file", file)

    lines = dict(line.split(maxsplit=1) for line in out.splitlines() if line.split())
    assert (0, "") == (code, err)
    assert zendesk.host == lines["Account"]
    assert "Ada Lovelace <ada@acme.com>, id 7" == lines["User"]
    assert "agent" == lines["Role"]
    assert "read write" == lines["Scopes"]
    assert "Credentials    refresh token of OAuth client 'desktop'\n" in out
    assert f"Stored in      {file}\n" in out
    assert 2 == out.count("expires at 20")
    assert [each for each in zendesk.issued if each in out] == []


def test_json(zendesk, browser, login, run, file):
    """--json prints the same as an object."""
    login()

    code, out, _ = run("whoami", "--json", "--file", file)

    found = json.loads(out)
    assert 0 == code
    assert {"host": zendesk.host, "id": 7, "email": "ada@acme.com", "role": "agent"}.items() <= (
        found.items()
    )
    assert ["read", "write"] == found["scopes"]
    assert found["expires_at"] < found["refresh_token_expires_at"]


def test_an_expired_access_token_is_renewed(zendesk, browser, login, run, file, stored):
    """A sign-in whose access token has expired is alive still."""
    login()
    old = stored()
    values = {"issued_at": old.issued_at - 7200, "expires_in": 7200.0, "scope": old.scope}
    FileTokenStore(file).save(
        sign_in_key(zendesk.host, "desktop"), Token(old.access_token, old.refresh_token, **values)
    )

    code, _, _ = run("whoami", "--file", file)

    assert 0 == code
    assert reveal(old.access_token) != reveal(stored().access_token)


@pytest.mark.parametrize(
    ("values", "kind", "user"),
    [
        ({"email": "ada@acme.com", "token": "t"}, "API token", "Ada Lovelace"),
        ({"email": "ada@acme.com", "password": "p"}, "password", "Ada Lovelace"),
        ({"anonymous": "1"}, "anonymous access", "nobody (anonymous)"),
    ],
)
def test_credentials_without_tokens(run, environment, values, kind, user):
    """API tokens, passwords and anonymous access have no scopes, and do not expire."""
    environment(**values)

    code, out, _ = run("whoami")

    assert 0 == code
    assert kind in out
    assert user in out
    assert "Scopes" not in out


def test_a_fixed_token(zendesk, run, environment):
    """A fixed OAuth token has scopes and an end."""
    zendesk.grant("desktop", ["read"], 300, 604_800)
    environment(oauth_token=next(iter(zendesk.living)))

    code, out, _ = run("whoami")

    assert 0 == code
    assert "OAuth token" in out
    assert "Scopes         read\n" in out


def test_client_credentials(run, environment, zendesk, monkeypatch):
    """A program signs in by its client, and acts as a user, too."""

    def tokens(request, body):
        assert "client_credentials" == body["grant_type"]
        return zendesk.grant("server", ["read", "write"], body["expires_in"], 604_800)

    monkeypatch.setattr(zendesk, "tokens", tokens)
    environment(oauth_client_id="server", oauth_client_secret=SECRET)

    code, out, err = run("whoami")

    assert (0, "") == (code, err)
    assert "OAuth client 'server' (client credentials)" in out
    assert SECRET not in out


def test_a_url(run):
    """--url names any account, the embedded one, too."""
    code, out, _ = run("whoami", "--url", "emulator://?seed=demo")

    assert 0 == code
    assert "Account        emulator.zendesk.com\n" in out
    assert "Role           admin\n" in out


def test_an_account_that_is_connected(zendesk, run):
    """Within a program, the default account is the one that was connected."""
    connect(base_url=zendesk.url, email="ada@acme.com", token="t")

    code, out, _ = run("whoami")

    assert 0 == code
    assert "API token" in out


def test_a_narrow_token_may_not_read_its_user(zendesk, run, environment, monkeypatch):
    """The id of the user is known in any case."""
    zendesk.grant("desktop", ["tickets:read"], 300, 604_800)
    environment(oauth_token=next(iter(zendesk.living)))
    refusal = {"error": "Forbidden", "description": "You are missing the required scopes: read"}
    monkeypatch.setattr(zendesk, "me", lambda request, body: answer(refusal, 403))

    code, out, _ = run("whoami")

    assert 0 == code
    assert "user 7 (the scopes" in out


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"oauth_token": "d3ad"}, "invalid_token"),
        ({"email": "ada@acme.com", "token": "wr0ng"}, "Couldn't authenticate you"),
        ({"email": "ada@acme.com"}, "ZENDESK_EMAIL needs ZENDESK_TOKEN or ZENDESK_PASSWORD"),
    ],
)
def test_rejected_credentials(run, environment, values, message):
    """What Zendesk rejects, or what is incomplete, is one line and exit code 1."""
    environment(**values)

    code, out, err = run("whoami")

    assert (1, "") == (code, out)
    assert message in err
    assert 1 == err.count("\n")
    assert [] == [value for name, value in values.items() if "token" in name and value in err]


def test_credentials_that_zendesk_ignores(zendesk, run, environment, monkeypatch):
    """An answer as to an anonymous caller is a rejection: the status is 200."""
    monkeypatch.setattr(zendesk, "me", lambda request, body: answer({"user": {"id": None}}))
    environment(email="ada@acme.com", token="t")

    code, _, err = run("whoami")

    assert 1 == code
    assert "rejected <API token of ada@acme.com>" in err


def test_nobody_is_signed_in(run, file):
    """The message says how to sign in."""
    code, out, err = run("whoami", "--file", file)

    assert (1, "") == (code, out)
    assert "nobody is signed in" in err
    assert "zendesk-orm login" in err
    assert 1 == err.count("\n")


def test_another_account_is_not_the_stored_one(run, file):
    """An account or a client that is named is never replaced by another."""
    store(file, "acme.zendesk.com")

    for given in (["--subdomain", "other"], ["--client-id", "other"]):
        code, _, err = run("whoami", "--file", file, *given)

        assert 1 == code
        assert "nobody is signed in" in err
        assert "other" in err


def test_a_variable_that_names_another_sign_in_is_named(run, file, monkeypatch):
    """A stale variable is the usual reason why a stored sign-in is not found."""
    store(file, "acme.zendesk.com")

    for name in ("SUBDOMAIN", "OAUTH_CLIENT_ID"):
        with monkeypatch.context() as patched:
            patched.setenv(f"ZENDESK_{name}", "stale")
            code, _, err = run("whoami", "--file", file)

        assert 1 == code
        assert f"ZENDESK_{name}" in err.partition("looked in")[0]
        assert str(file) in err


def test_a_file_of_tokens_that_cannot_be_read(run, tmp_path):
    """A path that is no file is an error of one line, which names the path."""
    for command in ("whoami", "logout"):
        code, _, err = run(command, "--file", tmp_path)

        assert 1 == code
        assert str(tmp_path) in err
        assert "is not a file" in err
        assert 1 == err.count("\n")


def test_several_sign_ins(zendesk, browser, login, run, file):
    """They are listed, and chosen by account and client."""
    login()
    store(file, "acme.zendesk.com")
    store(file, "acme.zendesk.com", "triage")
    FileTokenStore(file).save("acme.zendesk.com bot client_credentials read", _token())

    code, _, err = run("whoami", "--file", file)
    one = run("whoami", "--file", file, "--base-url", zendesk.url)

    assert 1 == code
    assert "acme.zendesk.com with client desktop, acme.zendesk.com with client triage" in err
    assert "bot" not in err
    assert 0 == one[0]
    assert "Ada Lovelace" in one[1]


def _token():
    return Token(Secret("a" * 20), None, issued_at=1.0, expires_in=300.0)


def test_a_sign_in_is_chosen_by_the_environment(zendesk, browser, login, run, file, environment):
    """ZENDESK_BASE_URL and ZENDESK_OAUTH_CLIENT_ID choose one of several."""
    login()
    store(file, "acme.zendesk.com")
    environment(oauth_token_file=file, oauth_client_id="desktop")

    assert 0 == run("whoami")[0]


def test_a_url_excludes_other_arguments(run):
    """--url is complete, secrets included."""
    code, _, err = run("whoami", "--url", "emulator://", "--subdomain", "acme")

    assert 2 == code
    assert "leave out --subdomain" in err


def test_inspect_uses_a_stored_sign_in(zendesk, run, file):
    """The account of other commands is found in the same way."""
    store(file, "acme.zendesk.com")
    store(file, zendesk.host)

    code, _, err = run("inspect", "--file", file)

    assert 1 == code
    assert "several sign-ins" in err
    assert "default" not in connections


def test_a_damaged_file_of_tokens(run, file):
    """It is an error of one line, and the file is left as it is."""
    file.write_text("hello")

    code, _, err = run("whoami", "--file", file)

    assert 1 == code
    assert "is not a file of tokens" in err
    assert 1 == err.count("\n")
    assert "hello" == file.read_text()
