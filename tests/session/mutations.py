"""Operations whose responses are recorded once, and replayed with one value replaced.

An operation is a function that gets an alias and returns records. It runs once against an
emulator, which provides the responses. Later it runs against a server that returns the same
responses, except for one value. All attributes of the returned records are read.
"""

from __future__ import annotations

import copy
import io
import json
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import requests
from attrs import define, frozen
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from zendesk_orm import Account, RetryPolicy, ZendeskError, connect, connections
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.schema.record import Record


HOST = "https://acme.zendesk.com"
#: Removes a value and its key.
REMOVED = object()
REPLACEMENTS: tuple[Any, ...] = (None, "", 0, 7, [], {}, "x", [5], [[]], {"id": 1}, REMOVED)

Run = Callable[[str], Iterable[Any]]
Place = tuple[Any, ...]
_RequestKey = tuple[str, str]


@define
class Response:
    """A response: its status and its body."""

    status: int
    body: Any


@frozen
class Operation:
    """Calls of the library, and the responses that they received.

    Attributes:
        name: the name in messages.
        run: runs the calls with the account of an alias, and returns the resulting records.
        responses: the responses, in order, with method and path of their requests.
    """

    name: str
    run: Run
    responses: Sequence[tuple[_RequestKey, Response]]


@frozen
class Mutation:
    """A value of a response of an operation, and its replacement."""

    operation: Operation
    response: int
    place: Place
    value: Any

    def __str__(self) -> str:
        request_key = " ".join(self.operation.responses[self.response][0])
        shown = "removed" if self.value is REMOVED else repr(self.value)
        return f"{self.operation.name}: {request_key}: {'.'.join(map(str, self.place))} = {shown}"


class RecordingAdapter(EmulatorAdapter):
    """An adapter of an emulator that records the responses."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.responses: list[tuple[_RequestKey, Response]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send a request to the emulator, and record its response."""
        response = super().send(request, *args, **kwargs)
        content = response.raw.read(decode_content=True)
        response.raw = HTTPResponse(
            io.BytesIO(content), status=response.status_code, preload_content=False
        )
        if content and response.headers.get("Content-Type", "").startswith("application/json"):
            recorded = Response(response.status_code, json.loads(content))
            self.responses.append((_request_key(request), recorded))
        return response


class ReplayAdapter(BaseAdapter):
    """An adapter that returns recorded responses in order; the last one of a path is repeated."""

    def __init__(self, responses: Iterable[tuple[_RequestKey, Response]]) -> None:
        super().__init__()
        self._responses: dict[_RequestKey, list[Response]] = {}
        for request_key, response in responses:
            self._responses.setdefault(request_key, []).append(response)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the next response; 404 if the request was not recorded."""
        missing = Response(404, {"error": "RecordNotFound"})
        remaining = self._responses.get(_request_key(request)) or [missing]
        recorded = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return build_response(request, recorded.status, recorded.body)

    def close(self) -> None:
        """Do nothing: there is no connection."""


def build_response(request: requests.PreparedRequest, status: int, body: Any) -> requests.Response:
    """Return a response with a body of JSON."""
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json"
    response.url, response.request = str(request.url), request
    content = json.dumps(body).encode()
    response.raw = HTTPResponse(io.BytesIO(content), preload_content=False)
    return response


def _request_key(request: requests.PreparedRequest) -> _RequestKey:
    path = str(request.url).partition("?")[0].removesuffix(".json")
    return str(request.method), path.partition("/api/")[2]


@contextmanager
def connect_adapter(adapter: BaseAdapter, alias: str) -> Iterator[Account]:
    """Connect an account whose requests are sent to an adapter, and remove it afterwards."""
    session = requests.Session()
    session.mount("https://", adapter)
    account = connect(
        base_url=HOST,
        session=session,
        email="owner@emulator.example",
        token="emulated",
        alias=alias,
        clock=VirtualClock(),
        read_ahead=0,
        retry=RetryPolicy(attempts=1),
    )
    try:
        yield account
    finally:
        connections.remove(alias)


def record_operation(name: str, run: Run, application: Any) -> Operation | None:
    """Run an operation against an emulator, and return it with its responses; None if it fails."""
    recorder = RecordingAdapter(application)
    with connect_adapter(recorder, "recorder"):
        try:
            for record in run("recorder"):
                read_record(record)
        except ZendeskError:
            return None
    return Operation(name, run, recorder.responses) if recorder.responses else None


def iter_places(body: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of each value in a body, including the body itself."""
    yield place
    if isinstance(body, dict):
        for key, value in body.items():
            yield from iter_places(value, (*place, key))
    elif isinstance(body, list):
        for index, value in enumerate(body[:3]):
            yield from iter_places(value, (*place, index))


