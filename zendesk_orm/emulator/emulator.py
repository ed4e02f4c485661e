"""`Emulator`: a Zendesk in the process. Start reading here.

`server.application` parses a request, `server.router` finds its handler by the declarations of the
models, the handlers in the other packages read and write rows, and `storage.store` stores them.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import asdict, evolve, fields
from requests import Session

from zendesk_orm import account
from zendesk_orm.account import Account
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.emulator.control.clocks import RunningClock
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.control.service import ControlService
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.emulator.messaging.access import default_key
from zendesk_orm.emulator.oauth import clients
from zendesk_orm.emulator.oauth.clients import RegisteredClient
from zendesk_orm.emulator.seeds import new_account
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.emulator.server.routes import load_handlers
from zendesk_orm.emulator.server.sockets import Server
from zendesk_orm.emulator.storage.generating_store import GeneratingStore
from zendesk_orm.emulator.switches import Switches
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
from zendesk_orm.http.oauth.grants import ClientCredentials
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.throttle import QuotaSettings
from zendesk_orm.messages import display, shorten, suggestion
from zendesk_orm.schema import registry
from zendesk_orm.session.shared import SharedState


#: The number of requests in the log.
LOG_SIZE = 1_000
#: Parameters of `Emulator` that are not switches.
_PARAMETERS = frozenset({"path", "seed", "clock", "faults", "log_size"})
_NOT_IN_URLS = _PARAMETERS - {"seed"} | {"self"}


class Emulator(Controls):
    """A Zendesk account over SQLite, in memory or in a file.

    ::

        emulator = Emulator(seed="demo")
        emulator.connect()
        Ticket.objects.filter(status="new")

    It starts with the rows of a new account: an owner, a group, a brand, and the system ticket
    fields.

    Args:
        path: the file; None keeps all rows in memory. Rows of an existing file are unchanged.
        seed: `"demo"` inserts some thousand tickets with their users and organizations.
        clock: the clock; by default a virtual one, whose waits take no time.
        faults: the first faults; `faults` adds others.
        log_size: the number of requests that `log` keeps.
        switches: see `Switches`.

    Attributes:
        switches: the settings of the account, which may be changed at any time.
        wsgi: the WSGI application.

    Raises:
        ConfigurationError: a switch or the seed does not exist or is invalid, or the file cannot
            be opened.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        seed: str | None = None,
        clock: Clock | None = None,
        faults: Iterable[Fault] = (),
        log_size: int = LOG_SIZE,
        **switches: Any,
    ) -> None:
        # First, because debuggers display the object if an argument is invalid.
        self._place = "in memory" if path is None else shorten(str(path))
        keywords = {
            "seed",
            "clock",
            "faults",
            "log_size",
            *(switch.name for switch in fields(Switches)),
        }
        for name in switches:
            if name not in keywords:
                raise ConfigurationError(
                    f"the switch {display(name)} does not exist" + suggestion(name, keywords)
                )
        for product in registry.PRODUCTS:
            registry.load(product)
        load_handlers()
        settings = Switches(**switches)
        self._has_default_clock = clock is None
        try:
            self._identity = f"emulator:{Path(path).resolve() if path else uuid.uuid4()}"
            store = GeneratingStore(path)
        except (OSError, TypeError, ValueError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"the file {display(path)} cannot be opened as a database: {error}"
            ) from None
        super().__init__(store, clock or VirtualClock(), settings, seed, log_size)
        self.wsgi.control = ControlService(self)
        for fault in faults:
            self.faults.add(fault)
        try:
            new_account.fill(self._context, seed, use_cache=path is None and clock is None)
        except sqlite3.DatabaseError as error:
            self.close()
            raise ConfigurationError(f"the file {display(path)} is damaged: {error}") from None
        if self.switches.oauth == "strict":
            # Created at once, so that other programs can sign in through a socket.
            _ = self.oauth_client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._place}>"

    @classmethod
    def from_url(cls, url: str, clock: Clock | None = None) -> Self:
        """Return the emulator that a URL describes: `emulator:///path/file.db?seed=demo`.

        Raises:
            ConfigurationError: the URL is invalid, or has a switch that does not exist.
        """
        try:
            parts = urlsplit(url)
            pairs = parse_qsl(parts.query, keep_blank_values=True)
        except ValueError as error:
            raise ConfigurationError(f"the URL of the emulator is invalid: {error}") from None
        options: dict[str, Any] = dict(pairs)
        if parts.netloc or parts.fragment:
            raise ConfigurationError(
                "the URL of an emulator must have a path and switches alone, as in "
                "emulator:///path/file.db?seed=demo"
            )
        if len(options) < len(pairs) or options.keys() & _NOT_IN_URLS:
            raise ConfigurationError(
                "the URL of an emulator must have switches of zendesk_orm.emulator.Switches, each "
                "once"
            )
        return cls(parts.path or None, clock=clock, **options)

    @property
    def oauth_client(self) -> RegisteredClient:
        """The confidential OAuth client of `connect()`, with its secret."""
        with self._store.transaction():
            return clients.get_connecting_client(self._context)

    @property
    def login_client(self) -> RegisteredClient:
        """The public OAuth client of `zendesk-orm login`, which redirects to its default port."""
        with self._store.transaction():
            return clients.get_login_client(self._context)

    @check_arguments
    def create_client(
        self,
        identifier: str,
        *,
        kind: str = "confidential",
        redirect_uri: str | Iterable[str] = (),
        scopes: Iterable[str] | None = None,
    ) -> RegisteredClient:
        """Create an OAuth client and return it with its secret.

        Args:
            identifier: the value of `client_id`.
            kind: `"confidential"`, or `"public"` for a client that has to use PKCE.
            redirect_uri: the address, or the addresses, to which users may be redirected.
            scopes: the scopes that the client may have; None for all.

        Raises:
            ConfigurationError: the kind is invalid, or the identifier exists.
        """
        with self._store.transaction():
            return clients.register(
                self._context, identifier, kind=kind, redirect_uri=redirect_uri, scopes=scopes
            )

    def connect(
        self,
        alias: str = "default",
        retry: RetryPolicy | None = None,
        cache_seconds: dict[type[Any], float] | None = None,
        read_ahead: int = 0,
        shared: SharedState | None = None,
        quota: QuotaSettings | None = None,
        **settings: Any,
    ) -> Account:
        """Register an account whose requests are sent to the emulator, and return it.

        Args:
            alias: the name of the account, for `.using(alias)`.
            retry: the policy for retries.
            cache_seconds: seconds for which rows are cached, by model.
            read_ahead: the number of pages that are fetched in advance, which saves no time
                without a network.
            shared: the state that several processes share.
            quota: the settings for rate limits.
            settings: these settings by name, as for `zendesk_orm.connect()`: `max_rpm=60`.

        Raises:
            ConfigurationError: a setting does not exist or is invalid.
        """
        quota = QuotaSettings() if quota is None else quota
        if not isinstance(quota, QuotaSettings):
            raise ConfigurationError(
                f"quota must be QuotaSettings, not {display(quota)}; settings can also be passed "
                "by name: max_rpm=60"
            )
        quota = self._complete(quota, settings)
        client: dict[str, Any]
        if self.switches.oauth == "strict":
            registered = self.oauth_client
            scope = "read write impersonate"
            client = {
                "oauth": ClientCredentials(registered.identifier, registered.secret, scope=scope)
            }
        else:
            client = {"email": new_account.OWNER, "token": self.switches.token or "emulated"}
        connected = account.connect(
            base_url=BASE_URL,
            session=self.session(),
            messaging=default_key(),
            **client,
            alias=alias,
            retry=retry,
            clock=self.clock,
            cache_seconds=cache_seconds,
            read_ahead=read_ahead,
            shared=shared,
            **asdict(quota, recurse=False),
        )
        self._accounts.add(connected)
        return connected

    def _complete(self, quota: QuotaSettings, settings: Mapping[str, Any]) -> QuotaSettings:
        """Return settings without limits of endpoints that the emulator does not apply.

        Raises:
            ConfigurationError: a setting does not exist or is invalid.
        """
        names = [setting.name for setting in fields(QuotaSettings)]
        for name in settings:
            if name not in names:
                raise ConfigurationError(
                    f"connect() has no setting {display(name)}" + suggestion(name, names)
                )
        quota = evolve(quota, **settings)
        if self.switches.endpoint_limits or quota.endpoint_limits is not None:
            return quota
        return evolve(quota, endpoint_limits=NO_ENDPOINT_LIMITS)

    def session(self) -> Session:
        """Return a `requests.Session` whose requests to any host are sent to the emulator."""
        session = Session()
        # All emulators have the same host, but each is another account.
        vars(session)["account_identity"] = self._identity
        session.mount("https://", EmulatorAdapter(self.wsgi))
        return session

    def serve(self, host: str = "127.0.0.1", port: int = 8080) -> Server:
        """Serve the emulator on a port, in a thread; 0 chooses a free port.

        Afterwards its clock runs with that of the machine, and is not behind it, unless the
        emulator was created with a clock.
        Requests to `/_emulator/` control the emulator.

        Raises:
            InvalidValue: the port is invalid.
        """
        server = Server.start(host, port, self.wsgi)
        if self._has_default_clock and not isinstance(self.clock, RunningClock):
            # Creating the rows took time, which a virtual clock does not notice.
            self._context.clock = RunningClock(self.clock.now())
        return server

    def close(self) -> None:
        """Close the file, or discard the rows in memory. Webhooks send no further requests."""
        self.wsgi.courier.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
