"""The command `zendesk-orm login`."""

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


def authorization_url(lines):
    """Return the URL that a command asks to open, from its output."""
    for line in lines:
        if result := re.search(r"http\S+/oauth/authorizations/new\S+", line):
            return result[0]
    raise AssertionError("no address was printed")


def assert_no_secret(zendesk, *texts):
    for text in texts:
        assert [item for item in zendesk.issued if item in text] == []


def test_a_public_client_signs_in_and_the_printed_line_connects(
    zendesk, browser, login, stored, file, port
):
    """`login` stores the tokens, and prints a line of Python that connects as the user."""
    code, out, err = login()

    line = next(line for line in out.splitlines() if "connect(" in line).strip()
    names = {"connect": connect, "RefreshToken": RefreshToken, "FileTokenStore": FileTokenStore}
    account = eval(line, names)
    assert (code, err) == (0, "")
    assert REDIRECT.format(port=port) in out
    assert "as Ada Lovelace <ada@acme.com>, id 7" in out
    assert str(file) in out
    assert "You can close this window" in browser.pages[0].text
    assert reveal(stored().access_token) in zendesk.living
    assert account.raw.get("/api/v2/users/me")["user"]["id"] == 7
    assert "client_secret" not in dict(zendesk.requests[1][2])
    assert_no_secret(zendesk, out, err)


def test_the_file_of_tokens_is_private(browser, login, file):
    """Only the owner can read the file of tokens."""
    login()

    assert file.stat().st_mode & 0o777 == 0o600


def test_a_confidential_client_reads_its_secret_from_the_environment(
    zendesk, browser, login, stored, monkeypatch
):
    """The secret of a confidential client is sent, and neither printed nor stored."""
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", SECRET)

    code, out, err = login(client="server")

    assert code == 0
    assert 'client_secret=os.environ["ZENDESK_OAUTH_CLIENT_SECRET"]' in out
    assert reveal(stored("server").access_token) in zendesk.living
    assert_no_secret(zendesk, out, err)


def test_a_secret_can_be_piped_in(zendesk, browser, login, stored, monkeypatch, tmp_path):
    """`--client-secret` reads a line from standard input if that is not a terminal."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    with (tmp_path / "secret").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, _, _ = login("--client-secret", client="server")

    assert code == 0


@pytest.mark.parametrize("arguments", [["--client-secret", SECRET], [f"--client-secret={SECRET}"]])
def test_a_secret_cannot_be_an_argument(zendesk, browser, login, arguments):
    """A secret on the command line is rejected, and not repeated."""
    code, out, err = login(*arguments, client="server")

    assert code == 2
    assert "takes no value" in err
    assert SECRET not in out + err
    assert browser.threads == []


def test_a_wrong_secret_is_an_error(zendesk, browser, login, stored, monkeypatch):
    """A wrong secret is an error of one line with Zendesk's reason, and nothing is stored."""
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_SECRET", "not-it-at-all")

    code, out, err = login(client="server")

    assert code == 1
    assert "invalid_client" in err
    assert err.count("\n") == 1
    assert "not-it-at-all" not in out + err
    assert stored("server") is None


def test_a_redirect_with_another_state_is_ignored(zendesk, browser, login, stored, port):
    """Redirects with another state or path get an error response, and the command waits on."""
    address = REDIRECT.format(port=port)
    browser.before = [
        f"http://127.0.0.1:{port}/favicon.ico",
        f"{address}?code=of-somebody-else&state=x",
        f"{address}?code=of-somebody-else",
        f"{address}?state=a&state=b&code=c",
        address,
    ]

    code, _, _ = login()

    assert [page.status_code for page in browser.pages] == [404, 400, 400, 400, 400, 200]
    assert code == 0
    assert stored() is not None


def test_a_wrong_state_ends_with_a_timeout(zendesk, browser, login, stored):
    """The code of a redirect with a wrong state is never exchanged."""
    zendesk.state = "another"

    code, _, err = login("--timeout", 1)

    assert code == 1
    assert "nobody signed in within 1 seconds" in err
    assert "check the subdomain" in err
    assert [method for method, _, _ in zendesk.requests] == ["GET"]
    assert stored() is None


def test_a_declined_sign_in_is_an_error(zendesk, browser, login, stored):
    """The error of a declined sign-in is printed, and escaped on the page."""
    zendesk.denied = True

    code, _, err = login()

    assert code == 1
    assert "access_denied: The end-user said <no>" in err
    assert err.count("\n") == 1
    assert "Nobody was signed in" in browser.pages[0].text
    assert stored() is None


