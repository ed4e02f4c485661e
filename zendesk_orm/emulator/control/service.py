"""Control of an emulator by requests to `/_emulator/`, for programs in any language.

Bodies are JSON, except for dumps, which are lines of JSON. Errors have the form
`{"error": "the reason"}`. Requests of pages of other sites are rejected, as a browser would send
them without asking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import asdict, fields
from werkzeug import wrappers
from werkzeug.exceptions import HTTPException

from zendesk_orm.emulator.console.console import Console
from zendesk_orm.emulator.console.layout import PREFIX as CONSOLE_PREFIX
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.control.same_site import is_cross_site
from zendesk_orm.emulator.control.snapshots import Snapshot
from zendesk_orm.emulator.server.application import CONTROL_PREFIX
from zendesk_orm.emulator.server.bodies import parse_json
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.emulator.server.ignored import sorted_parts
from zendesk_orm.emulator.server.rule_maps import build_rule_map
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.switches import Switches
from zendesk_orm.errors import ConfigurationError, ZendeskError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_logger = logging.getLogger("zendesk_orm.emulator")

#: The number of snapshots that are kept. Each is a copy of all rows.
MAX_SNAPSHOTS = 20
_LINES = "application/x-ndjson"
_CROSS_SITE = {"error": "a page of another site cannot control the emulator"}

_RULES = {
    f"GET {CONTROL_PREFIX}": "show_state",
    f"GET {CONTROL_PREFIX}/clock": "show_clock",
    f"POST {CONTROL_PREFIX}/clock": "advance",
    f"GET {CONTROL_PREFIX}/switches": "show_switches",
    f"PATCH {CONTROL_PREFIX}/switches": "set_switches",
    f"GET {CONTROL_PREFIX}/faults": "list_faults",
    f"POST {CONTROL_PREFIX}/faults": "add_fault",
    f"DELETE {CONTROL_PREFIX}/faults": "remove_faults",
    f"GET {CONTROL_PREFIX}/requests": "list_requests",
    f"DELETE {CONTROL_PREFIX}/requests": "clear_requests",
    f"GET {CONTROL_PREFIX}/ignored": "list_ignored_parts",
    f"DELETE {CONTROL_PREFIX}/ignored": "clear_ignored_parts",
    f"POST {CONTROL_PREFIX}/make": "make",
    f"POST {CONTROL_PREFIX}/archive": "archive",
    f"POST {CONTROL_PREFIX}/reset": "reset",
    f"GET {CONTROL_PREFIX}/rows": "dump",
    f"POST {CONTROL_PREFIX}/rows": "load",
    f"GET {CONTROL_PREFIX}/snapshots": "list_snapshots",
    f"POST {CONTROL_PREFIX}/snapshots": "take_snapshot",
    f"POST {CONTROL_PREFIX}/snapshots/<name>/restore": "restore_snapshot",
    f"DELETE {CONTROL_PREFIX}/snapshots/<name>": "delete_snapshot",
}


class ControlService:
    """The requests that control an emulator, as a WSGI application.

    Args:
        emulator: the emulator.
    """

    def __init__(self, emulator: Controls) -> None:
        self._emulator = emulator
        self._console = Console(emulator)
        self._snapshots: dict[str, Snapshot] = {}
        self._last_snapshot = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a WSGI request."""
        request = wrappers.Request(environ)
        if is_cross_site(request):
            return _respond(_CROSS_SITE, 403)(environ, start_response)
        if request.path == "/" or request.path.startswith(CONSOLE_PREFIX):
            return self._console(environ, start_response)
        try:
            name, values = build_rule_map(tuple(_RULES.items())).bind_to_environ(environ).match()
            handler: Callable[..., Any] = getattr(self, name)
            result = handler(request, **values)
        except HTTPException as error:
            result = _respond({"error": error.description}, error.code or 400)
        except (TypeError, ValueError, ZendeskError) as error:
            result = _respond({"error": str(error)}, 400)
        except Exception:
            # A fault of the emulator. It must still be able to handle the next request.
            _logger.exception("%s %s cannot be answered", request.method, request.path)
            result = _respond({"error": "the emulator failed: see its log"}, 500)
        response = result if isinstance(result, wrappers.Response) else _respond(result)
        return response(environ, start_response)

    # -- state ---------------------------------------------------------------

    def show_state(self, request: wrappers.Request) -> Any:
        """Return clock, switches, faults, and numbers of rows, requests and ignored parts."""
        return {
            **self.show_clock(request),
            **self.show_switches(request),
            **self.list_faults(request),
            "rows": self._emulator.count_rows(),
            "requests": self._emulator.log.total,
            "ignored": sum(self._emulator.ignored.values()),
            "snapshots": list(self._snapshots),
        }

    def show_clock(self, request: wrappers.Request) -> Any:
        """Return the time of the account."""
        now = self._emulator.clock.now()
        return {"clock": {"time": format_timestamp(now), "seconds": now}}

    def advance(self, request: wrappers.Request) -> Any:
        """Let time pass: `{"minutes": 5}`."""
        self._emulator.advance(**_parse_values(request, "days", "hours", "minutes", "seconds"))
        return self.show_clock(request)

    def show_switches(self, request: wrappers.Request) -> Any:
        """Return the switches, with "..." for the token."""
        switches = asdict(self._emulator.switches)
        return {"switches": {**switches, "token": switches["token"] and "..."}}

    def set_switches(self, request: wrappers.Request) -> Any:
        """Set switches: `{"index_lag": 60}`. If one is invalid, none is changed."""
        names = [switch.name for switch in fields(Switches)]
        changes = _parse_object(request)
        for name in changes:
            if name not in names:
                raise ConfigurationError(
                    f"the switch {display(name)} does not exist" + suggestion(name, names)
                )
        checked = Switches(**changes)
        for name in changes:
            setattr(self._emulator.switches, name, getattr(checked, name))
        return self.show_switches(request)

    def reset(self, request: wrappers.Request) -> Any:
        """Return to a new account: `{"seed": "demo"}`, or without a body for the first seed."""
        self._emulator.reset(_parse_values(request, "seed").get("seed"))
        return self.show_state(request)

    # -- faults, requests, ignored parts -------------------------------------

    def list_faults(self, request: wrappers.Request) -> Any:
        """Return the faults."""
        return {"faults": [asdict(fault) for fault in self._emulator.faults]}

    def add_fault(self, request: wrappers.Request) -> Any:
        """Add a fault: `{"route": "GET /api/v2/tickets*", "status": 503}`."""
        self._emulator.faults.add(Fault.from_options(_parse_object(request)))
        return _respond(self.list_faults(request), 201)

    def remove_faults(self, request: wrappers.Request) -> Any:
        """Remove all faults, or those that equal the one of the body."""
        options = _parse_object(request)
        if options:
            self._emulator.faults.remove(Fault.from_options(options))
        else:
            self._emulator.faults.clear()
        return self.list_faults(request)

    def list_requests(self, request: wrappers.Request) -> Any:
        """Return the latest requests, oldest first; `after` is the number of the last known."""
        after = request.args.get("after", 0, int)
        log = self._emulator.log
        logged = [entry.to_json() for entry in log if entry.number > after]
        return {"requests": logged, "total": log.total}

    def clear_requests(self, request: wrappers.Request) -> Any:
        """Discard the log."""
        self._emulator.clear_log()
        return self.list_requests(request)

    def list_ignored_parts(self, request: wrappers.Request) -> Any:
        """Return the ignored parts of requests, with their numbers."""
        parts = sorted_parts(self._emulator.ignored)
        return {"ignored": [{**asdict(part), "count": number} for part, number in parts]}

    def clear_ignored_parts(self, request: wrappers.Request) -> Any:
        """Discard the ignored parts."""
        self._emulator.ignored.clear()
        return self.list_ignored_parts(request)

    # -- rows ----------------------------------------------------------------

    def make(self, request: wrappers.Request) -> Any:
        """Create rows: `{"model": "Ticket", "count": 50, "values": {"status": "open"}}`."""
        order = _parse_values(request, "model", "count", "values")
        product, _, name = str(order.pop("model", "")).rpartition(".")
        model = registry.find(name, product or "support")
        count, values = order.pop("count", 1), order.pop("values", {})
        if not isinstance(values, dict):
            raise ConfigurationError("make needs an object with model, count and values")
        return _respond({"ids": self._emulator.make_ids(model, count, **values)}, 201)

    def archive(self, request: wrappers.Request) -> Any:
        """Archive tickets: `{"ids": [1, 2]}`."""
        ids = _parse_values(request, "ids").get("ids")
        if not isinstance(ids, list):
            raise ConfigurationError("archive needs an object with a list of ids")
        self._emulator.archive(*ids)
        return {}

    def dump(self, request: wrappers.Request) -> Any:
        """Return all rows as lines of JSON."""
        lines = "".join(f"{line}\n" for line in self._emulator.dump_lines())
        return wrappers.Response(lines, content_type=_LINES)

    def load(self, request: wrappers.Request) -> Any:
        """Load lines of JSON; those of a dump replace all rows."""
        text = request.get_data().decode()
        # Other line separators of Unicode may be part of JSON texts.
        return {"loaded": self._emulator.load(text.split("\n"))}

    def list_snapshots(self, request: wrappers.Request) -> Any:
        """Return the snapshots."""
        snapshots = self._snapshots.items()
        return {
            "snapshots": [
                {"id": name, "time": format_timestamp(snapshot.time)}
                for name, snapshot in snapshots
            ]
        }

    def take_snapshot(self, request: wrappers.Request) -> Any:
        """Take a snapshot, and return its id."""
        if len(self._snapshots) >= MAX_SNAPSHOTS:
            raise ConfigurationError(f"there are {MAX_SNAPSHOTS} snapshots: delete one first")
        self._last_snapshot += 1
        name, snapshot = str(self._last_snapshot), self._emulator.snapshot()
        self._snapshots[name] = snapshot
        return _respond({"id": name, "time": format_timestamp(snapshot.time)}, 201)

    def restore_snapshot(self, request: wrappers.Request, name: str) -> Any:
        """Replace all rows by those of a snapshot."""
        self._emulator.restore(self._get_snapshot(name))
        return self.show_state(request)

    def delete_snapshot(self, request: wrappers.Request, name: str) -> Any:
        """Delete a snapshot."""
        self._get_snapshot(name)
        del self._snapshots[name]
        return self.list_snapshots(request)

    def _get_snapshot(self, name: str) -> Snapshot:
        try:
            return self._snapshots[name]
        except KeyError:
            raise ConfigurationError(
                f"the snapshot {display(name)} does not exist" + suggestion(name, self._snapshots)
            ) from None


def _parse_object(request: wrappers.Request) -> dict[str, Any]:
    """Return the object of a body; {} if it is empty.

    Raises:
        ValueError: the body is something else.
    """
    text = request.get_data()
    body = parse_json(text, dict) if text else {}
    if not isinstance(body, dict):
        raise ConfigurationError("the body must be a JSON object")
    # Half a character of UTF-16 cannot be part of a response. The error is a `ValueError`.
    dump_json(body).encode()
    return body


def _parse_values(request: wrappers.Request, *names: str) -> dict[str, Any]:
    """Return the object of a body, whose keys are some names; {} if it is empty.

    Raises:
        ConfigurationError: the body is something else, or has another key.
    """
    values = _parse_object(request)
    for name in values:
        if name not in names:
            raise ConfigurationError(
                f"the request has no value {display(name)}" + suggestion(name, names)
            )
    return values


def _respond(body: Any, status: int = 200) -> wrappers.Response:
    return wrappers.Response(dump_json(body), status, content_type="application/json")
