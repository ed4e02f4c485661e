"""A plugin of pytest that repeats the successful requests of tests with wrong values.

Before each request of a test, the rows are copied. After it has succeeded, the copy receives the
same request with one or several values replaced, and then valid requests. Run it by
`scripts/malformed --tests tests/support tests/help_center`.
"""

from __future__ import annotations

import collections
import copy
import json
import random
import re
from typing import Any

import pytest
from attrs import evolve, fields

from tests.emulator.malformed import TEXTS, VALUES, collect_tracebacks
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.messages import Parameters, Request, Response
from zendesk_orm.emulator.server.application import Application
from zendesk_orm.emulator.server.bodies import parse_body
from zendesk_orm.http.clock import VirtualClock


#: The number of requests that are sent instead of one, and how often for each path.
VARIANTS, REPETITIONS = 20, 4
#: The number of rows above which an account takes too long to copy.
_MAX_ROWS = 3_000
_IDS = re.compile(r"[0-9A-Z]{26}|V3-[0-9a-f]+|[0-9a-f-]{24,}|\d+")
_AFTERWARDS: tuple[tuple[str, dict[str, str]], ...] = (
    ("tickets", {}),
    ("users", {"page[size]": "2"}),
    ("job_statuses", {}),
    ("search", {"query": "type:ticket order_by:updated_at"}),
    ("incremental/tickets", {"start_time": "1"}),
    ("incremental/ticket_events", {"start_time": "1", "include": "comment_events"}),
)


class Mutator:
    """Sends variants of the requests of tests.

    Attributes:
        statuses: the number of responses by status.
        failures: the requests that the emulator could not answer, with the reason.
    """

    def __init__(self, seed: int) -> None:
        self.statuses: collections.Counter[int] = collections.Counter()
        self.failures: dict[str, str] = {}
        self._seen: collections.Counter[str] = collections.Counter()
        self._random = random.Random(seed)
        self._send = Application.handle
        self._is_busy = False

    def handle(self, application: Application, request: Request) -> Response:
        """Handle a request of a test, and send its variants to a copy of the account."""
        path = f"{request.method} {_IDS.sub('*', request.path)}"
        if self._is_busy or request.is_sign_in or self._seen[path] >= REPETITIONS:
            return self._send(application, request)
        self._is_busy = True
        try:
            clone = self._copy(application._context)
            response = self._send(application, request)
            if clone is not None:
                with clone:
                    if response.status < 400:
                        self._seen[path] += 1
                        self._send_variants(clone, request)
        finally:
            self._is_busy = False
        return response

    def _copy(self, context: Any) -> Emulator | None:
        """Return an emulator with the same rows, or None if there are too many."""
        ((count,),) = context.store.execute("SELECT count(*) FROM rows")
        if count > _MAX_ROWS:
            return None
        clone = Emulator(clock=VirtualClock(context.now()))
        clone._store.copy_from(context.store)
        for name in ("owner_id", "brand_id", "automations_due_at", "aged_at"):
            setattr(clone._context, name, getattr(context, name))
        for switch in fields(type(context.switches)):
            setattr(clone.switches, switch.name, getattr(context.switches, switch.name))
        return clone

    def _send_variants(self, clone: Emulator, request: Request) -> None:
        ids = [pk for (pk,) in clone._store.execute("SELECT id FROM rows ORDER BY id LIMIT 20")]
        for _ in range(VARIANTS):
            self._exchange(clone, self._vary(request, ids))
        clone.clock.sleep(60)
        for path, values in _AFTERWARDS:
            params = Parameters(list(values.items()))
            self._exchange(clone, Request("GET", path, params, headers=request.headers))
        # A list, or a row, that the variants may have damaged.
        parts = request.path.split("/")
        for end in range(1, len(parts) + 1):
            self._exchange(clone, Request("GET", "/".join(parts[:end]), headers=request.headers))

    def _exchange(self, clone: Emulator, request: Request) -> None:
        with collect_tracebacks() as tracebacks:
            response = self._send(clone.wsgi, request)
        self.statuses[response.status] += 1
        errors = [text for text in tracebacks if "Traceback" in text]
        if errors or (response.status >= 500 and response.status != 501):
            reason = "".join(errors) or response.text
            place = re.findall(r'File ".*?(\w+\.py)", line (\d+)', reason)
            failure = f"{request.method} {request.path} {request.content[:500]!r}\n{reason}"
            self.failures.setdefault(str(place[-1:] or response.text), failure)

    def _vary(self, request: Request, ids: list[Any]) -> Request:
        """Return a request with other values in its body, its path or its parameters."""
        roll = self._random.random()
        if request.method != "GET" and roll < 0.8 and isinstance(request.body, dict):
            content = json.dumps(self._vary_body(request.body, ids)).encode()
            text = content.decode()
            return evolve(request, content=content, text=text, body=parse_body(content))
        if roll < 0.9 and request.params:
            params = Parameters(request.params)
            params[self._random.choice(list(params))] = self._random.choice(TEXTS)
            return evolve(request, params=params)
        ids_in_path = _IDS.findall(request.path)
        if not ids_in_path:
            return request
        pk = str(self._random.choice((*ids, 0, -1, "x", "9" * 30)))
        return evolve(request, path=request.path.replace(self._random.choice(ids_in_path), pk))

    def _vary_body(self, body: Any, ids: list[Any]) -> Any:
        body = copy.deepcopy(body)
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            places: list[tuple[Any, Any]] = []
            inner = [body]
            while inner:
                value = inner.pop()
                if isinstance(value, (dict, list)):
                    keys = list(value) if isinstance(value, dict) else range(len(value))
                    places += [(value, key) for key in keys]
                    inner += [value[key] for key in keys]
            if not places:
                return self._random.choice(VALUES)
            parent, key = self._random.choice(places)
            old = parent[key]
            variants = (self._random.choice(VALUES), self._random.choice(ids), [old], {"id": old})
            parent[key] = copy.deepcopy(self._random.choice((variants[0], *variants)))
        return body


_MUTATOR = pytest.StashKey[Mutator]()
_patch = pytest.MonkeyPatch()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for another sequence of values."""
    parser.addoption("--mutation-seed", type=int, default=random.randrange(2**32))


def pytest_configure(config: pytest.Config) -> None:
    """Send variants of the requests of every emulator of this process."""
    config.stash[_MUTATOR] = mutator = Mutator(config.getoption("--mutation-seed"))
    _patch.setattr(Application, "handle", lambda self, request: mutator.handle(self, request))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a variant could not be answered."""
    _patch.undo()
    if session.config.stash[_MUTATOR].failures:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the failures and the statuses."""
    mutator = config.stash[_MUTATOR]
    for failure in mutator.failures.values():
        terminalreporter.write_line(failure)
    seed, statuses = config.getoption("--mutation-seed"), dict(sorted(mutator.statuses.items()))
    terminalreporter.write_line(f"seed {seed}: variants by status {statuses}")
    terminalreporter.write_line(f"{len(mutator.failures)} places that cannot answer")
