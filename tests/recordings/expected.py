"""What a replayed call has to give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.recordings.replay import Exchange
from tests.recordings.rows import Row
from zendesk_orm import ApiError, BadRequest, NotFound, Outcome, ValidationError


#: What each recorded refusal has to become.
ERRORS: Mapping[int, type[ApiError]] = {400: BadRequest, 404: NotFound, 422: ValidationError}


def same(rows: list[Row], records: list[Any]) -> None:
    """Expect the records to be those of the rows, in their order, with nothing lost."""
    assert rows == [record.to_dict() for record in records]


def all_used(recorded: list[Exchange]) -> None:
    """Expect each of the exchanges to have been played."""
    assert [] == [each for each in recorded if not each.used]


def settled(outcome: Outcome, item: Row) -> None:
    """Expect an outcome to tell what the result does, and a failed edit to be there still."""
    assert item["id"] == outcome.id
    assert ("error" not in item) is outcome.ok
    assert (item.get("error", ""), item.get("details", "")) == (outcome.error, outcome.details)
    assert outcome.ok is (outcome.object.changes() == {})


@contextmanager
def expected(exchange: Exchange, *missing: type[Exception]) -> Iterator[None]:
    """Expect the recorded refusal, or the absence of one."""
    if exchange.status < 300:
        yield
        return
    with pytest.raises((ERRORS[exchange.status], *missing)) as caught:
        yield
    if isinstance(caught.value, ApiError):
        check_error(exchange, caught.value)


def check_error(exchange: Exchange, error: ApiError) -> None:
    """Expect an exception to tell all that the recorded answer tells."""
    body = exchange.response or {}
    assert type(error) is ERRORS[exchange.status]
    assert (exchange.method, exchange.path) == (error.method, error.path.removesuffix(".json"))
    assert exchange.status == error.status
    assert body.get("error", "") == error.code
    assert body.get("description", "") == error.description
    assert list(body.get("details", {})) == list(error.details)
    assert exchange.response == error.body
    for part in (exchange.method, exchange.path, str(exchange.status), error.code):
        assert part in str(error)


def is_last(data: Row) -> bool:
    """Tell whether Zendesk says that no page follows; links are there after the end, too."""
    if "meta" in data:
        return not data["meta"]["has_more"]
    return bool(data["end_of_stream"])


def untyped(row: Row) -> Row:
    """Return the row without the type that search writes into it, as part of its envelope."""
    return {key: value for key, value in row.items() if key != "result_type"}
