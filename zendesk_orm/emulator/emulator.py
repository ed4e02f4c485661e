"""`Emulator`: a Zendesk in the process. The file to open first.

Below it: `application` reads a request, `router` finds by the models'
declarations what it asks for, `reads`, `search`, `writes` and `jobs` do it, and
`store` keeps the rows.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, fields, frozen
from requests import Session
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from zendesk_orm import account
from zendesk_orm.account import Account
from zendesk_orm.emulator import seeding
from zendesk_orm.emulator.adapter import EmulatorAdapter
from zendesk_orm.emulator.application import Application
from zendesk_orm.emulator.faults import Fault
from zendesk_orm.emulator.oauth import clients
from zendesk_orm.emulator.oauth.clients import RegisteredClient
from zendesk_orm.emulator.store import ARCHIVED, Store
from zendesk_orm.emulator.world import HOME, Switches, World
from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.http.oauth.grants import ClientCredentials
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.schema import registry
from zendesk_orm.suggestions import suggestion
from zendesk_orm.support import Ticket


#: The highest port of a host.
_LAST_PORT = 65_535

if TYPE_CHECKING:
    from typing_extensions import Self


class Emulator:
    """A Zendesk over SQLite, in memory or in a file.

    ::

        emulator = Emulator(seed="demo")
        emulator.connect()
        Ticket.objects.filter(status="new")

    It begins with what a new account has: an owner, a group, a brand, the ticket
    fields of the system.

    Args:
        path: the file; None keeps all in memory. A file that has rows is left as it is.
        seed: `"demo"` fills it with some thousand tickets and the people around them.
        clock: its time; by default a virtual one, in which waiting takes no time.
        switches: see `Switches`.

    Attributes:
        switches: how the account behaves; may be changed at any time.
        wsgi: the WSGI application.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        seed: str | None = None,
        clock: Clock | None = None,
        **switches: Any,
    ) -> None:
        known = {"seed", "clock", *(each.name for each in fields(Switches))}
        for name in switches:
            if name not in known:
                raise ConfigurationError(
                    f"the emulator has no switch {name!r}" + suggestion(name, known)
                )
        for product in registry.PRODUCTS:
            registry.load(product)
        self.switches = Switches(**switches)
        self._own_clock = clock is None
        self._identity = f"emulator:{Path(path).resolve() if path else uuid.uuid4()}"
        self._store = Store(path)
        self._world = World(self._store, clock or VirtualClock(), self.switches)
        self.wsgi = Application(self._world)
        seeding.fill(self._world, seed, copied=path is None and clock is None)
        if self.switches.oauth == "strict":
            # Made at once, so that other programs can sign in at a socket.
            _ = self.oauth_client

    @property
    def clock(self) -> Clock:
        """What time it is there."""
        return self._world.clock

    @property
    def requests(self) -> list[str]:
        """Method and path of each request received, except for signing in: `GET tickets/1`."""
        return self.wsgi.requests

    @property
    def token_requests(self) -> list[str]:
        """Grant type of each request for a token, and its error: `refresh_token invalid_grant`."""
        return self.wsgi.token_requests

    @property
    def oauth_client(self) -> RegisteredClient:
        """The confidential OAuth client with which `connect()` signs in, with its secret."""
        with self._store.transaction():
            return clients.get_connecting_client(self._world)

    @property
    def login_client(self) -> RegisteredClient:
        """The public OAuth client for `zendesk-orm login`, redirecting to its default port."""
        with self._store.transaction():
            return clients.get_login_client(self._world)

    def create_client(
        self,
        identifier: str,
        *,
        kind: str = "confidential",
        redirect_uri: Iterable[str] = (),
        scopes: Iterable[str] | None = None,
    ) -> RegisteredClient:
        """Create an OAuth client, and return it with its secret.

        Args:
            identifier: its `client_id`.
            kind: `"confidential"`, or `"public"` for one that has to use PKCE.
            redirect_uri: the addresses to which users may be sent back.
            scopes: the scopes that it may have; None for all.

        Raises:
            ConfigurationError: the kind does not exist, or the identifier is taken.
        """
        with self._store.transaction():
            return clients.register(
                self._world, identifier, kind=kind, redirect_uri=redirect_uri, scopes=scopes
            )

    def connect(
        self,
        alias: str = "default",
        retry: RetryPolicy | None = None,
        keep: dict[type[Any], float] | None = None,
        read_ahead: int = 0,
    ) -> Account:
        """Make an account known whose requests come here, and return it.

        Args:
            alias: the account's name, for `.using(alias)`.
            retry: which failures are tried again.
            keep: model -> seconds for which its rows are kept.
            read_ahead: pages that are fetched while another is read; in the process there
                is nothing to wait for.
        """
        client: dict[str, Any]
        if self.switches.oauth == "strict":
            own = self.oauth_client
            scope = "read write impersonate"
            client = {"oauth": ClientCredentials(own.identifier, own.secret, scope=scope)}
        else:
            client = {"email": seeding.OWNER, "token": self.switches.token or "emulated"}
        return account.connect(
            base_url=HOME,
            session=self.session(),
            **client,
            alias=alias,
            retry=retry,
            clock=self.clock,
            keep=keep,
            read_ahead=read_ahead,
        )

    def session(self) -> Session:
        """Return a `requests.Session` whose requests come here, whatever their host."""
        session: Any = Session()
        # All emulators have one host, and each of them is an account.
        session.account_identity = self._identity
        session.mount("https://", EmulatorAdapter(self.wsgi))
        made: Session = session
        return made

    def fail_next(
        self,
        status: int | None,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        method: str | None = None,
        path: str | None = None,
        after_applying: bool = False,
    ) -> None:
        """Let the next requests fail.

        Args:
            status: what is answered; None breaks the connection.
            times: how many requests fail.
            headers, body: what the answer says.
            method, path: which requests; a path means all that begin with it. Without a path,
                requests of signing in do not fail; the path of the token endpoint is
                `~/oauth/tokens`.
            after_applying: the request is done, and the connection breaks then.
        """
        fault = Fault(status, times, headers or {}, body, method, path, after_applying)
        self.wsgi.faults.add(fault)

    def archive(self, *ids: int) -> None:
        """Archive tickets, as Zendesk does some months after they were closed."""
        with self._store.transaction():
            for pk in ids:
                self._store.set_state(Ticket._meta.label, pk, ARCHIVED)

    def serve(self, host: str = "127.0.0.1", port: int = 8080) -> Server:
        """Serve it at a socket, in a thread of its own; port 0 takes a free one.

        The clock is the machine's from then on, unless one was given.

        Raises:
            InvalidValue: there is no such port.
        """
        if type(port) is not int or not 0 <= port <= _LAST_PORT:
            raise InvalidValue(f"port must be a number from 0 to {_LAST_PORT}, not {port!r}")
        if self._own_clock:
            self._world.clock = Clock()
        return Server.start(make_server(host, port, self.wsgi, True, 1, _Quiet))

    def close(self) -> None:
        """Let go of the rows, or of the file that they are in."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@frozen
class Server:
    """An emulator behind a socket; `with` stops it at the end."""

    _server: BaseWSGIServer
    _thread: threading.Thread = field(repr=False)

    @classmethod
    def start(cls, server: BaseWSGIServer) -> Server:
        """Begin to serve."""
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        return cls(server, thread)

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:8080`."""
        return f"http://{self._server.host}:{self._server.port}"

    def wait(self) -> None:
        """Wait until it is stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Stop it, and close the socket."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


class _Quiet(WSGIRequestHandler):
    """Logs nothing: the requests are at hand as `emulator.requests`."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""
