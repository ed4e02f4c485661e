"""Zendesk's refusals: one function for each shape that was seen.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


#: Sources of error responses that several share.
RECORDED = "recorded"
UNCONFIRMED = "unconfirmed"
REQUESTS = "https://developer.zendesk.com/api-reference/introduction/requests/"
PAGINATION = "https://developer.zendesk.com/api-reference/introduction/pagination/"
LIMITS = "https://developer.zendesk.com/api-reference/introduction/rate-limits/"
#: Probes of a live account.
PROBED = "https://github.com/CloudSecurityAlliance/csa-zendesk"
_PREFIXES = (RECORDED, UNCONFIRMED, "https://", "OpenAPI ", "RFC ")


class Refusal(Exception):
    """An error response; raising it undoes what the request had written.

    Args:
        status: the HTTP status.
        body: the body, or None for an empty one.
        source: where this response is known from: an address, the name of a schema or an
            operation of Zendesk's `OpenAPI` files, `RECORDED`, or `UNCONFIRMED`, which may be
            followed by a reason.
        headers: headers besides the usual ones.

    Raises:
        ValueError: the source is not of that form.
    """

    def __init__(
        self, status: int, body: Any, source: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        if not source.startswith(_PREFIXES):
            raise ValueError(f"{source!r} is not the source of an error response")
        self.status = status
        self.body = body
        self.source = source
        self.headers = dict(headers or {})


def not_found() -> Refusal:
    """Return the answer to a record that is not there."""
    return Refusal(404, {"error": "RecordNotFound", "description": "Not found"}, RECORDED)


def no_endpoint() -> Refusal:
    """Return the answer to a path that is not there."""
    return Refusal(404, {"error": "InvalidEndpoint", "description": "Not found"}, PROBED)


def not_emulated(name: str) -> Refusal:
    """Return the answer to what Zendesk can do and the emulator cannot."""
    return Refusal(
        501,
        {"error": "NotEmulated", "description": f"the emulator does not know {name} yet"},
        "unconfirmed: no response of Zendesk's, but of the emulator",
    )


def unauthenticated() -> Refusal:
    """Return the answer to missing or wrong credentials."""
    return Refusal(401, {"error": "Couldn't authenticate you"}, PROBED)


def invalid_record(details: Mapping[str, list[dict[str, Any]]]) -> Refusal:
    """Return the answer to a record that breaks rules, given what is wrong by field."""
    body = {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": dict(details),
    }
    return Refusal(422, body, REQUESTS)


def complaint(description: str, error: str = "") -> dict[str, Any]:
    """Return one thing that is wrong with a field."""
    return {"description": description, **({"error": error} if error else {})}


def invalid_attribute(name: str, reason: str) -> Refusal:
    """Return the answer to a parameter of the wrong type."""
    message = f"You passed an invalid value for the {name} attribute. Invalid parameter: {reason}"
    return Refusal(
        400,
        {"error": {"title": "Invalid attribute", "message": message}},
        "https://support.zendesk.com/hc/en-us/community/posts/5981990015514",
    )


def missing_parameter(name: str) -> Refusal:
    """Return the answer to a body without its envelope."""
    return Refusal(
        400,
        {"error": "ParameterMissing", "description": f"Required param missing: {name}"},
        UNCONFIRMED,
    )


def invalid_paging(detail: str) -> Refusal:
    """Return the answer to a cursor or an order that is none."""
    title = "Invalid pagination parameter"
    error = {"code": "InvalidPaginationParameter", "title": title, "detail": detail}
    return Refusal(400, {"errors": [error]}, PROBED)


def expired_cursor(status: int) -> Refusal:
    """Return the answer to a cursor that is too old, in the words of another export."""
    error = {
        "code": "InvalidCursor",
        "status": str(status),
        "title": "cursor is invalid or expired",
    }
    return Refusal(status, {"errors": [error]}, UNCONFIRMED)


def too_deep() -> Refusal:
    """Return the answer to an offset beyond ten thousand rows."""
    error = {
        "code": "InvalidPaginationDepth",
        "title": "Pagination requests using Offset Pagination are limited to the first 10000 rows",
        "detail": "Use cursor pagination to reach further",
    }
    return Refusal(400, {"errors": [error]}, PROBED)


def too_many_values(key: str = "") -> Refusal:
    """Return the answer to more than a hundred rows at once."""
    if key == "users":
        # Recorded with another sentence, and without `max_count`.
        description = "Maximum 100 users may be created per call"
        return Refusal(400, {"error": "TooManyValues", "description": description}, RECORDED)
    description = "Parameter  cannot specify more than 100 values"
    return Refusal(
        400, {"error": "TooManyValues", "description": description, "max_count": 100}, RECORDED
    )


def too_many_jobs(status: int, job: str, running: list[str]) -> Refusal:
    """Return the answer to a job that finds thirty before it."""
    description = f"Too many {job} jobs are currently queued or running. Try again later."
    body = {"error": "TooManyJobs", "description": description, "current_job_ids": running}
    return Refusal(status, body, LIMITS)


def too_large() -> Refusal:
    """Return the answer to a file that is too large."""
    description = "The file is larger than attachments may be"
    return Refusal(413, {"error": "AttachmentTooLarge", "description": description}, UNCONFIRMED)


def outdated() -> Refusal:
    """Return the answer to a safe update of what has changed since."""
    description = (
        "Safe Update prevented the update due to outdated ticket data. "
        "Please fetch the latest ticket data and try again."
    )
    return Refusal(
        409, {"error": "UpdateConflict", "description": description}, "OpenAPI UpdateTicket"
    )


def other_parameters() -> Refusal:
    """Return the answer to an idempotency key that comes again with another body."""
    description = "Request parameters don't match the given idempotency key"
    return Refusal(
        400,
        {"error": "IdempotentRequestError", "description": description},
        "https://github.com/cloudbees-oss/zendesk-java-client",
    )


def search_wall() -> Refusal:
    """Return the answer to a page of search beyond a thousand results."""
    return invalid_search("Requested response size was greater than Search Response Limits")


def invalid_search(why: str) -> Refusal:
    """Return the answer to a query that search cannot read."""
    return Refusal(422, {"error": "invalid", "description": f"Invalid search: {why}"}, PROBED)


def too_recent(seconds: int, code: str) -> Refusal:
    """Return the answer to an export that begins too close to now."""
    description = f"Too recent start_time. Use a start_time older than {seconds} seconds"
    return Refusal(422, {"error": code, "description": description}, UNCONFIRMED)


def too_many_requests(seconds: int) -> Refusal:
    """Return the answer to a request beyond the minute's limit."""
    description = "Number of allowed API requests per minute exceeded"
    body = {"error": "APIRateLimitExceeded", "description": description}
    return Refusal(429, body, UNCONFIRMED, {"Retry-After": str(seconds)})


def unparsable() -> Refusal:
    """Return the answer to a body that is not JSON."""
    return Refusal(
        422,
        {"error": "Unprocessable Entity", "message": "Server could not parse JSON"},
        UNCONFIRMED,
    )


def internal_error() -> Refusal:
    """Return the answer to a request that the emulator fails to answer."""
    return Refusal(
        500,
        {"error": "InternalServerError", "description": "See the log"},
        "unconfirmed: no response of Zendesk's, but of the emulator",
    )
