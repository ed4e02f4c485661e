"""Zendesk's refusals: one function for each shape that was seen.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An answer that says no; raising it undoes what the request had written.

    Attributes:
        status: the HTTP status.
        body: what is answered, or None for nothing.
        headers: headers besides the usual ones.
    """

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def not_found() -> Refusal:
    """Return the answer to a record that is not there."""
    return Refusal(404, {"error": "RecordNotFound", "description": "Not found"})


def no_endpoint() -> Refusal:
    """Return the answer to a path that is not there."""
    return Refusal(404, {"error": "InvalidEndpoint", "description": "Not found"})


def not_emulated(name: str) -> Refusal:
    """Return the answer to what Zendesk can do and the emulator cannot."""
    return Refusal(
        501, {"error": "NotEmulated", "description": f"the emulator does not know {name} yet"}
    )


def unauthenticated() -> Refusal:
    """Return the answer to missing or wrong credentials."""
    return Refusal(401, {"error": "Couldn't authenticate you"})


def invalid_record(details: Mapping[str, list[dict[str, Any]]]) -> Refusal:
    """Return the answer to a record that breaks rules, given what is wrong by field."""
    body = {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": dict(details),
    }
    return Refusal(422, body)


def complaint(description: str, error: str = "") -> dict[str, Any]:
    """Return one thing that is wrong with a field."""
    return {"description": description, **({"error": error} if error else {})}


def invalid_attribute(name: str, reason: str) -> Refusal:
    """Return the answer to a parameter of the wrong type."""
    message = f"You passed an invalid value for the {name} attribute. Invalid parameter: {reason}"
    return Refusal(400, {"error": {"title": "Invalid attribute", "message": message}})


def missing_parameter(name: str) -> Refusal:
    """Return the answer to a body without its envelope."""
    return Refusal(
        400, {"error": "ParameterMissing", "description": f"Required param missing: {name}"}
    )


def invalid_paging(detail: str) -> Refusal:
    """Return the answer to a cursor or an order that is none."""
    title = "Invalid pagination parameter"
    error = {"code": "InvalidPaginationParameter", "title": title, "detail": detail}
    return Refusal(400, {"errors": [error]})


def expired_cursor(status: int) -> Refusal:
    """Return the answer to a cursor that is too old, in the words of another export."""
    error = {
        "code": "InvalidCursor",
        "status": str(status),
        "title": "cursor is invalid or expired",
    }
    return Refusal(status, {"errors": [error]})


def too_deep() -> Refusal:
    """Return the answer to an offset beyond ten thousand rows."""
    error = {
        "code": "InvalidPaginationDepth",
        "title": "Pagination requests using Offset Pagination are limited to the first 10000 rows",
        "detail": "Use cursor pagination to reach further",
    }
    return Refusal(400, {"errors": [error]})


def too_many_values(key: str = "") -> Refusal:
    """Return the answer to more than a hundred rows at once."""
    if key == "users":
        # Recorded with another sentence, and without `max_count`.
        description = "Maximum 100 users may be created per call"
        return Refusal(400, {"error": "TooManyValues", "description": description})
    description = "Parameter  cannot specify more than 100 values"
    return Refusal(400, {"error": "TooManyValues", "description": description, "max_count": 100})


def too_many_jobs(status: int, job: str, running: list[str]) -> Refusal:
    """Return the answer to a job that finds thirty before it."""
    description = f"Too many {job} jobs are currently queued or running. Try again later."
    body = {"error": "TooManyJobs", "description": description, "current_job_ids": running}
    return Refusal(status, body)


def too_large() -> Refusal:
    """Return the answer to a file that is too large."""
    description = "The file is larger than attachments may be"
    return Refusal(413, {"error": "AttachmentTooLarge", "description": description})


def outdated() -> Refusal:
    """Return the answer to a safe update of what has changed since."""
    description = (
        "Safe Update prevented the update due to outdated ticket data. "
        "Please fetch the latest ticket data and try again."
    )
    return Refusal(409, {"error": "UpdateConflict", "description": description})


def other_parameters() -> Refusal:
    """Return the answer to an idempotency key that comes again with another body."""
    description = "Request parameters don't match the given idempotency key"
    return Refusal(400, {"error": "IdempotentRequestError", "description": description})


def search_wall() -> Refusal:
    """Return the answer to a page of search beyond a thousand results."""
    return invalid_search("Requested response size was greater than Search Response Limits")


def invalid_search(why: str) -> Refusal:
    """Return the answer to a query that search cannot read."""
    return Refusal(422, {"error": "invalid", "description": f"Invalid search: {why}"})


def too_recent(seconds: int, code: str) -> Refusal:
    """Return the answer to an export that begins too close to now."""
    description = f"Too recent start_time. Use a start_time older than {seconds} seconds"
    return Refusal(422, {"error": code, "description": description})


def too_many_requests(seconds: int) -> Refusal:
    """Return the answer to a request beyond the minute's limit."""
    description = "Number of allowed API requests per minute exceeded"
    body = {"error": "APIRateLimitExceeded", "description": description}
    return Refusal(429, body, {"Retry-After": str(seconds)})
