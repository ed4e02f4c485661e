"""An account to sign in at, a browser, and the command line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import webbrowser

import pytest
import requests

from tests.cli.zendesk import REDIRECT, Zendesk
from zendesk_orm import FileTokenStore, cli
from zendesk_orm.http.oauth.grants import sign_in_key


COMMAND = [sys.executable, "-c", "from zendesk_orm.cli import main; main()"]


@pytest.fixture
def port():
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def zendesk(port):
    """Return an account at a socket, for whose clients the redirect to `port` is registered."""
    server = Zendesk()
    server.redirects.add(REDIRECT.format(port=port))
    yield server
    server.close()


class Browser:
    """A browser that signs in at once, as an HTTP client that follows redirects.

    Attributes:
        pages: the pages that it ended at.
        before: addresses that it requests first, made of the redirect URL.
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
    """Take the browsers of the machine away."""
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    """Keep tokens in a folder of the test by default."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def file(tmp_path):
    """Return the file of tokens that commands are given."""
    return tmp_path / "tokens.json"


@pytest.fixture
def run(capsys):
    """Return what runs a command, and returns its exit code, its output and its errors."""

    def run(*arguments):
        code = 0
        try:
            cli.main([str(each) for each in arguments])
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
    """Return what signs in as client `desktop`, with further arguments."""

    def login(*arguments, client="desktop"):
        given = ["--base-url", zendesk.url, "--client-id", client, "--file", file]
        if "--redirect-uri" not in arguments:
            given += ["--port", port]
        return run("login", *given, *arguments)

    return login


@pytest.fixture
def stored(zendesk, file):
    """Return what reads the stored token of a client."""
    return lambda client="desktop": FileTokenStore(file).load(sign_in_key(zendesk.host, client))


@pytest.fixture
def start():
    """Return what starts a command as a process of its own; it is ended after the test."""
    running = []

    def start(*arguments, **options):
        command = [*COMMAND, *[str(each) for each in arguments]]
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        given["env"] = {**os.environ, "PYTHONUNBUFFERED": "1", **options.get("env", {})}
        running.append(subprocess.Popen(command, **given))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()
