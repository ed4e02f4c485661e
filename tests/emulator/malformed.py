"""Malformed requests: every route with values of every wrong type.

Run as a program, it sends many of them and reports each failure; `--keys` also sends every key and
parameter that a handler may read, with a value of each type::

    python -m tests.emulator.malformed --requests 20000 --keys
"""

# ruff: noqa: E501 - tables with many values in a line

from __future__ import annotations

import argparse
import ast
import base64
import collections
import copy
import io
import json
import logging
import random
import re
import string
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from attrs import field, frozen

import zendesk_orm.emulator
from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_resource import INSERTED
from zendesk_orm import connections
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.crud import jobs
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.router import Route, Router, find_handler
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.errors import Unprocessable
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from typing_extensions import Self

NOW = 1_790_000_000.0
_FOLDER = Path(zendesk_orm.emulator.__file__).parent
_JSON = {"CONTENT_TYPE": "application/json"}
_NAME = re.compile(r"[a-z][a-z_\[\]]{1,40}")

DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]
_CURSORS = [
    {"o": "id", "v": [{"a": 1}, [2]]},
    {"o": "id", "v": [10**40, 1]},
    {"o": "id", "v": [None, None]},
    {"o": ["id"], "v": [1, 1]},
    {"o": "id'--", "v": [1, 1]},
    [1],
    1,
]

#: Values of every type that JSON has, of which most are wrong for most keys.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 5, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.5, 1e308,
    "", " ", "x", "5", "-1", "²", "9" * 50, "9" * 5_000, "1.5", "true", "null", "a b,c", "%", "'", '"',
    "\\", "\0", "é", "😀", "owner@example.com", "https://example.com", "2026-01-01",
    "2026-13-45", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", "0000-00-00", "now", "x" * 70_000,
    [], [None], [1], ["x"], [[]], [{}], [1, "x", None, {}], [{"id": 1}], [{"id": [1]}],
    [{"id": {}, "value": {}}], [{"field": "status", "operator": "is", "value": "new"}],
    [{"field": [], "operator": {}, "value": 1}], {}, {"a": 1}, {"id": 1}, {"id": []},
    {"a": {"b": [1]}}, {"": ""}, {"$and": [1]}, {"$and": {"$or": "x"}}, {"x'--": 1}, {'"': 1}, DEEP,
    float("nan"), float("inf"), "\ud800", {"\udfff": 1}, "http://[", [["a", 1]],
)  # fmt: skip
#: One value of each type that JSON has, and lists of them.
TYPES: tuple[Any, ...] = (None, True, 5, "x", {}, [], [[]], [{}])
#: Bodies with values in values, of which one is replaced; `{}` stands for the id of a model's row.
NESTED: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("POST", "webhooks", "", {"webhook": {
        "name": "a", "status": "active", "endpoint": "https://example.com", "http_method": "POST",
        "request_format": "json", "subscriptions": ["conditional_ticket_events"],
        "authentication": {"type": "basic_auth", "data": {"username": "a", "password": "b"}},
        "custom_headers": {"a": "b"},
    }}),
    ("PATCH", "webhooks/{}", "support.Webhook", {"webhook": {
        "authentication": {"type": "api_key", "data": {"name": "a", "value": "b"}},
    }}),
    ("POST", "webhooks/test", "", {"request": {
        "endpoint": "https://example.com", "http_method": "POST", "request_format": "form_encoded",
        "payload": [["a", "b"]], "authentication": {"type": "bearer_token", "data": {"token": "a"}},
    }}),
    ("POST", "trigger_categories/jobs", "", {"job": {"action": "patch", "items": {
        "trigger_categories": [{"id": "1", "position": 1}],
        "triggers": [{"id": 1, "active": True, "position": 1}],
    }}}),
    ("POST", "triggers", "", {"trigger": {
        "title": "a", "actions": [{"field": "priority", "value": "high"}],
        "conditions": {"all": [{"field": "status", "operator": "is", "value": "new"}], "any": []},
    }}),
    ("POST", "routing/agents/instance_values/jobs", "", {"job": {
        "action": "upsert", "items": [1],
        "attributes": {"attribute_values": [{"id": "1", "agent_skill_priority": "NORMAL"}]},
    }}),
    ("POST", "custom_objects/{}/jobs", "support.CustomObject", {"job": {
        "action": "create", "items": [{"name": "a", "custom_object_fields": {"a": 1}}],
    }}),
    ("POST", "it_asset_management/assets/jobs", "", {"job": {"action": "update", "items": [{"id": "1"}]}}),
)  # fmt: skip
#: Values of query parameters.
TEXTS: tuple[str, ...] = (
    "", " ", "0", "1", "2", "-1", "1.5", "²", "٣", "x", "true", "null", "None", "[]", "{}", "1,2",
    "1,x,", ",,,", "9" * 18, "9" * 19, "9" * 40, "9" * 5_000, "-" + "9" * 40, "1e9", "1e400", "nan", "inf",
    "2026-01-01", "2026-13-45", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", "0001-01-01",
    "9" * 9 + "-01-01", "\0", "'", '"', "a'--", "%", "\\", "😀", "id", "-id", "created_at", "--id", "-",
    "asc", "desc", "users", "users(x)", "tickets(users", "(((", "type:ticket", "type:ticket status<",
    "created>99999999999years", "created>2026-13-45", "created:x", "updated<-5days", "(((", '"', "a:b:c",
    "-", "*", "type:x", "order_by:x sort:y", "custom_field_x:1", "x" * 9_000, '{"a": 1}', '{"$and": 1}',
    '{"custom_object_fields.x": {"$eq": []}}', "[[[[", "en-us", "de,fr", "day", "number", "owner@example.com",
    *(base64.b64encode(json.dumps(cursor).encode()).decode() for cursor in _CURSORS),
)  # fmt: skip
#: Methods of requests that write, and of all that keep the rows.
WRITES = ("PATCH", "POST", "PUT")
METHODS = ("GET", *WRITES)
#: Texts of different types, each of which is wrong for most parameters.
SHORT_TEXTS = (
    "", "0", "-1", "1.5", "x", "²", "9" * 40, "nan", "2026-13-45", "9999-12-31T23:59:59-23:00", "\0",
    "'", "{}", "1,x", "a:b:c", '{"$and": 1}', "users(x)", base64.b64encode(json.dumps(_CURSORS[0]).encode()).decode(),
)  # fmt: skip
#: Parameters of many lists.
PARAMETERS = (
    "page", "per_page", "page[size]", "page[after]", "page[before]", "sort", "sort_by", "sort_order",
    "include", "ids", "external_ids", "query", "start_time", "cursor", "filter[type]", "limit",
)  # fmt: skip
_KINDS = (
    "application/json", "application/json; charset=latin-1", "text/plain", "", "application/xml",
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
    "application/octet-stream", ";;;", "image/png",
)  # fmt: skip
_BODIES = (
    b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"NaN",
    b'{"ticket":{"subject":"\\ud800","comment":{"body":"b"}}}', b"--x\r\n\r\n", b"--x--", b"9" * 5_000,
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n',
    b'{"a":1,"a":2}', b"a=1&b[]=2",
)  # fmt: skip


