"""Fixtures for the command line: an account for sign-ins, and a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import webbrowser

import pexpect
import pytest
import requests

from tests.cli.zendesk import REDIRECT, Zendesk
from zendesk_orm import FileTokenStore, cli
from zendesk_orm.http.oauth.grants import sign_in_key


COMMAND = [sys.executable, "-c", "from zendesk_orm.cli import main; main()"]


@pytest.fixture
def port():
    """Return an unused port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def zendesk(port):
    """Return an account at a socket, whose clients have the redirect to `port`."""
    server = Zendesk()
    server.redirects.add(REDIRECT.format(port=port))
    yield server
    server.close()


class Browser:
    """A browser that signs in at once: an HTTP client that follows redirects.

    Attributes:
        pages: the last page of each visit.
        before: makes addresses, which are requested first, from the redirect URL.
    """

    def __init__(self):
        self.before, self.threads, self._pages = [], [], []

    @property
    def pages(self):
        for thread in self.threads:
            thread.join()
        return self._pages

    def open(self, url, new=0, autoraise=True):
        self.threads.append(threading.Thread(target=self.visit, args=(url,)))
        self.threads[-1].start()
        return True

    def visit(self, url):
        for address in self.before:
            self._pages.append(requests.get(address, timeout=9))
        self._pages.append(requests.get(url, timeout=9))


@pytest.fixture
def browser(monkeypatch):
    """Return the browser of the machine."""
    browser = Browser()
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})
    webbrowser.register("test", None, browser)
    yield browser
    for thread in browser.threads:
        thread.join()


@pytest.fixture
def no_browser(monkeypatch):
    """Remove the browsers of the machine."""
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    """Set the default folder of tokens to a folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def file(tmp_path):
    """Return the path of the file of tokens for commands."""
    return tmp_path / "tokens.json"


@pytest.fixture
def run(capsys):
    """Return a function that runs a command and returns exit code, output and errors."""

    def run(*arguments):
        code = 0
        try:
            cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        errors = printed.err
        if isinstance(code, str):
            # The interpreter prints it to stderr, and exits with 1.
            code, errors = 1, f"{errors}{code}\n"
        return code or 0, printed.out, errors

    return run


@pytest.fixture
def login(run, zendesk, port, file):
    """Return a function that signs in as client `desktop`, with further arguments."""

    def login(*arguments, client="desktop"):
        values = ["--base-url", zendesk.url, "--client-id", client, "--file", file]
        if "--redirect-uri" not in arguments:
            values += ["--port", port]
        return run("login", *values, *arguments)

    return login


@pytest.fixture
def stored(zendesk, file):
    """Return a function that reads the stored token of a client."""
    return lambda client="desktop": FileTokenStore(file).load(sign_in_key(zendesk.host, client))


@pytest.fixture
def start():
    """Return a function that starts a command as a process, which ends after the test."""
    running = []

    def start(*arguments, **options):
        command = [*COMMAND, *[str(argument) for argument in arguments]]
        values = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        values["env"] = {**os.environ, "PYTHONUNBUFFERED": "1", **options.get("env", {})}
        running.append(subprocess.Popen(command, **values))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def terminal():
    """Return a function that runs a command in a terminal of 24 lines and 80 columns."""
    running = []

    def terminal(*arguments, columns=80, **environment):
        # The workers of pytest set another width.
        ignored = {"NO_COLOR", "COLUMNS", "LINES"}
        variables = {name: value for name, value in os.environ.items() if name not in ignored}
        variables |= {"TERM": "xterm-256color", **environment}
        command = [*COMMAND, *[str(argument) for argument in arguments]]
        child = pexpect.spawn(
            command[0],
            command[1:],
            env=variables,
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=60,
        )
        running.append(child)
        return child

    yield terminal
    for child in running:
        child.close(force=True)


@pytest.fixture
def finish():
    """Return a function that reads the output of a command in a terminal, and its exit code."""

    def finish(child):
        child.expect(pexpect.EOF)
        child.wait() if child.isalive() else None
        child.close()
        return child.exitstatus, child.before

    return finish
