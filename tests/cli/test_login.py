"""`zendesk-orm login`, from the arguments to the stored tokens."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading

import keyring
import keyring.backends.fail
import pytest
import requests

from tests.cli.zendesk import REDIRECT, SECRET, query
from zendesk_orm import FileTokenStore, RefreshToken, connect
from zendesk_orm.http.secret import reveal


posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and terminals")


def opened(lines):
    """Return the address that a command asks to open, from its output."""
    for line in lines:
        if found := re.search(r"http\S+/oauth/authorizations/new\S+", line):
            return found[0]
    raise AssertionError("no address was printed")


def assert_no_secret(zendesk, *texts):
    for text in texts:
        assert [each for each in zendesk.issued if each in text] == []


def test_a_public_client_signs_in_and_the_printed_line_connects(
    zendesk, browser, login, stored, file, port
):
    """The tokens are stored, and the line that is printed connects as the person."""
    code, out, err = login()

    line = next(line for line in out.splitlines() if "connect(" in line).strip()
    names = {"connect": connect, "RefreshToken": RefreshToken, "FileTokenStore": FileTokenStore}
    account = eval(line, names)
    assert (0, "") == (code, err)
    assert REDIRECT.format(port=port) in out
    assert "as Ada Lovelace <ada@acme.com>, id 7" in out
    assert str(file) in out
    assert "You can close this window" in browser.pages[0].text
    assert reveal(stored().access_token) in zendesk.living
    assert 7 == account.raw.get("/api/v2/users/me")["user"]["id"]
    assert "client_secret" not in dict(zendesk.requests[1][2])
    assert_no_secret(zendesk, out, err)


def test_the_file_of_tokens_belongs_to_its_owner(browser, login, file):
    """Nobody else can read the tokens."""
    login()

    assert 0o600 == file.stat().st_mode & 0o777


def test_a_confidential_client_takes_its_secret_from_the_environment(
    zendesk, browser, login, stored, monkeypatch
):
    """The secret is sent, and neither printed nor stored."""
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", SECRET)

    code, out, err = login(client="server")

    assert 0 == code
    assert 'client_secret=os.environ["ZENDESK_OAUTH_CLIENT_SECRET"]' in out
    assert reveal(stored("server").access_token) in zendesk.living
    assert_no_secret(zendesk, out, err)


def test_a_secret_can_be_piped_in(zendesk, browser, login, stored, monkeypatch, tmp_path):
    """--client-secret reads a line if there is no terminal to ask at."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    with (tmp_path / "secret").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, _, _ = login("--client-secret", client="server")

    assert 0 == code


@pytest.mark.parametrize("given", [["--client-secret", SECRET], [f"--client-secret={SECRET}"]])
def test_a_secret_is_no_argument(zendesk, browser, login, given):
    """A secret on the command line is refused, and not repeated."""
    code, out, err = login(*given, client="server")

    assert 2 == code
    assert "takes no value" in err
    assert SECRET not in out + err
    assert [] == browser.threads


def test_a_wrong_secret_is_an_error(zendesk, browser, login, stored, monkeypatch):
    """Zendesk's refusal is one line, and nothing is stored."""
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", "not-it-at-all")

    code, out, err = login(client="server")

    assert 1 == code
    assert "invalid_client" in err
    assert 1 == err.count("\n")
    assert "not-it-at-all" not in out + err
    assert stored("server") is None


def test_a_redirect_with_another_state_is_ignored(zendesk, browser, login, stored, port):
    """Redirects of others and other paths are answered with an error, and waiting goes on."""
    address = REDIRECT.format(port=port)
    browser.before = [
        f"http://127.0.0.1:{port}/favicon.ico",
        f"{address}?code=of-somebody-else&state=x",
        f"{address}?code=of-somebody-else",
        f"{address}?state=a&state=b&code=c",
        address,
    ]

    code, _, _ = login()

    assert [404, 400, 400, 400, 400, 200] == [page.status_code for page in browser.pages]
    assert 0 == code
    assert stored() is not None


def test_a_wrong_state_of_zendesk_ends_with_the_time(zendesk, browser, login, stored):
    """A code that belongs to another sign-in is never exchanged."""
    zendesk.state = "another"

    code, _, err = login("--timeout", 1)

    assert 1 == code
    assert "nobody signed in within 1 seconds" in err
    assert "check the subdomain" in err
    assert ["GET"] == [method for method, _, _ in zendesk.requests]
    assert stored() is None


def test_a_refusal_is_an_error(zendesk, browser, login, stored):
    """What the person or Zendesk answers is printed, and escaped on the page."""
    zendesk.denied = True

    code, _, err = login()

    assert 1 == code
    assert "access_denied: The end-user said <no>" in err
    assert 1 == err.count("\n")
    assert "Nobody was signed in" in browser.pages[0].text
    assert stored() is None


