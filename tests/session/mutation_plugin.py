"""A plugin of pytest that repeats tests with wrong values in the responses that they receive.

Each test runs once as it is, and then several times with one value of one response replaced, or of
all responses to its path. A test may fail then; an exception that is raised inside of the library
must be a `ZendeskError`, and no test may send requests without end. Run it by
`scripts/mutations --tests tests/messaging tests/sync`.
"""

from __future__ import annotations

import io
import json
import random
import signal
import traceback
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest
import requests
from attrs import define, field
from urllib3 import HTTPResponse

from tests.session.mutations import REPLACEMENTS, iter_places, read_record, replace_value
from zendesk_orm import ZendeskError
from zendesk_orm.schema.record import Record


#: Values that are rare in responses, in addition to the usual ones.
_RARE = (-1, 1.5, True, 2**63, [None], ["x"], "\ud800", "9999-12-31T23:59:59-23:00")
#: Texts that stand for JSON which Python does not write.
_WRITTEN = {"$nan": "NaN", "$huge": "1" + "0" * 400, "$deep": "[" * 400 + "]" * 400}
_VALUES: tuple[Any, ...] = (*REPLACEMENTS, *_RARE, *_WRITTEN)
#: Requests beyond those of the unchanged test (more than for a job that is waited for as long as
#: possible), objects whose values are read, and seconds.
_MAX_REQUESTS, _MAX_RECORDS, _MAX_SECONDS = 2_000, 40, 30


class EndlessTest(BaseException):
    """A test that sends requests without end, or takes too long."""


@define
class Mutator:
    """Replaces one value in the responses of a test.

    Attributes:
        failures: the exceptions from outside the library, with the change that caused them.
        counts: the number of JSON responses of each unchanged test.
        results: the number of repeated tests by their result.
    """

    failures: dict[str, str] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)
    results: Counter[str] = field(factory=Counter)
    _random: random.Random | None = None
    _target: int = 0
    _limit: int = 0
    _is_repeated: bool = False
    _change: tuple[str, Any, Any] | None = None
    _seen: int = 0
    _records: list[Record] = field(factory=list)

    def begin(self, name: str, seed: str | None) -> bool:
        """Prepare the run of a test, and return whether it has responses to change.

        Args:
            name: the name of the test.
            seed: chooses the change; None for the unchanged test.
        """
        self._random = None if seed is None else random.Random(seed)
        self._seen, self._change, self._records = 0, None, []
        count = self.counts.get(name, 0)
        if self._random is not None and count:
            self._target, self._limit = self._random.randrange(count), 3 * count + _MAX_REQUESTS
            self._is_repeated = self._random.random() < 0.4
        return self._random is None or count > 0

    def end(self, name: str = "") -> None:
        """End the run of a test: that of an unchanged one if it is named."""
        if name:
            self.counts[name] = self._seen
        self._random, self._records = None, []

    def add(self, record: Record) -> None:
        """Keep an object of a repeated test."""
        if self._random is not None and len(self._records) < _MAX_RECORDS:
            self._records.append(record)

    def change(self, path: str, content: bytes) -> bytes:
        """Return the content of a response, with one value replaced if it is its turn."""
        number, self._seen = self._seen, self._seen + 1
        if self._random is None:
            return content
        if number > self._limit:
            raise EndlessTest(f"more than {number} requests")
        is_again = self._is_repeated and self._change is not None and self._change[0] == path
        if number != self._target and not is_again:
            return content
        body = json.loads(content)
        if self._change is None:
            place = self._random.choice(list(iter_places(body)))
            self._change = path, place, self._random.choice(_VALUES)
        try:
            text = json.dumps(replace_value(body, *self._change[1:]))
        except (LookupError, TypeError):
            return content
        for name, written in _WRITTEN.items():
            text = text.replace(json.dumps(name), written)
        return text.encode()

    def read_records(self) -> None:
        """Read all values of the objects of the test."""
        self._random = None
        for record in self._records:
            read_record(record)

    def note(self, test: str, error: BaseException) -> None:
        """Note the exception of a repeated test; one from inside of the library is a failure."""
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if "/zendesk_orm/" in frame.filename or "/tests/" in frame.filename
        ]
        last = frames[-1].filename if frames else ""
        is_of_library = "/zendesk_orm/" in last and "/emulator/" not in last
        is_foreign = is_of_library and not isinstance(error, ZendeskError)
        self.results[type(error).__name__ if is_foreign else "failed"] += 1
        if is_foreign or isinstance(error, EndlessTest):
            where = f"{type(error).__name__}: {last.partition('/zendesk_orm/')[2]}"
            self.failures.setdefault(where, f"{error} in {test} after {self._change}")