@frozen
class Sent:
    """A request, as it is sent."""

    method: str
    path: str
    headers: dict[str, str] = field(factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path[:200]} {self.headers} {self.body[:400]!r}"


@cache
def names() -> tuple[str, ...]:
    """Return the texts in the source of the emulator that could be keys or parameters."""
    results = set()
    for file in _FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            results |= _find_names(node)
    return tuple(sorted(results))


def _find_names(node: ast.AST) -> set[str]:
    """Return the text of a node if it could be a key."""
    text = node.value if isinstance(node, ast.Constant) else None
    return {text} if isinstance(text, str) and _NAME.fullmatch(text) else set()


@cache
def names_in(module: str) -> tuple[str, ...]:
    """Return the texts in the source of one module that could be keys."""
    file = Path(sys.modules[module].__file__ or "")
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(sorted(set().union(*map(_find_names, nodes))))


def routes() -> list[tuple[str, str, Route]]:
    """Return method, path with `<at0>` for placeholders, and route of every endpoint."""
    Emulator().close()
    return sorted(
        (
            (method, "/" + path.format(*(f"<at{position}>" for position in range(9))), route)
            for (method, path), route in Router().routes.items()
        ),
        key=lambda item: item[:2],
    )


class Generator:
    """Creates random requests, usually with an existing path, a valid body, and an invalid value."""

    def __init__(
        self, emulator: Emulator, routes: Sequence[tuple[str, str, Route]], seed: int
    ) -> None:
        self.emulator = emulator
        self.random = random.Random(seed)
        self.routes = routes

    def request(self) -> Sent:
        """Return a request to some route."""
        if self.random.random() < 0.1:
            return self._mutate(*self.random.choice(NESTED))
        method, path, route = self.random.choice(self.routes)
        url = self._fill(path, lambda at: self._place(route, at))
        if self.random.random() < 0.6:
            url += "?" + urlencode(self._params(route), errors="replace")
        body, kind = b"", "application/json"
        if method != "GET" or self.random.random() < 0.05:
            if self.random.random() < 0.05:
                body, kind = self.random.choice(_BODIES), self.random.choice(_KINDS)
            else:
                body = json.dumps(self._body(route)).encode()
        headers = {"CONTENT_TYPE": kind}
        if self.random.random() < 0.02:
            headers["HTTP_IDEMPOTENCY_KEY"] = self.random.choice(("x", "", "é", "x" * 300))
        return Sent(method, url, headers, body)

    def iterate_keys(self, method: str, path: str, route: Route) -> Iterator[Sent]:
        """Yield a request for each key that a handler may read, and each type of its value.

        Reads have parameters, other requests have bodies.
        """
        meta = route.targets[0].meta
        names = {*names_in(handler_module(route))}
        if method == "GET":
            for name in sorted({*names, *PARAMETERS}):
                for text in SHORT_TEXTS:
                    url = self._fill(path, lambda at: self._find_id(route, at))
                    yield Sent(method, f"{url}?{urlencode({name: text}, errors='replace')}")
            return
        names |= {entry.wire for entry in meta.fields.values() if entry.editable}
        for name in sorted(names):
            for value in TYPES:
                for body in ({name: value}, {meta.envelope or meta.singular: {name: value}}):
                    url = self._fill(path, lambda at: self._find_id(route, at))
                    yield Sent(method, url, _JSON, json.dumps(body).encode())

    def _fill(self, path: str, find: Callable[[int], str]) -> str:
        """Return the URL of a path whose placeholders get values by position."""
        filled = re.sub(r"<at(\d+)>", lambda match: quote(find(int(match[1]))), path)
        return filled[2:] if filled.startswith("/~") else f"/api/v2{filled}"

    def _mutate(self, method: str, path: str, label: str, body: dict[str, Any]) -> Sent:
        """Return a request with a valid body in which one value, at any level, is replaced."""
        body = copy.deepcopy(body)
        places: list[tuple[Any, Any]] = []
        inner: list[Any] = [body]
        while inner:
            value = inner.pop()
            if isinstance(value, (dict, list)):
                keys = value if isinstance(value, dict) else range(len(value))
                places += [(value, key) for key in keys]
                inner += [value[key] for key in keys]
        parent, key = self.random.choice(places)
        parent[key] = self.random.choice(VALUES)
        ids = self.ids(label) or [1]
        url = "/api/v2/" + path.format(quote(str(self.random.choice(ids))))
        return Sent(method, url, _JSON, json.dumps(body).encode())

    def _place(self, route: Route, position: int) -> str:
        roll = self.random.random()
        if roll < 0.15:
            return self.random.choice(("0", "x", "-1", "²", "9" * 40, "1.5", "'", "\0", "😀", "me"))
        return self._find_id(route, position)

    def _find_id(self, route: Route, position: int) -> str:
        """Return the id of a row for a placeholder of a path."""
        name = route.names[position] if position < len(route.names) else "id"
        meta = route.targets[0].meta
        relation = meta.relations.get(name)
        label = relation.model._meta.label if relation else meta.label
        results = self.ids(label) or self.ids("support.Ticket")
        return str(self.random.choice(results)) if results else "1"

    def ids(self, label: str) -> list[Any]:
        """Return the ids of rows of a model."""
        results = self.emulator._store.execute(
            "SELECT id FROM rows WHERE kind = ? AND state < ? LIMIT 20", (label, DELETED)
        )
        return [pk for (pk,) in results]

    def _params(self, route: Route) -> list[tuple[str, str]]:
        endpoint = route.targets[0].endpoint
        existing: Sequence[str] = PARAMETERS
        if self.random.random() < 0.7:
            existing = [*endpoint.filters.values(), *self._names(route)] or existing
        chosen = [self.random.choice(existing) for _ in range(self.random.randint(1, 4))]
        return [(name, self.random.choice(TEXTS)) for name in chosen]

    def _names(self, route: Route) -> tuple[str, ...]:
        module = handler_module(route)
        return names_in(module) if module else names()

    def _body(self, route: Route) -> Any:
        meta = route.targets[0].meta
        item = self._item(route)
        roll = self.random.random()
        if roll < 0.05:
            return self.random.choice(VALUES)
        envelopes = [meta.envelope, meta.singular, meta.plural, route.targets[0].endpoint.key]
        envelopes += [self.random.choice(self._names(route))]
        key = self.random.choice(envelopes)
        if roll < 0.1:
            return {key: self.random.choice(VALUES)}
        if key == meta.plural or roll < 0.15:
            count = self.random.choice((0, 1, 1, 2, 101))
            return {key: [item] * count}
        if roll < 0.4:
            return item
        return {key: item, self.random.choice(self._names(route)): self._bad(route)}

    def _item(self, route: Route) -> dict[str, Any]:
        meta = route.targets[0].meta
        item = {
            entry.wire: self._good(entry)
            for entry in meta.fields.values()
            if entry.editable and self.random.random() < 0.5
        }
        if meta.label == "support.Ticket":
            item["comment"] = {"body": "x"}
        wires = [entry.wire for entry in meta.fields.values()]
        for _ in range(self.random.choice((0, 1, 1, 2, 5))):
            name = self.random.choice((*wires, *wires, *self._names(route)))
            item[name] = self._bad(route)
        return item

    def _good(self, declared: Any) -> Any:
        kind = declared.kind
        if kind.choices:
            return self.random.choice(kind.choices)
        word = "".join(self.random.choices(string.ascii_lowercase, k=6))
        good = {
            "str": word,
            "int": 1,
            "float": 1.5,
            "bool": True,
            "list": [],
            "dict": {},
            "id": None,
        }
        return good.get(kind.name)

    def _bad(self, route: Route, depth: int = 3) -> Any:
        """Return a value of a wrong type, perhaps inside of lists, and of objects with real keys."""
        roll = self.random.random()
        if not depth or roll < 0.6:
            return self.random.choice(VALUES)
        inner = (self._bad(route, depth - 1) for _ in range(self.random.choice((1, 1, 2))))
        if roll < 0.8:
            return list(inner)
        return {self.random.choice(self._names(route)): value for value in inner}


