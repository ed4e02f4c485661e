"""Expectations of a replayed call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.recordings.replay import Exchange
from tests.recordings.rows import Row
from zendesk_orm import ApiError, BadRequest, NotFound, Outcome, ValidationError


#: The exception of each recorded error status.
ERRORS: Mapping[int, type[ApiError]] = {400: BadRequest, 404: NotFound, 422: ValidationError}


def check_records(rows: list[Row], records: list[Any]) -> None:
    """Check that the records have the rows, in order, with all keys."""
    assert rows == [record.to_dict() for record in records]


def check_all_used(recorded: list[Exchange]) -> None:
    """Check that each exchange was played."""
    assert [item for item in recorded if not item.used] == []


def check_outcome(outcome: Outcome, item: Row) -> None:
    """Check that an outcome equals the result, and that a failed edit stays unsaved."""
    assert item["id"] == outcome.id
    assert ("error" not in item) is outcome.ok
    assert (item.get("error", ""), item.get("details", "")) == (outcome.error, outcome.details)
    assert outcome.ok is (outcome.object.changes() == {})


@contextmanager
def expect_status(exchange: Exchange, *missing: type[Exception]) -> Iterator[None]:
    """Expect the recorded error, if any."""
    if exchange.status < 300:
        yield
        return
    with pytest.raises((ERRORS[exchange.status], *missing)) as caught:
        yield
    if isinstance(caught.value, ApiError):
        check_error(exchange, caught.value)


def check_error(exchange: Exchange, error: ApiError) -> None:
    """Check that an exception has all data of the recorded response."""
    body = exchange.response or {}
    assert type(error) is ERRORS[exchange.status]
    assert (error.method, error.path.removesuffix(".json")) == (exchange.method, exchange.path)
    assert exchange.status == error.status
    assert body.get("error", "") == error.code
    assert body.get("description", "") == error.description
    assert list(body.get("details", {})) == list(error.details)
    assert exchange.response == error.body
    for part in (exchange.method, exchange.path, str(exchange.status), error.code):
        assert part in str(error)


def is_last(data: Row) -> bool:
    """Return whether no page follows; the last page may contain a link."""
    if "meta" in data:
        return not data["meta"]["has_more"]
    return bool(data["end_of_stream"])


def remove_type(row: Row) -> Row:
    """Return the row without the type that search adds to it."""
    return {key: value for key, value in row.items() if key != "result_type"}