_MUTATOR = Mutator()
_patch = pytest.MonkeyPatch()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for the number of changes of each test, and for other changes."""
    parser.addoption("--mutations", type=int, default=4)
    parser.addoption("--mutation-seed", type=int, default=random.randrange(2**32))


def pytest_configure() -> None:
    """Change the responses of every session of `requests`, and keep the objects."""
    send, from_row = requests.Session.send, Record.from_row.__func__  # type: ignore[attr-defined]

    def send_and_change(session: Any, request: Any, **options: Any) -> Any:
        response = send(session, request, **options)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            content = response.raw.read(decode_content=True)
            for name in ("Content-Encoding", "Content-Length"):
                response.headers.pop(name, None)
            path = f"{request.method} {str(request.url).partition('?')[0]}"
            changed = io.BytesIO(_MUTATOR.change(path, content) if content else b"")
            headers = dict(response.headers)
            response.raw = HTTPResponse(
                changed, headers, status=response.status_code, preload_content=False
            )
        return response

    def create_and_keep(model: Any, row: Any, source: Any = None) -> Any:
        record = from_row(model, row, source)
        _MUTATOR.add(record)
        return record

    _patch.setattr(requests.Session, "send", send_and_change)
    _patch.setattr(Record, "from_row", classmethod(create_and_keep))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each test; the first run is unchanged."""
    metafunc.fixturenames.append("mutation")
    numbers = range(metafunc.config.getoption("--mutations") + 1)
    metafunc.parametrize("mutation", numbers, indirect=True)


@pytest.fixture
def mutation(request: pytest.FixtureRequest) -> int:
    """Return the number of the run of the test."""
    number: int = request.param
    return number


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Run a test, and note the exception of a changed one, which does not fail."""
    number = pyfuncitem.callspec.params["mutation"]
    others = {key: at for key, at in pyfuncitem.callspec.indices.items() if key != "mutation"}
    name = f"{pyfuncitem.nodeid.partition('[')[0]} {others}"
    seed = f"{pyfuncitem.config.getoption('--mutation-seed')} {name} {number}"
    if not _MUTATOR.begin(name, seed if number else None):
        _MUTATOR.end()
        pytest.skip("it receives no JSON")
    if not number:
        result = yield
        _MUTATOR.end(name)
        return result
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(_MAX_SECONDS)
    try:
        yield
        _MUTATOR.read_records()
        _MUTATOR.results["passed"] += 1
    except (KeyboardInterrupt, pytest.skip.Exception):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a test or the library raises
        _MUTATOR.note(pyfuncitem.nodeid, error)
    finally:
        signal.alarm(0)
        _MUTATOR.end()
    return True


def _stop(*_: object) -> None:
    raise EndlessTest(f"more than {_MAX_SECONDS} seconds")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if an exception was not one of the library."""
    _patch.undo()
    if _MUTATOR.failures:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the failures and the number of results."""
    for where, failure in _MUTATOR.failures.items():
        terminalreporter.write_line(f"{where}: {failure}")
    seed = config.getoption("--mutation-seed")
    terminalreporter.write_line(f"seed {seed}: repeated tests by result {dict(_MUTATOR.results)}")
