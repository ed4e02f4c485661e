"""The console of an emulator: pages at `/` and below `/_emulator/console/`, and their forms."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug import wrappers
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.utils import redirect

from zendesk_orm.emulator.console import overview, records, requests
from zendesk_orm.emulator.console.html import element, join
from zendesk_orm.emulator.console.layout import PREFIX, build_message, build_page, build_url
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.server.bodies import parse_json
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.emulator.server.rule_maps import build_rule_map
from zendesk_orm.errors import ConfigurationError, ZendeskError
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_logger = logging.getLogger("zendesk_orm.emulator")

_FOLDER = Path(__file__).parent / "static"
_FILES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_RULES = {
    "GET /": "show_overview",
    f"GET {PREFIX}": "show_overview",
    f"GET {PREFIX}/<name>": "get_file",
    f"GET {PREFIX}/records": "list_models",
    f"GET {PREFIX}/records/<kind>": "list_rows",
    f"GET {PREFIX}/records/<kind>/<path:pk>": "show_row",
    f"GET {PREFIX}/requests": "list_requests",
    f"GET {PREFIX}/requests/rows": "list_new_requests",
    f"GET {PREFIX}/requests/<int:number>": "show_request",
    f"POST {PREFIX}/clock": "advance",
    f"POST {PREFIX}/faults": "add_fault",
    f"POST {PREFIX}/faults/remove": "remove_fault",
    f"POST {PREFIX}/faults/clear": "clear_faults",
}
#: Nothing is loaded from elsewhere, and no other site can show the console in a frame.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Console:
    """The pages of an emulator, as a WSGI application.

    Args:
        emulator: the emulator.
    """

    def __init__(self, emulator: Controls) -> None:
        self._emulator = emulator

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a WSGI request."""
        request = wrappers.Request(environ)
        try:
            name, values = build_rule_map(tuple(_RULES.items())).bind_to_environ(environ).match()
            handler: Callable[..., Any] = getattr(self, name)
            response: wrappers.Response = handler(request, **values)
        except HTTPException as error:
            response = _respond(_build_error(error), error.code or 400)
        except (TypeError, ValueError, ZendeskError) as error:
            # The form was rejected: the overview shows the reason.
            response = _respond(self._build_overview(request, str(error)), 400)
        except Exception:
            # A fault of the emulator. It must still be able to handle the next request.
            _logger.exception("%s %s cannot be answered", request.method, request.path)
            failure = InternalServerError("The emulator failed: see its log.")
            response = _respond(_build_error(failure), 500)
        for header, value in _HEADERS.items():
            response.headers.setdefault(header, value)
        return response(environ, start_response)

    def _build_overview(self, request: wrappers.Request, error: str = "") -> str:
        return overview.build_overview(self._emulator, request.host_url.rstrip("/"), error)

    # -- pages ---------------------------------------------------------------

    def show_overview(self, request: wrappers.Request) -> Any:
        """Return the overview."""
        return _respond(self._build_overview(request))

    def get_file(self, request: wrappers.Request, name: str) -> Any:
        """Return a style sheet, a script or an image."""
        if name not in _FILES:
            raise NotFound
        content = (_FOLDER / name).read_bytes()
        return wrappers.Response(content, content_type=_FILES[name])

    def list_models(self, request: wrappers.Request) -> Any:
        """Return the page of all models."""
        return _respond(records.build_records(self._emulator))

    def list_rows(self, request: wrappers.Request, kind: str) -> Any:
        """Return the page of some rows of a model, or redirect to the row with `id`."""
        if "id" in request.args:
            return redirect(build_url("records", kind, request.args["id"].strip()), 303)
        if records.find_meta(kind) is None:
            raise NotFound(f"The model {kind} does not exist.")
        params = {name: request.args.get(name) for name in ("before", "after", "parent")}
        return _respond(records.build_rows(self._emulator, kind, **params))

    def show_row(self, request: wrappers.Request, kind: str, pk: str) -> Any:
        """Return the page of a row."""
        page = records.build_row(self._emulator, kind, pk)
        if page is None:
            raise NotFound(f"{kind} {pk} does not exist.")
        return _respond(page)

    def list_requests(self, request: wrappers.Request) -> Any:
        """Return the page of the logged requests."""
        return _respond(requests.build_requests(self._emulator))

    def list_new_requests(self, request: wrappers.Request) -> Any:
        """Return the rows of the requests after the number `after`, for the script."""
        after = request.args.get("after", 0, int)
        total = self._emulator.log.total
        if after > total:
            # Another emulator is served at this address now.
            after = 0
        entries = requests.find_entries(self._emulator, requests.ALL, after)
        response = _respond(str(join(requests.build_rows(entries))))
        response.headers["X-Total"] = str(total)
        response.headers["X-Clock"] = overview.format_clock(self._emulator)
        return response

    def show_request(self, request: wrappers.Request, number: int) -> Any:
        """Return the page of a logged request."""
        for entry in self._emulator.log:
            if entry.number == number:
                return _respond(requests.build_request(entry))
        raise NotFound(f"The log has no request {number} (any more).")

    # -- forms ---------------------------------------------------------------

    def advance(self, request: wrappers.Request) -> Any:
        """Let time pass."""
        step = request.form.get("step", "")
        if step not in overview.STEPS:
            raise ConfigurationError(f"the clock has no step {display(step)}")
        self._emulator.advance(**overview.STEPS[step])
        return redirect("/#clock", 303)

    def add_fault(self, request: wrappers.Request) -> Any:
        """Add the fault of a form."""
        self._emulator.faults.add(_parse_fault(request.form))
        return redirect("/#faults", 303)

    def remove_fault(self, request: wrappers.Request) -> Any:
        """Remove a fault and its equals."""
        options = parse_json(request.form.get("fault", ""), dict)
        self._emulator.faults.remove(Fault.from_options(options))
        return redirect("/#faults", 303)

    def clear_faults(self, request: wrappers.Request) -> Any:
        """Remove all faults."""
        self._emulator.faults.clear()
        return redirect("/#faults", 303)


def _parse_fault(form: Mapping[str, str]) -> Fault:
    """Return the fault of a form.

    Raises:
        ConfigurationError: a value is invalid.
    """
    failure, chance, times = (form.get(name, "") for name in ("failure", "chance", "times"))
    if failure not in overview.FAILURES:
        raise ConfigurationError(f"there is no failure {display(failure)}")
    options: dict[str, Any] = {"route": form.get("route", "").strip(), **overview.FAILURES[failure]}
    if chance:
        options["chance"] = float(chance) / 100
    if times:
        options["times"] = int(times)
    return Fault.from_options(options)


def _build_error(error: HTTPException) -> str:
    title = f"{error.code} {error.name}"
    return build_page(
        title,
        "",
        element("h1", title),
        build_message(error.description or "", is_error=True),
        element("p", element("a", "Overview", href="/")),
    )


def _respond(text: str, status: int = 200) -> wrappers.Response:
    return wrappers.Response(text, status, content_type="text/html; charset=utf-8")