def handler_module(route: Route) -> str:
    """Return the module of the handler of a route."""
    try:
        return str(find_handler(route.targets[0]).__module__)
    except HTTPError:  # A search, whose handler is shared by several models.
        return ""


def send(application: Any, request: Sent) -> tuple[int, bytes]:
    """Send a request to a WSGI application; return status and body."""
    path, _, query = request.path.partition("?")
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "emulator.zendesk.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "emulator.zendesk.com",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **request.headers,
    }
    content = b"".join(
        application(environ, lambda reported, headers, exc=None: status.append(reported))
    )
    return int(status[0].partition(" ")[0]), content


class Attack:
    """An emulator with rows of every model. Each batch of requests starts with the same rows.

    Attributes:
        statuses: the number of responses by status.
    """

    def __init__(self) -> None:
        self.statuses: collections.Counter[int] = collections.Counter()
        self._template = create_populated_emulator()
        self._routes = routes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._template.close()

    def run(self, seed: int, count: int) -> list[str]:
        """Send a batch of requests and return descriptions of the failures."""
        with self._open_copy() as emulator:
            generator = Generator(emulator, self._routes, seed)
            return list(self._failures(emulator, (generator.request() for _ in range(count))))

    def run_keys(self, methods: Collection[str], part: int = 0, parts: int = 1) -> list[str]:
        """Send each key with a value of each type to a part of the routes with some methods."""
        failures: list[str] = []
        routes = [item for item in self._routes if item[0] in methods]
        for method, path, route in routes[part::parts]:
            if not handler_module(route):
                continue
            with self._open_copy() as emulator:
                generator = Generator(emulator, self._routes, part)
                requests = generator.iterate_keys(method, path, route)
                failures += self._failures(emulator, requests)
        return failures

    @contextmanager
    def _open_copy(self) -> Iterator[Emulator]:
        """Return a context manager with an emulator that has the same rows."""
        with Emulator(clock=VirtualClock(NOW), max_file_size=100_000) as emulator:
            emulator._store.copy_from(self._template._store)
            emulator._context.owner_id = self._template._context.owner_id
            emulator._context.brand_id = self._template._context.brand_id
            yield emulator

    def _failures(self, emulator: Emulator, requests: Iterable[Sent]) -> Iterator[str]:
        for request in requests:
            emulator.clock.sleep(0.2)
            with emulator._store.transaction():
                jobs.run_due_jobs(emulator._context)
            # Another test checks that reads change nothing.
            before = None if request.method == "GET" else contents(emulator)
            with collect_tracebacks() as tracebacks:
                status, body = send(emulator.wsgi, request)
            self.statuses[status] += 1
            if status == 501 and b"NotEmulated" in body:
                continue
            if status >= 500 or tracebacks:
                yield f"{status} {request}\n{''.join(tracebacks)}"
            if status >= 400 and before is not None and before != contents(emulator):
                yield f"{status} changed rows: {request}"
        yield from _find_later_failures(emulator)


