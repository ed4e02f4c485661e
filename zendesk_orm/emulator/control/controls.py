"""`Controls`: the part of `Emulator` that inspects and changes an account from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from requests import Session

from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.control import files, generation, snapshots
from zendesk_orm.emulator.control.accounts import ConnectedAccounts
from zendesk_orm.emulator.control.clocks import RunningClock
from zendesk_orm.emulator.control.factories import Factory
from zendesk_orm.emulator.control.snapshots import Snapshot
from zendesk_orm.emulator.oauth import clients
from zendesk_orm.emulator.seeds import new_account
from zendesk_orm.emulator.server.application import Application
from zendesk_orm.emulator.server.faults import Fault, Faults
from zendesk_orm.emulator.server.ignored import IgnoredParts
from zendesk_orm.emulator.server.request_log import RequestLog
from zendesk_orm.emulator.server.work import run_due_work
from zendesk_orm.emulator.storage.generating_store import GeneratingStore
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ARCHIVED, DELETED
from zendesk_orm.emulator.switches import Switches
from zendesk_orm.emulator.webhooks.receivers import Receiver
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.messages import display
from zendesk_orm.schema.record import Record
from zendesk_orm.support import Ticket


R = TypeVar("R", bound=Record)


class Controls:
    """Control of an account: its rows, clock, faults, and log of requests.

    Args:
        store: the rows.
        clock: the time of the account.
        switches: the settings of the account.
        seed: the name of the seed, or None.
        log_size: the number of requests that `log` keeps.

    Attributes:
        switches: the settings of the account, which may be changed at any time.
        wsgi: the WSGI application.
    """

    def __init__(
        self,
        store: GeneratingStore,
        clock: Clock,
        switches: Switches,
        seed: str | None,
        log_size: int,
    ) -> None:
        self.switches = switches
        self._store = store
        self._seed = seed
        self._context = Context(store, clock, switches)
        self.wsgi = Application(self._context, log_size)
        self._accounts = ConnectedAccounts()
        self._factory = Factory(self._context)

    @property
    def clock(self) -> Clock:
        """The clock of the account."""
        return self._context.clock

    @property
    def requests(self) -> list[str]:
        """Method and path of each request, `GET tickets/1`, without those of the sign-in."""
        return self.wsgi.requests

    @property
    def log(self) -> RequestLog:
        """The latest requests with bodies, statuses and faults, also those of the sign-in."""
        return self.wsgi.log

    @property
    def ignored(self) -> IgnoredParts:
        """The parts of requests that Zendesk ignores without an error, and their numbers."""
        return self._context.ignored

    @property
    def faults(self) -> Faults:
        """The faults of future requests: `emulator.faults.add(Fault(status=503, chance=0.05))`."""
        return self.wsgi.faults

    @property
    def token_requests(self) -> list[str]:
        """Grant type and error of each request for a token: `refresh_token invalid_grant`."""
        return self.wsgi.token_requests

    def clear_log(self) -> None:
        """Discard the logged requests."""
        self.log.clear()
        self.requests.clear()
        self.token_requests.clear()

    @check_arguments
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
        """Make the next requests fail.

        Args:
            status: the status of the response; None breaks the connection.
            times: the number of requests that fail.
            headers: the headers of the response.
            body: the body of the response, as an object or as text.
            method: the method of the requests; None for all methods.
            path: the start of the path of the requests; None for all paths except for those of
                the sign-in. The path of the token endpoint is `~/oauth/tokens`.
            after_applying: whether the request is handled before the connection breaks.
        """
        prefix = (path or "").removeprefix("/").removeprefix("api/v2/").removesuffix(".json")
        address = prefix[1:] if prefix.startswith("~") else f"/api/v2/{prefix}"
        drops = status is None or after_applying
        fault = Fault(
            f"{method or '*'} {address}*" if path else f"{method or '*'} *",
            status=None if drops else status,
            headers=headers or {},
            body=body,
            disconnect=drops,
            applied=after_applying,
            times=times,
        )
        self.wsgi.faults.add(fault)

    def archive(self, *ids: int) -> None:
        """Archive tickets, as Zendesk does some months after they are closed.

        Raises:
            ConfigurationError: a ticket does not exist; none is archived then.
        """
        label = Ticket._meta.label
        with self._store.transaction():
            for pk in ids:
                if type(pk) is not int or self._store.get(label, pk) is None:
                    raise ConfigurationError(f"there is no ticket with the id {display(pk)}")
                self._store.set_state(label, pk, ARCHIVED)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let time pass, at once: `emulator.advance(minutes=5)`.

        Jobs that become due are run, and automations once for each hour. Requests of webhooks that
        become due are sent.

        Raises:
            ConfigurationError: the clock of the emulator cannot be advanced.
            InvalidValue: the duration is invalid or negative, or ends after the year 8999.
        """
        clock = self.clock
        if not isinstance(clock, (RunningClock, VirtualClock)):
            raise ConfigurationError(
                "the clock of this emulator cannot be advanced: create it without a clock, or "
                "with a VirtualClock"
            )
        clock.advance(days=days, hours=hours, minutes=minutes, seconds=seconds)
        run_due_work(self._context)
        self.wait_for_webhooks()

    @property
    def webhook_session(self) -> Session:
        """The session that sends the requests of webhooks.

        Adapters can be mounted: `EmulatorAdapter(app)` sends requests to a WSGI application.
        """
        return self.wsgi.courier.session

    @check_arguments
    def receive(self, url: str, receiver: Receiver) -> None:
        """Send the requests of webhooks to a function, if their addresses start with `url`.

        ::

            received = []
            emulator.receive("https://example.com/hook", received.append)

        Args:
            url: the start of the addresses.
            receiver: receives a `requests.PreparedRequest`, and returns a status, or a status and
                headers; None for 200. An exception becomes the status 500, and `TimeoutError` a
                timeout. It runs in another thread, and may use the emulator.
        """
        self.wsgi.courier.receive(url, receiver)

    def wait_for_webhooks(self) -> None:
        """Wait until webhooks have sent all requests that are due.

        They are sent in another thread, after the responses to the requests that caused them.
        """
        self.wsgi.courier.wait()

    def make(self, model: type[R], count: int = 1, **values: Any) -> list[R]:
        """Create rows and return them as objects of the account that was connected last.

        ::

            tickets = emulator.make(Ticket, 50, status="open")

        Values that are missing are filled in, and required rows of other models are created. The
        rows are created as by another client: no signal is sent, and no request is counted.

        Args:
            model: the model.
            count: the number of rows.
            values: values of fields; of a function, the value for the number of each row, from
                1 on.

        Raises:
            ConfigurationError: no account is connected, or rows of the model cannot be created.
            InvalidValue: a value is invalid; ValidationError.
        """
        connected = self._accounts.latest
        if connected is None:
            raise ConfigurationError("make() needs an account: call connect(), or use make_ids()")
        rows = self._factory.make(model, count, values)
        self.wsgi.courier.start()
        return connected.current().materialize(model, rows)

    def make_ids(self, model: type[Record], count: int = 1, **values: Any) -> list[Any]:
        """Create rows as `make()` does, and return their ids; this needs no account."""
        rows = self._factory.make(model, count, values)
        self.wsgi.courier.start()
        return [row.get("id") for row in rows]

    def generate(
        self,
        model: type[Record],
        count: int,
        build: Callable[[int], Mapping[str, Any]] | None = None,
        *,
        days: float = 365,
    ) -> range:
        """Let the account have many rows that are not stored, and return their ids.

        ::

            emulator.generate(Ticket, 5_000_000, lambda number: {"subject": f"No. {number}"})

        Rows are built when they are read. A row that is changed is stored. See the page on the
        emulator for the limits.

        Args:
            model: the model, which has ids that are numbers.
            count: the number of rows.
            build: returns the values of the row with a number, from 1 on, by their names in
                Zendesk; always the same ones.
            days: the number of days, until now, over which the rows were created.

        Raises:
            ConfigurationError: the model has generated rows already, or a value is invalid.
        """
        with self._store.transaction():
            ids = generation.generate(self._context, model, count, build, days)
        self._accounts.forget_rows()
        return ids

    def snapshot(self) -> Snapshot:
        """Return a copy of all rows, to which `restore()` returns."""
        return snapshots.take(self._context)

    def restore(self, snapshot: Snapshot) -> None:
        """Replace all rows by those of a snapshot, which can be used again.

        Clock, switches, faults and log remain. Connected accounts forget the rows they cached.

        Raises:
            ConfigurationError: the value is not a snapshot.
        """
        snapshots.restore(self._context, snapshot)
        self._accounts.forget_rows()

    def reset(self, seed: str | None = None) -> None:
        """Return to a new account, without faults, logged requests and ignored parts.

        Args:
            seed: the seed; by default that of the emulator.

        Raises:
            ConfigurationError: the seed does not exist.
        """
        new_account.check_seed(seed)
        with self._store.transaction():
            files.clear(self._context)
        new_account.fill(self._context, seed or self._seed)
        if self.switches.oauth == "strict":
            with self._store.transaction():
                clients.get_connecting_client(self._context)
        self._accounts.forget_rows()
        self.faults.clear()
        self.ignored.clear()
        self.clear_log()

    def count_rows(self) -> dict[str, int]:
        """Return the number of rows of each model, without deleted rows."""
        kinds = {kind for (kind,) in self._store.execute("SELECT DISTINCT kind FROM rows")}
        where = Where("state < ?", (DELETED,))
        with self._store.lock:
            counts = {
                kind: self._store.count(kind, where)
                for kind in sorted({*kinds, *self._store.generated})
            }
        return {kind: number for kind, number in counts.items() if number}

    def dump_lines(self) -> Iterator[str]:
        """Return an iterator over the lines of a dump."""
        return files.dump(self._context)

    def dump(self, path: str | PathLike[str]) -> None:
        """Write all rows to a file, as lines of JSON.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        try:
            with Path(path).open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in files.dump(self._context))
        except (OSError, TypeError, ValueError) as error:
            message = f"the file {display(path)} cannot be written: {error}"
            raise ConfigurationError(message) from None

    def load(self, source: files.Lines) -> int:
        """Load rows from lines of JSON, and return their number.

        A dump replaces all rows. Other lines, such as
        `{"model": "Ticket", "row": {"subject": "Fire"}}`, add rows, or replace those with the same
        id. If a line is invalid, nothing changes.

        Args:
            source: the path of a file, or the lines.

        Raises:
            ConfigurationError: the file cannot be read, or a line is invalid.
        """
        with files.open_lines(source) as lines:
            number = files.load(self._context, lines)
        self._accounts.forget_rows()
        return number
