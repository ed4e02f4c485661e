"""Operations whose responses are recorded once, and replayed with one value replaced.

An operation is a function of an alias that returns records. It runs once against an emulator,
which gives its responses; after that it runs against a server that gives the same ones, but for
one value. Each record that comes of it is read completely.
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
#: Takes a value out, with its key.
DROPPED = object()
REPLACEMENTS: tuple[Any, ...] = (None, "", 0, [], {}, "x", [5], {"id": 1}, DROPPED)

Run = Callable[[str], Iterable[Any]]
Place = tuple[Any, ...]
_Question = tuple[str, str]


@define
class Answer:
    """A response: its status, and its body."""

    status: int
    body: Any


@frozen
class Operation:
    """Something that is done through the library, and the responses that it got.

    Attributes:
        name: for messages.
        run: does it with the account of an alias, and returns the records that come of it.
        answers: the responses, in order, by method and path.
    """

    name: str
    run: Run
    answers: Sequence[tuple[_Question, Answer]]


@frozen
class Mutation:
    """One value of one response of an operation, and what is put in its place."""

    operation: Operation
    answer: int
    place: Place
    value: Any

    def __str__(self) -> str:
        question = " ".join(self.operation.answers[self.answer][0])
        shown = "dropped" if self.value is DROPPED else repr(self.value)
        return f"{self.operation.name}: {question}: {'.'.join(map(str, self.place))} = {shown}"


class Recorder(EmulatorAdapter):
    """The way to an emulator that keeps its responses."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.answers: list[tuple[_Question, Answer]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Pass a request on, and keep the response."""
        response = super().send(request, *args, **kwargs)
        content = response.raw.read(decode_content=True)
        response.raw = HTTPResponse(
            io.BytesIO(content), status=response.status_code, preload_content=False
        )
        if content and response.headers.get("Content-Type", "").startswith("application/json"):
            answer = Answer(response.status_code, json.loads(content))
            self.answers.append((_question(request), answer))
        return response


class Replay(BaseAdapter):
    """Gives recorded responses in their order; the last one of a path again and again."""

    def __init__(self, answers: Iterable[tuple[_Question, Answer]]) -> None:
        super().__init__()
        self._answers: dict[_Question, list[Answer]] = {}
        for question, answer in answers:
            self._answers.setdefault(question, []).append(answer)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer a request; 404 if it was not recorded."""
        left = self._answers.get(_question(request)) or [Answer(404, {"error": "RecordNotFound"})]
        answer = left.pop(0) if len(left) > 1 else left[0]
        response = requests.Response()
        response.status_code = answer.status
        response.headers["Content-Type"] = "application/json"
        response.url, response.request = str(request.url), request
        content = json.dumps(answer.body).encode()
        response.raw = HTTPResponse(io.BytesIO(content), preload_content=False)
        return response

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _question(request: requests.PreparedRequest) -> _Question:
    path = str(request.url).partition("?")[0].removesuffix(".json")
    return str(request.method), path.partition("/api/")[2]


@contextmanager
def connected(adapter: BaseAdapter, alias: str) -> Iterator[Account]:
    """Connect an account whose requests go to an adapter, and forget it in the end."""
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


def recorded(name: str, run: Run, application: Any) -> Operation | None:
    """Do something against an emulator, and return it with its responses; None if it fails."""
    recorder = Recorder(application)
    with connected(recorder, "recorder"):
        try:
            for record in run("recorder"):
                read(record)
        except ZendeskError:
            return None
    return Operation(name, run, recorder.answers) if recorder.answers else None


def places(body: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of each value in a body, the body itself included."""
    yield place
    if isinstance(body, dict):
        for key, value in body.items():
            yield from places(value, (*place, key))
    elif isinstance(body, list):
        for index, value in enumerate(body[:3]):
            yield from places(value, (*place, index))


def mutations(operations: Sequence[Operation], number: int, seed: int) -> list[Mutation]:
    """Return some of all mutations, as many of one operation as of another."""
    random = Random(seed)
    known = [
        [
            (at, place)
            for at, (_, each) in enumerate(operation.answers)
            for place in places(each.body)
        ]
        for operation in operations
    ]
    chosen = []
    for turn in range(number):
        which = turn % len(operations)
        at, place = random.choice(known[which])
        chosen.append(Mutation(operations[which], at, place, random.choice(REPLACEMENTS)))
    return chosen


def every_mutation(operation: Operation) -> Iterator[Mutation]:
    """Yield all mutations of the envelopes of an operation, and of the rows that stand alone."""
    for at, (_, answer) in enumerate(operation.answers):
        for place in places(answer.body):
            for value in REPLACEMENTS if len(place) <= 2 else ():
                yield Mutation(operation, at, place, value)


def mutated(body: Any, place: Place, value: Any) -> Any:
    """Return a copy of a body with one value replaced, or dropped."""
    if not place:
        return None if value is DROPPED else copy.deepcopy(value)
    body = copy.deepcopy(body)
    holder = body
    for key in place[:-1]:
        holder = holder[key]
    if value is DROPPED:
        del holder[place[-1]]
    else:
        holder[place[-1]] = copy.deepcopy(value)
    return body


def failures(chosen: Iterable[Mutation]) -> Counter[str]:
    """Apply mutations, and return the exceptions that are not of the library, by what they say."""
    return Counter(filter(None, map(_failure, chosen)))


def _failure(mutation: Mutation) -> str:
    """Apply a mutation, and return the exception that is not of the library; "" without one."""
    try:
        with suppress(ZendeskError):
            apply(mutation)
    except Exception as error:  # noqa: BLE001 - exactly those are looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename.partition('zendesk_orm')[2]}:{frame.lineno}"
        return f"{type(error).__name__}: {error} in {where} after {mutation}"
    return ""


def apply(mutation: Mutation) -> None:
    """Do the operation of a mutation again, and read what comes of it."""
    answers = list(mutation.operation.answers)
    question, answer = answers[mutation.answer]
    body = mutated(answer.body, mutation.place, mutation.value)
    answers[mutation.answer] = question, Answer(answer.status, body)
    with connected(Replay(answers), "replay"):
        for record in mutation.operation.run("replay"):
            read(record)


def read(record: Any) -> None:
    """Read everything of a record; a `ZendeskError` of one attribute does not keep the others."""
    if not isinstance(record, Record):
        return
    meta = record._meta
    for name in meta.names:
        _attempt(lambda name=name: _touch(getattr(record, name)))
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


def _touch(value: Any) -> None:
    """Read what is in a value: members of lists, and what is known of related records."""
    if isinstance(value, list):
        for each in value:
            _touch(each)
    elif isinstance(value, Record):
        repr(value)
        if value._source is None or "id" not in value._row:
            read(value)


def _attempt(action: Callable[[], Any]) -> None:
    with suppress(ZendeskError):
        action()