def _find_later_failures(emulator: Emulator) -> Iterator[str]:
    """Yield descriptions of failures of valid requests, after the jobs were run."""
    emulator.clock.sleep(60)
    ticket = {"ticket": {"subject": "x", "comment": {"body": "y"}}}
    normal = (
        (201, Sent("POST", "/api/v2/tickets", _JSON, json.dumps(ticket).encode())),
        (200, Sent("GET", "/api/v2/tickets", _JSON)),
        (200, Sent("GET", "/api/v2/users", _JSON)),
        (200, Sent("GET", "/api/v2/search?query=type:ticket", _JSON)),
        (200, Sent("GET", "/api/v2/job_statuses", _JSON)),
    )
    for expected, request in normal:
        with collect_tracebacks() as tracebacks:
            status, body = send(emulator.wsgi, request)
        if status != expected or tracebacks:
            yield f"afterwards {status} {request} {body[:300]!r}\n{''.join(tracebacks)}"
    for (text,) in emulator._store.execute("SELECT doc FROM rows"):
        json.loads(text)


def contents(emulator: Emulator) -> int:
    """Return a hash of all stored rows, except for the responses of idempotency keys."""
    tables = ("rows", "versions", "sequences", "jobs", "files")
    return hash(tuple(tuple(emulator._store.execute(f"SELECT * FROM {name}")) for name in tables))