def test_a_used_port_is_an_error_before_the_browser_opens(browser, login, port):
    """The error for a port in use contains the port and the option that changes it."""
    with socket.create_server(("127.0.0.1", port)):
        code, _, err = login()

    assert code == 1
    assert f"port {port} of 127.0.0.1" in err
    assert "--port" in err
    assert browser.threads == []


def test_waiting_has_a_timeout(zendesk, browser, login, monkeypatch):
    """Waiting for the browser ends after the seconds of `--timeout`."""
    monkeypatch.setattr(browser, "visit", lambda url: None)

    code, _, err = login("--timeout", 1)

    assert code == 1
    assert "within 1 seconds" in err
    assert "--timeout" in err


def test_a_store_that_cannot_be_written_is_an_error_before_the_browser_opens(
    browser, run, zendesk, port, tmp_path
):
    """A store that cannot be written is an error before a grant is created."""
    (tmp_path / "a-file").write_text("")
    file = tmp_path / "a-file" / "tokens.json"

    code, _, err = run(
        "login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file, "--port", port
    )

    assert code == 1
    assert "cannot read or store the tokens" in err
    assert err.count("\n") == 1
    assert browser.threads == []


def test_another_file_is_an_error_before_the_browser_opens(browser, login, file):
    """A file that contains no tokens is an error before a grant is created, and is not changed."""
    file.write_text("hello")

    code, _, err = login()

    assert code == 1
    assert "is not a file of tokens" in err
    assert browser.threads == []
    assert file.read_text() == "hello"


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
    """Return a function that replaces the keyring of the system."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_tokens_are_stored_in_the_keyring(zendesk, browser, run, port, use_keyring):
    """With `--keyring`, `login`, `whoami` and `logout` use the keyring of the system."""
    system = Keyring()
    use_keyring(system)
    where = ["--base-url", zendesk.url, "--client-id", "desktop", "--keyring"]

    login = run("login", *where, "--port", port)
    whoami = run("whoami", *where)
    unclear = run("whoami", "--keyring")
    logout = run("logout", *where)

    assert [login[0], whoami[0], unclear[0], logout[0]] == [0, 0, 1, 0]
    assert "the keyring of the system" in login[1]
    assert "KeyringTokenStore('zendesk_orm')" in login[1]
    assert "pass --subdomain and --client-id" in unclear[2]
    assert system.kept == {}


def test_no_keyring_is_an_error_before_the_browser_opens(zendesk, browser, run, port, use_keyring):
    """A system without a keyring is an error before a grant is created."""
    use_keyring(keyring.backends.fail.Keyring())
    where = ["--base-url", zendesk.url, "--client-id", "desktop", "--keyring"]

    code, _, err = run("login", *where, "--port", port)

    assert code == 1
    assert "NoKeyringError" in err
    assert browser.threads == []


def test_a_second_login_replaces_the_first(zendesk, browser, login, stored):
    """A second login replaces the stored pair of the first one."""
    login()
    first = reveal(stored().access_token)
    login()

    assert first != reveal(stored().access_token)


def test_missing_scopes_cause_a_warning(browser, login, stored):
    """A warning lists the requested scopes that Zendesk has dropped."""
    code, _, err = login("--scope", "read tickets:raed")

    assert code == 0
    assert "without tickets:raed" in err
    assert stored().scope == "read"


def test_the_environment_names_account_client_and_file(
    zendesk, browser, run, file, port, monkeypatch, stored
):
    """`login` without arguments uses `ZENDESK_BASE_URL` and the other variables."""
    monkeypatch.setenv("ZENDESK_BASE_URL", zendesk.url)
    monkeypatch.setenv("ZENDESK_OAUTH_CLIENT_ID", "desktop")
    monkeypatch.setenv("ZENDESK_OAUTH_TOKEN_FILE", str(file))

    code, _, _ = run("login", "--port", port)

    assert code == 0
    assert stored() is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
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
def test_invalid_arguments_are_usage_errors(run, no_browser, arguments, message):
    """Missing arguments and values out of range exit with 2 before any request."""
    code, _, err = run("login", *arguments)

    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--redirect-uri", "http://example.com/callback"], "redirect_uri must be https"),
        (["--redirect-uri", "callback"], "redirect_uri must be https"),
        (["--scope", " "], "scope must be a string"),
        (["--client-id", " "], "client_id must be the unique identifier"),
        (["--base-url", "ftp://x"], "base_url must be https://host"),
    ],
)
def test_invalid_values_are_usage_errors(login, no_browser, arguments, message):
    """Values that Zendesk would reject exit with 2 and one line."""
    code, _, err = login(*arguments)

    assert (code, err.count("\n")) == (2, 1)
    assert message in err


def test_the_redirect_url_can_be_chosen(zendesk, browser, login, stored, port):
    """`--redirect-uri` is sent to Zendesk, and the command listens at it."""
    address = f"http://localhost:{port}/oauth/done"
    zendesk.redirects = {address}

    code, out, _ = login("--redirect-uri", address)

    assert code == 0
    assert f"redirect URL {address} must be registered" in out
    assert "If Zendesk shows an error instead of a page to sign in" in out
    assert stored() is not None


def test_without_a_browser_the_address_is_printed(zendesk, start, port, file, stored):
    """Without a browser, a URL without secrets is printed, which can be opened in any browser."""
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "server", "--file", file),
        *("--port", port, "--no-browser"),
        env={"ZENDESK_OAUTH_CLIENT_SECRET": SECRET},
        stdin=subprocess.DEVNULL,
    )
    url = authorization_url(process.stdout)
    listed = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True)
    requests.get(url, timeout=9)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert stored("server") is not None
    assert_no_secret(zendesk, url, out, err, listed.stdout)


@posix
def test_the_redirect_url_can_be_pasted(zendesk, start, port, file, stored):
    """The last URL of a browser on another machine can be typed into the terminal."""
    terminal, end = os.openpty()
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *("--port", port, "--no-browser"),
        stdin=end,
    )
    url = authorization_url(process.stdout)
    answer = requests.get(url, timeout=9, allow_redirects=False).headers["Location"]
    os.write(terminal, b"what?\n" + answer.encode() + b"\n")
    out, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(end)

    assert (process.returncode, err) == (0, "")
    assert "This is not the redirect URL" in out
    assert "Signed in" in out
    assert stored() is not None


def test_a_redirect_to_another_machine_is_pasted(zendesk, start, file, stored):
    """With a redirect URL of another machine, the URL of the browser is typed into the terminal."""
    address = "https://acme.example/callback"
    zendesk.redirects = {address}
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *("--redirect-uri", address),
        stdin=subprocess.PIPE,
    )
    url = authorization_url(process.stdout)
    answer = requests.get(url, timeout=9, allow_redirects=False).headers["Location"]
    process.communicate(f"{answer}\n", timeout=60)

    assert process.returncode == 0
    assert stored() is not None


@posix
@pytest.mark.parametrize("arguments", [[], ["--redirect-uri", "https://acme.example/callback"]])
def test_ctrl_c_stops_the_wait(zendesk, start, port, file, arguments):
    """Ctrl-C exits with 130 and without a traceback."""
    terminal, end = os.openpty()
    process = start(
        *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
        *(arguments or ["--port", port, "--no-browser"]),
        stdin=end,
    )
    authorization_url(process.stdout)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(end)

    assert (process.returncode, err) == (130, "zendesk-orm: interrupted\n")


def test_idle_connections_do_not_delay_the_redirect(zendesk, browser, login, port, monkeypatch):
    """The redirect is received although the browser has opened idle connections before."""
    idle = []

    def visit(url):
        idle.append(socket.create_connection(("127.0.0.1", port)))
        requests.get(url, timeout=9)

    monkeypatch.setattr(browser, "visit", visit)

    code, _, _ = login()
    for element in idle:
        element.close()

    assert code == 0
    assert len([item for item in threading.enumerate() if item.name == "zendesk-sign-in"]) == 0


def test_each_authorization_has_a_new_challenge_and_state(zendesk, start, port, file):
    """The authorization URL has a new S256 challenge and a new state for each login."""
    queries = []
    for _ in range(2):
        process = start(
            *("login", "--base-url", zendesk.url, "--client-id", "desktop", "--file", file),
            *("--port", port, "--no-browser", "--scope", " read  write "),
            stdin=subprocess.DEVNULL,
        )
        queries.append(query(authorization_url(process.stdout)))
        process.kill()
        process.wait()

    assert {item["response_type"] for item in queries} == {"code"}
    assert {item["code_challenge_method"] for item in queries} == {"S256"}
    assert {item["scope"] for item in queries} == {"read write"}
    assert len({item["state"] for item in queries}) == 2
    assert len({item["code_challenge"] for item in queries}) == 2
