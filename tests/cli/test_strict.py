"""Commands with the strict emulator, which checks clients, tokens and scopes."""

from __future__ import annotations

import re

import pytest

from tests.cli.zendesk import REDIRECT
from zendesk_orm import (
    AuthenticationFailed,
    FileTokenStore,
    RefreshToken,
    Ticket,
    User,
    connect,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture
def strict():
    """Return a strict emulator with the clock of the machine."""
    with Emulator(oauth="strict") as emulator:
        yield emulator


@pytest.fixture
def clients(strict, port):
    """Return a public and a confidential client, by identifier."""
    kinds = {"desktop": "public", "web": "confidential"}
    uri = [REDIRECT.format(port=port)]
    return {
        name: strict.create_client(name, kind=kind, redirect_uri=uri)
        for name, kind in kinds.items()
    }


@pytest.fixture
def address(strict, clients):
    """Return the address of the emulator."""
    with strict.serve(port=0) as server:
        yield server.url


def test_login_whoami_requests_and_logout(strict, address, browser, run, file, port):
    """A public client can log in, send requests, and log out."""
    arguments = ["--base-url", address, "--client-id", "desktop", "--file", file]
    login = run("login", *arguments, "--port", port)
    whoami = run("whoami", "--file", file)
    account = connect(
        base_url=address, oauth=RefreshToken("desktop", store=FileTokenStore(file)), alias="person"
    )
    tickets = Ticket.objects.using("person").count()
    account.close()
    logout = run("logout", "--file", file)

    assert (login[0], login[2]) == (0, "")
    assert "as Olivia Owner <owner@example.com>" in login[1]
    assert "Role           admin\n" in whoami[1]
    assert "Scopes         read write\n" in whoami[1]
    assert tickets == 0
    assert logout[0] == 0
    assert strict.token_requests == ["authorization_code"]
    assert strict.requests[-1] == "DELETE oauth/tokens/current"
    assert FileTokenStore(file).keys() == []


def test_a_confidential_client_needs_its_secret(
    strict, clients, address, browser, run, file, port, monkeypatch
):
    """A confidential client gets a token only with its secret."""
    arguments = ["--base-url", address, "--client-id", "web", "--file", file]
    refused = run("login", *arguments, "--port", port)
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", clients["web"].secret)
    done = [
        run("login", *arguments, "--port", port),
        run("whoami", *arguments),
        run("logout", *arguments),
    ]

    assert refused[0] == 1
    assert "invalid_client" in refused[2]
    assert [code for code, _, _ in done] == [0, 0, 0]
    assert [item for item in done if clients["web"].secret in item[1] + item[2]] == []


def test_a_declined_sign_in_is_an_error(address, browser, run, file, port, strict):
    """If the user declines, `login` fails with the error of the redirect."""
    strict.switches.oauth_denied = True
    arguments = ["--base-url", address, "--client-id", "desktop", "--file", file]

    code, _, err = run("login", *arguments, "--port", port)

    assert code == 1
    assert "access_denied" in err
    assert strict.token_requests == []


@pytest.mark.parametrize(("needed", "who"), [(False, r"user \d+"), (True, "unknown user")])
def test_a_sign_in_without_a_scope_for_users_succeeds(
    address, browser, run, file, port, strict, needed, who
):
    """A sign-in without a scope to read users succeeds, and the name of the user is unknown."""
    strict.switches.current_token_needs_scope = needed
    arguments = ["--base-url", address, "--client-id", "desktop", "--file", file]

    code, out, err = run("login", *arguments, "--port", port, "--scope", "tickets:read")
    whoami = run("whoami", "--file", file)

    assert (code, err) == (0, "")
    assert re.search(rf"as {who} \(the scopes do not allow reading the name\)", out)
    assert "Scopes         tickets:read\n" in whoami[1]


def test_logout_without_the_scope_to_revoke(address, browser, run, file, port, strict):
    """`logout` without the scope to revoke is an error; `--local` deletes the tokens."""
    strict.switches.current_token_needs_scope = True
    arguments = ["--base-url", address, "--client-id", "desktop", "--file", file]
    run("login", *arguments, "--port", port, "--scope", "tickets:read")

    code, _, err = run("logout", "--file", file)

    assert code == 1
    assert "required scopes: write" in err
    assert "--local" in err
    assert run("logout", "--file", file, "--local")[0] == 0
    assert FileTokenStore(file).keys() == []


def test_the_command_serves_a_strict_emulator(start):
    """`zendesk-orm emulator --oauth strict` rejects requests without a token."""
    process = start("emulator", "--port", 0, "--oauth", "strict")
    url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
    account = connect(base_url=url, anonymous=True)

    with pytest.raises(AuthenticationFailed):
        User.objects.count()
    account.close()