def test_a_taken_port_is_an_error_before_the_browser_opens(browser, login, port):
    """The message names the port, and the option that changes it."""
    with socket.create_server(("127.0.0.1", port)):
        code, _, err = login()

    assert 1 == code
    assert f"port {port} of 127.0.0.1" in err
    assert "--port" in err
    assert [] == browser.threads


def test_nobody_comes_in_time(zendesk, browser, login, monkeypatch):
    """The wait ends by --timeout."""
    monkeypatch.setattr(browser, "visit", lambda url: None)

    code, _, err = login("--timeout", 1)

    assert 1 == code
    assert "within 1 seconds" in err
    assert "--timeout" in err


def test_a_store_that_cannot_be_written_is_an_error_before_the_browser_opens(
    browser, run, zendesk, port, tmp_path
):
    """No grant is given that could not be kept."""
    (tmp_path / "a-file").write_text("")
    file = tmp_path / "a-file" / "tokens.json"

    code, _, err = run(
        "login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file, "--port", port
    )

    assert 1 == code
    assert "cannot read or store the tokens" in err
    assert 1 == err.count("\n")
    assert [] == browser.threads


def test_a_file_of_something_else_is_an_error_before_the_browser_opens(browser, login, file):
    """It is left as it is, and no grant is spent."""
    file.write_text("hello")

    code, _, err = login()

    assert 1 == code
    assert "is not a file of tokens" in err
    assert [] == browser.threads
    assert "hello" == file.read_text()