@contextmanager
def collect_tracebacks() -> Iterator[list[str]]:
    """Return a context manager that collects the tracebacks which the emulator logs."""
    results: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            results.append(self.format(record))

    logger, handler = logging.getLogger("zendesk_orm.emulator"), Collector()
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield results
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


def create_populated_emulator() -> Emulator:
    """Return an emulator with rows of every model."""
    emulator = Emulator(clock=VirtualClock(NOW))
    emulator.connect()
    maker = RowFactory(emulator)
    for model in registry.models():
        meta = model._meta
        if not model.__module__.startswith("zendesk_orm.") or not meta.pk_key:
            continue
        with suppress(Unprocessable):  # The row exists already.
            if meta.api.find(Verb.CREATE):
                maker.any(meta.label)
            elif meta.label in INSERTED:
                maker.insert(model)
    connections.remove("default")
    return emulator


def main() -> None:
    """Send many requests and print the failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keys", action="store_true")
    options = parser.parse_args()
    began, failures = time.monotonic(), 0
    with Attack() as attack:
        for number in range(options.requests // options.batch):
            for failure in attack.run(options.seed + number, options.batch):
                failures += 1
                sys.stdout.write(f"{failure}\n")
        for failure in attack.run_keys(METHODS) if options.keys else ():
            failures += 1
            sys.stdout.write(f"{failure}\n")
        statuses = dict(sorted(attack.statuses.items()))
        count = sum(statuses.values())
    server_errors = sum(n for status, n in statuses.items() if status >= 500 and status != 501)
    took = time.monotonic() - began
    sys.stdout.write(
        f"seed {options.seed}: {count} requests in {took:.0f} s: {statuses}\n"
        f"{server_errors} answers of 5xx, {failures} failures\n"
    )
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
