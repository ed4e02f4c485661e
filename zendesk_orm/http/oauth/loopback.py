"""The end of a sign-in on the same machine: a small web server that waits for the redirect."""

from __future__ import annotations

import html
import logging
import os
import queue
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from urllib.parse import parse_qs, urlsplit

from zendesk_orm.errors import ConfigurationError, RequestTimeout
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.hosts import LOOPBACK
from zendesk_orm.http.oauth.authorization import split_url


logger = logging.getLogger("zendesk_orm.oauth")

#: Seconds after which a connection that sends nothing is closed.
_IDLE = 10
_OK = 200
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>zendesk_orm</title>
<body style="font: 1.1em sans-serif; margin: 4em auto; max-width: 36em">
<h1>{title}</h1><p>{text}</p>
"""


class LoopbackServer:
    """Waits at `127.0.0.1` for the redirect of a sign-in.

    ::

        with LoopbackServer(request.redirect_uri, request.matches) as server:
            webbrowser.open(request.url("https://acme.zendesk.com"))
            token = request.exchange(endpoint, server.wait(300))

    Other machines cannot reach it. Other paths are answered with 404, and redirects that do
    not match with 400; neither ends the waiting.

    Args:
        redirect_uri: `http://127.0.0.1:PORT/PATH`, or the same with `localhost`.
        matches: whether the address of a redirect is the expected one.

    Raises:
        ConfigurationError: the port cannot be used, or the redirect URL leads elsewhere.
    """

    def __init__(self, redirect_uri: str, matches: Callable[[str], bool]) -> None:
        parts = split_url(redirect_uri)
        if not serves(redirect_uri):
            raise ConfigurationError(
                f"a redirect to {redirect_uri} does not reach this program: use http:// with "
                "localhost or 127.0.0.1"
            )
        self._matches = matches
        self._path = parts.path or "/"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._redirects: queue.Queue[str] = queue.Queue()
        port = parts.port or 80
        failure: ConfigurationError | None = None
        try:
            self._server = _Server(("127.0.0.1", port), self._handler())
        except OSError as error:
            failure = ConfigurationError(
                f"port {port} of 127.0.0.1 cannot be used ({error.strerror or error}): stop the "
                "program that uses it, or choose another port (zendesk-orm login --port) and "
                "register its redirect URL, too"
            )
        if failure is not None:
            raise failure
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), daemon=True, name="zendesk-sign-in"
        )

    def wait(self, timeout: float | None = None) -> str:
        """Return the address of the redirect, as soon as one arrives that matches.

        Args:
            timeout: seconds to wait; None for as long as it takes.

        Raises:
            RequestTimeout: none arrived in time.
        """
        try:
            return self._redirects.get(timeout=timeout)
        except queue.Empty:
            pass
        raise RequestTimeout(
            f"nobody signed in within {timeout:g} seconds: start again, or wait longer "
            "(zendesk-orm login --timeout); if the browser showed an error, check the subdomain, "
            "the client id and the redirect URL"
        )

    def submit(self, redirect: str) -> bool:
        """Take the address of a redirect that arrived in another way, as by copy and paste.

        Returns:
            Whether it matches; if not, waiting goes on.
        """
        if not self._matches(redirect):
            return False
        self._redirects.put(redirect)
        return True

    def close(self) -> None:
        """Stop listening."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _page(self, target: str) -> tuple[int, str, str]:
        """Return status, title and text of the page for the target of a request."""
        if not target.startswith("/") or urlsplit(target).path != self._path:
            return 404, "Not found", "There is nothing here."
        if not self._matches(self._origin + target):
            logger.warning("ignored a redirect that answers another sign-in: its state differs")
            return 400, "This was not the expected answer", "It belongs to another sign-in."
        refusal = parse_qs(urlsplit(target).query).get("error")
        if refusal:
            return _OK, "Nobody was signed in", f"Zendesk answered: {refusal[0]}."
        return _OK, "You can close this window", "The program continues in the terminal."

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin, page_of, submit = self._origin, self._page, self.submit

        class Handler(BaseHTTPRequestHandler):
            timeout = _IDLE
            server_version, sys_version = "zendesk_orm", ""

            def do_GET(self) -> None:
                status, title, text = page_of(self.path)
                page = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.send_header("Content-Length", str(len(page)))
                    # The address contains the code: nobody is to keep it or pass it on.
                    self.send_header("Cache-Control", "no-store")
                    self.send_header("Referrer-Policy", "no-referrer")
                    self.end_headers()
                    self.wfile.write(page)
                finally:
                    # Not before: the program may end as soon as it has the redirect.
                    if status == _OK:
                        submit(origin + self.path)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing: the address contains the code."""

        return Handler


class _Server(ThreadingTCPServer):
    # Browsers open connections in advance on which they send nothing: each has its thread.
    daemon_threads = True
    block_on_close = False
    # On Windows it would let two programs listen at the same port.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a browser that hung up."""


def serves(redirect_uri: str) -> bool:
    """Return whether a redirect to this URL can reach a `LoopbackServer`."""
    parts = split_url(redirect_uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK
