"""Compares requests to the emulator and its responses with Zendesk's OpenAPI files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define, field

from tests.contract.known import merge_tables
from tests.contract.openapi import Described, Validator, find_operation, list_missing
from tests.contract.spec import PREFIX, hide_placeholders, read_sideloads
from tests.contract.traffic import Exchange


#: Parameters of paging, which is described on a page of its own for all lists.
PAGING = frozenset({"page", "per_page", "cursor"})
#: Statuses of errors that any operation may respond with.
ERRORS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 501})
_POSITION = re.compile(r"(?<=\.)\d+(?=[.:])")


@define
class Report:
    """The differences between exchanges and the description.

    Attributes:
        compared: the number of compared exchanges by kind: `responses`, `requests`.
        different: the number of exchanges that differ, by kind.
        operations: the described operations with a successful response.
        problems: the differences that no table of exceptions lists, with a test for each.
        exceptions: the entries of the tables of exceptions that were needed.
    """

    compared: Counter[str] = field(factory=Counter)
    different: Counter[str] = field(factory=Counter)
    operations: set[str] = field(factory=set)
    problems: dict[str, str] = field(factory=dict)
    exceptions: set[str] = field(factory=set)

    @classmethod
    def of(cls, exchanges: Iterable[Exchange], *, complete: bool = True) -> Report:
        """Return the report of some exchanges. Undescribed operations are left out.

        Args:
            exchanges: the exchanges.
            complete: whether responses must contain every described key. Rows that a test inserts
                into an emulator may lack some.
        """
        report = cls()
        seen = set()
        for exchange in exchanges:
            operation = find_operation(exchange.method, exchange.path)
            if operation is None or (operation, exchange.shape) in seen:
                continue
            seen.add((operation, exchange.shape))
            report._compare("responses", exchange, operation, find_response_problems)
            if complete and exchange.status < 300:
                report._compare("", exchange, operation, find_missing_keys)
            if exchange.status < 300:
                report.operations.add(str(operation))
                report._compare("requests", exchange, operation, find_request_problems)
        return report

    def _compare(self, kind: str, exchange: Exchange, operation: Described, find: Any) -> None:
        self.compared[kind or "complete"] += 1
        differs = False
        for problem in find(exchange, operation):
            name = _find_exception(kind, problem)
            if name:
                self.exceptions.add(name)
            else:
                differs = True
                self.problems.setdefault(problem, exchange.test)
        self.different[kind or "complete"] += differs

    def add(self, other: dict[str, Any]) -> None:
        """Add another report, as `to_json()` returns it."""
        self.compared.update(other["compared"])
        self.different.update(other["different"])
        self.operations.update(other["operations"])
        self.problems.update(other["problems"])
        self.exceptions.update(other["exceptions"])

    def to_json(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "compared": self.compared,
            "different": self.different,
            "operations": sorted(self.operations),
            "problems": self.problems,
            "exceptions": sorted(self.exceptions),
        }


def find_response_problems(exchange: Exchange, operation: Described) -> Iterator[str]:
    """Yield the undescribed parts of a response, and the described keys that it lacks."""
    status, body = exchange.status, exchange.received
    if status >= 400 and status not in operation.statuses:
        if status not in ERRORS:
            yield f"{operation}: status {status}"
        elif not isinstance(body, dict) or body.keys().isdisjoint(("error", "errors")):
            yield f"{operation}: {status} without error"
        return
    if status not in operation.statuses:
        yield f"{operation}: status {status}"
        status = min(operation.statuses)
    schema = operation.response_schema(status)
    if schema is None or schema.get("type") == "string":
        # Described as an empty text, which is an empty body or an empty object.
        return
    if body is None:
        yield f"{operation}: no body"
        return
    validator = Validator.of(operation.file, "writeOnly")
    yield from _add_prefix(operation, validator.errors(schema, body))


def find_missing_keys(exchange: Exchange, operation: Described) -> Iterator[str]:
    """Yield the described keys that a response lacks."""
    status = exchange.status if exchange.status in operation.statuses else 200
    if operation.response_schema(status) is not None:
        missing = list_missing(operation, status, exchange.received)
        yield from sorted({f"{item} is missing" for item in missing})


def find_request_problems(exchange: Exchange, operation: Described) -> Iterator[str]:
    """Yield the parameters and values of a request that are not described."""
    names = {
        name if name in operation.params else name.partition("[")[0] for name in exchange.params
    }
    title = f"{operation.method} {hide_placeholders(operation.path.removeprefix(PREFIX))}"
    undescribed = {name for path, name in merge_tables("PARAMS_UNDESCRIBED") if path == title}
    if title.removeprefix("GET ") in {
        *read_sideloads(),
        *dict(merge_tables("SIDELOADS_UNDESCRIBED")),
    }:
        undescribed.add("include")
    for name in sorted(names - operation.params - PAGING - undescribed):
        yield f"{operation}: parameter {name}"
    if exchange.sent is not None and operation.request_schema is not None:
        validator = Validator.of(operation.file, "readOnly")
        yield from _add_prefix(operation, validator.errors(operation.request_schema, exchange.sent))


def _add_prefix(operation: Described, errors: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(f"{operation}: {_POSITION.sub('#', error)}" for error in errors)


def _find_exception(kind: str, problem: str) -> str:
    """Return the first pattern of a table of exceptions that a problem matches, or ""."""
    table = merge_tables("OTHER_REQUESTS" if kind == "requests" else "OTHER_RESPONSES")
    return next((pattern for pattern in table if re.search(pattern, problem)), "")
