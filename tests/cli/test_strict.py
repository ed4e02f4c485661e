"""Signing in at the strict emulator, which checks clients, tokens and scopes as Zendesk does."""

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
    """Return its address."""
    with strict.serve(port=0) as server:
        yield server.url


def test_a_person_signs_in_works_and_signs_out(strict, address, browser, run, file, port):
    """One journey: login, whoami, requests of a program, logout."""
    where = ["--base-url", address, "--client-id", "desktop", "--file", file]
    login = run("login", *where, "--port", port)
    whoami = run("whoami", "--file", file)
    account = connect(
        base_url=address, oauth=RefreshToken("desktop", store=FileTokenStore(file)), alias="person"
    )
    tickets = Ticket.objects.using("person").count()
    account.close()
    logout = run("logout", "--file", file)

    assert (0, "") == (login[0], login[2])
    assert "as Olivia Owner <owner@example.com>" in login[1]
    assert "Role           admin\n" in whoami[1]
    assert "Scopes         read write\n" in whoami[1]
    assert 0 == tickets
    assert 0 == logout[0]
    assert ["authorization_code"] == strict.token_requests
    assert "DELETE oauth/tokens/current" == strict.requests[-1]
    assert [] == FileTokenStore(file).keys()


def test_a_confidential_client_needs_its_secret(
    strict, clients, address, browser, run, file, port, monkeypatch
):
    """Without the secret no token is granted; with it, the journey is the same."""
    where = ["--base-url", address, "--client-id", "web", "--file", file]
    refused = run("login", *where, "--port", port)
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", clients["web"].secret)
    done = [
        run("login", *where, "--port", port),
        run("whoami", *where),
        run("logout", *where),
    ]

    assert 1 == refused[0]
    assert "invalid_client" in refused[2]
    assert [0, 0, 0] == [code for code, _, _ in done]
    assert [] == [each for each in done if clients["web"].secret in each[1] + each[2]]


def test_a_person_declines(address, browser, run, file, port, strict):
    """The refusal of the person is the error of the command."""
    strict.switches.oauth_denied = True
    where = ["--base-url", address, "--client-id", "desktop", "--file", file]

    code, _, err = run("login", *where, "--port", port)

    assert 1 == code
    assert "access_denied" in err
    assert [] == strict.token_requests


@pytest.mark.parametrize(("needed", "who"), [(False, r"user \d+"), (True, "unknown user")])
def test_narrow_scopes(address, browser, run, file, port, strict, needed, who):
    """Without a scope for users, the name is unknown, and the sign-in is a success."""
    strict.switches.current_token_needs_scope = needed
    where = ["--base-url", address, "--client-id", "desktop", "--file", file]

    code, out, err = run("login", *where, "--port", port, "--scope", "tickets:read")
    whoami = run("whoami", "--file", file)

    assert (0, "") == (code, err)
    assert re.search(rf"as {who} \(the scopes do not allow reading the name\)", out)
    assert "Scopes         tickets:read\n" in whoami[1]


def test_scopes_that_do_not_allow_to_revoke(address, browser, run, file, port, strict):
    """The tokens stay, the message names the scope, and --local deletes them here."""
    strict.switches.current_token_needs_scope = True
    where = ["--base-url", address, "--client-id", "desktop", "--file", file]
    run("login", *where, "--port", port, "--scope", "tickets:read")

    code, _, err = run("logout", "--file", file)

    assert 1 == code
    assert "required scopes: write" in err
    assert "--local" in err
    assert 0 == run("logout", "--file", file, "--local")[0]
    assert [] == FileTokenStore(file).keys()


def test_the_command_serves_a_strict_emulator(start):
    """`zendesk-orm emulator --oauth strict` refuses whoever has no token."""
    process = start("emulator", "--port", 0, "--oauth", "strict")
    url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
    account = connect(base_url=url, anonymous=True)

    with pytest.raises(AuthenticationFailed):
        User.objects.count()
    account.close()