def draw_mutations(operations: Sequence[Operation], number: int, seed: int) -> list[Mutation]:
    """Return random mutations, evenly distributed over the operations."""
    random = Random(seed)
    places = [
        [
            (at, place)
            for at, (_, response) in enumerate(operation.responses)
            for place in iter_places(response.body)
        ]
        for operation in operations
    ]
    chosen = []
    for turn in range(number):
        which = turn % len(operations)
        at, place = random.choice(places[which])
        chosen.append(Mutation(operations[which], at, place, random.choice(REPLACEMENTS)))
    return chosen


def iter_mutations(operation: Operation, depth: int = 2) -> Iterator[Mutation]:
    """Yield all mutations of envelopes, and of rows that are not in lists, up to a level."""
    for at, (_, response) in enumerate(operation.responses):
        for place in iter_places(response.body):
            for value in REPLACEMENTS if len(place) <= depth else ():
                yield Mutation(operation, at, place, value)


def replace_value(body: Any, place: Place, value: Any) -> Any:
    """Return a copy of a body with one value replaced or removed."""
    if not place:
        return None if value is REMOVED else copy.deepcopy(value)
    body = copy.deepcopy(body)
    parent = body
    for key in place[:-1]:
        parent = parent[key]
    if value is REMOVED:
        del parent[place[-1]]
    else:
        parent[place[-1]] = copy.deepcopy(value)
    return body


def count_failures(chosen: Iterable[Mutation]) -> Counter[str]:
    """Apply mutations, and count the exceptions from outside the library by message."""
    return Counter(filter(None, map(_describe_failure, chosen)))


def _describe_failure(mutation: Mutation) -> str:
    """Apply a mutation, and describe an exception from outside the library; "" if there is none."""
    try:
        with suppress(ZendeskError):
            apply(mutation)
    except Exception as error:  # noqa: BLE001 - any exception is a failure
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename.partition('zendesk_orm')[2]}:{frame.lineno}"
        return f"{type(error).__name__}: {error} in {where} after {mutation}"
    return ""


def apply(mutation: Mutation) -> None:
    """Run the operation of a mutation again, and read the resulting records."""
    responses = list(mutation.operation.responses)
    request_key, response = responses[mutation.response]
    body = replace_value(response.body, mutation.place, mutation.value)
    responses[mutation.response] = request_key, Response(response.status, body)
    with connect_adapter(ReplayAdapter(responses), "replay"):
        for record in mutation.operation.run("replay"):
            read_record(record)


def read_record(record: Any) -> None:
    """Read all attributes of a record; a `ZendeskError` of one does not prevent the others."""
    if not isinstance(record, Record):
        return
    meta = record._meta
    for name in meta.names:
        _attempt(lambda name=name: _read_value(getattr(record, name)))
    for action in (
        record.changes,
        record.to_payload,
        record.to_dict,
        lambda: record.extra,
        lambda: repr(record),
        lambda: record.pk is None or hash(record),
        lambda: record == record.from_row(dict(record._row)),
    ):
        _attempt(action)


def _read_value(value: Any) -> None:
    """Read the members of lists, and the known values of related records."""
    if isinstance(value, list):
        for member in value:
            _read_value(member)
    elif isinstance(value, Record):
        repr(value)
        if value._source is None or "id" not in value._row:
            read_record(value)


def _attempt(action: Callable[[], Any]) -> None:
    with suppress(ZendeskError):
        action()