class Keyring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def use_keyring():
    """Return what makes another keyring that of the system."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_tokens_in_the_keyring(zendesk, browser, run, port, use_keyring):
    """--keyring keeps them there, for whoami and logout, too."""
    system = Keyring()
    use_keyring(system)
    where = ["--base-url", zendesk.url, "--client-id", "desktop", "--keyring"]

    login = run("login", *where, "--port", port)
    whoami = run("whoami", *where)
    unclear = run("whoami", "--keyring")
    logout = run("logout", *where)

    assert [0, 0, 1, 0] == [login[0], whoami[0], unclear[0], logout[0]]
    assert "the keyring of the system" in login[1]
    assert "KeyringTokenStore('zendesk_orm')" in login[1]
    assert "pass --subdomain and --client-id" in unclear[2]
    assert {} == system.kept


def test_no_keyring_is_an_error_before_the_browser_opens(zendesk, browser, run, port, use_keyring):
    """A system without a keyring is noticed in time."""
    use_keyring(keyring.backends.fail.Keyring())
    where = ["--base-url", zendesk.url, "--client-id", "desktop", "--keyring"]

    code, _, err = run("login", *where, "--port", port)

    assert 1 == code
    assert "NoKeyringError" in err
    assert [] == browser.threads


def test_a_second_login_replaces_the_first(zendesk, browser, login, stored):
    """The newest pair is the one that is stored."""
    login()
    first = reveal(stored().access_token)
    login()

    assert first != reveal(stored().access_token)


def test_scopes_that_were_not_granted_are_warned_of(browser, login, stored):
    """Zendesk leaves out scopes that do not exist: the warning names them."""
    code, _, err = login("--scope", "read tickets:raed")

    assert 0 == code
    assert "without tickets:raed" in err
    assert "read" == stored().scope


def test_the_environment_names_account_client_and_file(
    zendesk, browser, run, file, port, monkeypatch, stored
):
    """Without arguments, ZENDESK_BASE_URL and the others are used."""
    monkeypatch.setenv("ZENDESK_BASE_URL", zendesk.url)
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_ID", "desktop")
    monkeypatch.setenv("ZENDESK_OAUTH_TOKEN_FILE", str(file))

    code, _, _ = run("login", "--port", port)

    assert 0 == code
    assert stored() is not None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--client-id", "desktop"], "--subdomain"),
        (["--subdomain", "acme"], "--client-id"),
        (["--subdomain", "acme", "--base-url", "https://x.org"], "not allowed with"),
        (["--port", "0"], "must be a number from 1 to 65535, not '0'"),
        (["--port", "70000"], "must be a number from 1 to 65535"),
        (["--port", "8085", "--redirect-uri", "http://localhost:1/x"], "not allowed with"),
        (["--timeout", "soon"], "must be a number from 1 to 86400, not 'soon'"),
        (["--expires-in", "1"], "must be a number from 300 to 172800"),
    ],
)
def test_usage(run, no_browser, given, message):
    """Arguments that are missing or out of range end with 2 before anything else happens."""
    code, _, err = run("login", *given)

    assert 2 == code
    assert message in err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--redirect-uri", "http://example.com/callback"], "redirect_uri must be https"),
        (["--redirect-uri", "callback"], "redirect_uri must be https"),
        (["--scope", " "], "scope must be a string"),
        (["--client-id", " "], "client_id must be the unique identifier"),
    ],
)
def test_invalid_values(login, no_browser, given, message):
    """Values that Zendesk could not accept are errors of one line."""
    code, _, err = login(*given)

    assert 1 == code
    assert message in err
    assert 1 == err.count("\n")


def test_another_redirect_url(zendesk, browser, login, stored, port):
    """--redirect-uri is what Zendesk is asked to redirect to, and where the command listens."""
    address = f"http://localhost:{port}/oauth/done"
    zendesk.redirects = {address}

    code, out, _ = login("--redirect-uri", address)

    assert 0 == code
    assert f"redirect URL {address} must be registered" in out
    assert "If Zendesk shows an error instead of a page to sign in" in out
    assert stored() is not None


def test_without_a_browser_the_address_is_printed(zendesk, start, port, file, stored):
    """Whoever opens the printed address signs in; no secret is printed or in the process list."""
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "server", "--file", file),
        *("--port", port, "--no-browser"),
        env={"ZENDESK_OAUTH_CLIENT_SECRET": SECRET},
        stdin=subprocess.DEVNULL,
    )
    url = opened(process.stdout)
    listed = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True)
    requests.get(url, timeout=9)
    out, err = process.communicate(timeout=60)

    assert (0, "") == (process.returncode, err)
    assert stored("server") is not None
    assert_no_secret(zendesk, url, out, err, listed.stdout)


@posix
def test_the_redirect_url_can_be_pasted(zendesk, start, port, file, stored):
    """If the browser is on another machine, its last address is typed into the terminal."""
    terminal, end = os.openpty()
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *("--port", port, "--no-browser"),
        stdin=end,
    )
    url = opened(process.stdout)
    answer = requests.get(url, timeout=9, allow_redirects=False).headers["Location"]
    os.write(terminal, b"what?\n" + answer.encode() + b"\n")
    out, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(end)

    assert (0, "") == (process.returncode, err)
    assert "This is not the redirect URL" in out
    assert "Signed in" in out
    assert stored() is not None


def test_a_redirect_to_elsewhere_is_pasted(zendesk, start, file, stored):
    """A redirect URL that no program receives works by copy and paste."""
    address = "https://acme.example/callback"
    zendesk.redirects = {address}
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *("--redirect-uri", address),
        stdin=subprocess.PIPE,
    )
    url = opened(process.stdout)
    answer = requests.get(url, timeout=9, allow_redirects=False).headers["Location"]
    process.communicate(f"{answer}\n", timeout=60)

    assert 0 == process.returncode
    assert stored() is not None


@posix
@pytest.mark.parametrize("given", [[], ["--redirect-uri", "https://acme.example/callback"]])
def test_ctrl_c_stops_the_wait(zendesk, start, port, file, given):
    """The exit code is 130, and there is no traceback."""
    terminal, end = os.openpty()
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *(given or ["--port", port, "--no-browser"]),
        stdin=end,
    )
    opened(process.stdout)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(end)

    assert (130, "zendesk-orm: interrupted\n") == (process.returncode, err)


def test_the_wait_is_not_held_up_by_connections_that_say_nothing(
    zendesk, browser, login, port, monkeypatch
):
    """Browsers open connections in advance: the redirect arrives beside them."""
    idle = []

    def visit(url):
        idle.append(socket.create_connection(("127.0.0.1", port)))
        requests.get(url, timeout=9)

    monkeypatch.setattr(browser, "visit", visit)

    code, _, _ = login()
    for each in idle:
        each.close()

    assert 0 == code
    assert 0 == len([each for each in threading.enumerate() if each.name == "zendesk-sign-in"])


def test_the_query_of_the_authorization(zendesk, start, port, file):
    """Zendesk gets a challenge by S256 and a state, both new each time."""
    seen = []
    for _ in range(2):
        process = start(
            *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
            *("--port", port, "--no-browser", "--scope", " read  write "),
            stdin=subprocess.DEVNULL,
        )
        seen.append(query(opened(process.stdout)))
        process.kill()
        process.wait()

    assert {"code"} == {each["response_type"] for each in seen}
    assert {"S256"} == {each["code_challenge_method"] for each in seen}
    assert {"read write"} == {each["scope"] for each in seen}
    assert 2 == len({each["state"] for each in seen})
    assert 2 == len({each["code_challenge"] for each in seen})
