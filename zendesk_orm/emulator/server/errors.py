"""Error responses of Zendesk, one function for each form.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.messages import display


#: Sources of more than one error response.
RECORDED = "recorded"
UNCONFIRMED = "unconfirmed"
REQUESTS = "https://developer.zendesk.com/api-reference/introduction/requests/"
PAGINATION = "https://developer.zendesk.com/api-reference/introduction/pagination/"
LIMITS = "https://developer.zendesk.com/api-reference/introduction/rate-limits/"
#: Requests to a live account.
PROBED = "https://github.com/CloudSecurityAlliance/csa-zendesk"
#: The names of types of ticket fields in errors, unless they are the capitalized type.
_FIELD_CLASSES = {"multiselect": "MultiSelect", "partialcreditcard": "PartialCreditCard"}
_PREFIXES = (RECORDED, UNCONFIRMED, "https://", "OpenAPI ", "RFC ")


def check_source(source: str) -> None:
    """Check the source of an error response.

    Raises:
        ValueError: it has another form than those of `HTTPError`.
    """
    if not source.startswith(_PREFIXES):
        raise ValueError(f"{display(source)} must be the source of an error response")


class HTTPError(Exception):
    """An error response. Raising it rolls back the changes of the request.

    Args:
        status: the HTTP status.
        body: the body, or None for an empty one.
        source: the source of the response: an address, the name of a schema or an operation of
            Zendesk's `OpenAPI` files, `RECORDED`, or `UNCONFIRMED`, which may be followed by a
            reason.
        headers: headers in addition to those that every response has.

    Raises:
        ValueError: the source has another form.
    """

    def __init__(
        self, status: int, body: Any, source: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        check_source(source)
        self.status = status
        self.body = body
        self.source = source
        self.headers = dict(headers or {})


def not_found() -> HTTPError:
    """Return the error for a row that does not exist."""
    return HTTPError(404, {"error": "RecordNotFound", "description": "Not found"}, RECORDED)


def endpoint_not_found() -> HTTPError:
    """Return the error for a path that does not exist."""
    return HTTPError(404, {"error": "InvalidEndpoint", "description": "Not found"}, PROBED)


def unsupported_endpoint(name: str) -> HTTPError:
    """Return the error for an endpoint that the emulator does not support."""
    return HTTPError(
        501,
        {"error": "NotEmulated", "description": f"The emulator does not support {name}"},
        "unconfirmed: a response of the emulator, not of Zendesk",
    )


def invalid_credentials() -> HTTPError:
    """Return the error for missing or wrong credentials."""
    return HTTPError(401, {"error": "Couldn't authenticate you"}, PROBED)


def invalid_record(details: Mapping[str, list[dict[str, Any]]]) -> HTTPError:
    """Return the error for a row with invalid values, given the errors by field."""
    body = {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": dict(details),
    }
    return HTTPError(422, body, REQUESTS)


def field_error(description: str, error: str = "") -> dict[str, Any]:
    """Return an error of a field, for `invalid_record`."""
    return {"description": description, **({"error": error} if error else {})}


def ticket_field_error(
    field: Mapping[str, Any], description: str, error: str | None
) -> dict[str, Any]:
    """Return an error of a custom field of tickets, for the key `base` of `invalid_record`.

    Source: https://github.com/facetoe/zenpy/issues/425 and https://github.com/facetoe/zenpy/issues/114

    Args:
        field: the row of the field.
        description: the text of the error.
        error: the code of the error.
    """
    type_ = _FIELD_CLASSES.get(field["type"], str(field["type"]).capitalize())
    return {
        "description": description,
        "error": error,
        "ticket_field_id": field["id"],
        "ticket_field_type": f"Field{type_}",
    }


def invalid_attribute(name: str, reason: str) -> HTTPError:
    """Return the error for a parameter with an invalid value."""
    message = f"You passed an invalid value for the {name} attribute. Invalid parameter: {reason}"
    return HTTPError(
        400,
        {"error": {"title": "Invalid attribute", "message": message}},
        "https://support.zendesk.com/hc/en-us/community/posts/5981990015514",
    )


def require_scalar(name: str, value: Any) -> None:
    """Raise if an id or an e-mail address in a body is a list or an object.

    Raises:
        HTTPError: 400.
    """
    if isinstance(value, (list, Mapping)):
        raise invalid_attribute(name, f"{name} must be an integer or a string")


def missing_parameter(name: str) -> HTTPError:
    """Return the error for a body without a required key."""
    return HTTPError(
        400,
        {"error": "ParameterMissing", "description": f"Required param missing: {name}"},
        UNCONFIRMED,
    )


def invalid_paging(detail: str) -> HTTPError:
    """Return the error for an invalid cursor or order."""
    title = "Invalid pagination parameter"
    error = {"code": "InvalidPaginationParameter", "title": title, "detail": detail}
    return HTTPError(400, {"errors": [error]}, PROBED)


def expired_cursor(status: int) -> HTTPError:
    """Return the error for an expired cursor, in the form of another export."""
    error = {
        "code": "InvalidCursor",
        "status": str(status),
        "title": "cursor is invalid or expired",
    }
    return HTTPError(status, {"errors": [error]}, UNCONFIRMED)


def offset_too_deep() -> HTTPError:
    """Return the error for an offset of more than 10,000 rows."""
    error = {
        "code": "InvalidPaginationDepth",
        "title": "Pagination requests using Offset Pagination are limited to the first 10000 rows",
        "detail": "Use cursor pagination to reach further",
    }
    return HTTPError(400, {"errors": [error]}, PROBED)


def too_many_values(key: str = "") -> HTTPError:
    """Return the error for more than a hundred rows or ids in a request."""
    if key == "users":
        # Recorded with another description, and without `max_count`.
        description = "Maximum 100 users may be created per call"
        return HTTPError(400, {"error": "TooManyValues", "description": description}, RECORDED)
    description = "Parameter  cannot specify more than 100 values"
    return HTTPError(
        400, {"error": "TooManyValues", "description": description, "max_count": 100}, RECORDED
    )


def too_many_jobs(status: int, job: str, running: list[str]) -> HTTPError:
    """Return the error for a job that exceeds the number of running jobs."""
    description = f"Too many {job} jobs are currently queued or running. Try again later."
    body = {"error": "TooManyJobs", "description": description, "current_job_ids": running}
    return HTTPError(status, body, LIMITS)


def too_large() -> HTTPError:
    """Return the error for a file that is too large."""
    description = "The file is larger than attachments may be"
    return HTTPError(413, {"error": "AttachmentTooLarge", "description": description}, UNCONFIRMED)


def update_conflict() -> HTTPError:
    """Return the error for a safe update of a ticket that was changed in the meantime."""
    description = (
        "Safe Update prevented the update due to outdated ticket data. "
        "Please fetch the latest ticket data and try again."
    )
    return HTTPError(
        409, {"error": "UpdateConflict", "description": description}, "OpenAPI UpdateTicket"
    )


def idempotency_mismatch() -> HTTPError:
    """Return the error for an idempotency key that is used again with another body."""
    description = "Request parameters don't match the given idempotency key"
    return HTTPError(
        400,
        {"error": "IdempotentRequestError", "description": description},
        "https://github.com/cloudbees-oss/zendesk-java-client",
    )


def search_depth_limit() -> HTTPError:
    """Return the error for a page beyond the first 1,000 results of a search."""
    return invalid_search("Requested response size was greater than Search Response Limits")


def invalid_search(reason: str) -> HTTPError:
    """Return the error for an invalid search query."""
    return HTTPError(422, {"error": "invalid", "description": f"Invalid search: {reason}"}, PROBED)


def start_time_too_recent(seconds: int, code: str) -> HTTPError:
    """Return the error for an export that starts too close to the current time."""
    description = f"Too recent start_time. Use a start_time older than {seconds} seconds"
    return HTTPError(422, {"error": code, "description": description}, UNCONFIRMED)


def too_many_requests(seconds: int) -> HTTPError:
    """Return the error for a request that exceeds the rate limit."""
    description = "Number of allowed API requests per minute exceeded"
    body = {"error": "APIRateLimitExceeded", "description": description}
    return HTTPError(429, body, UNCONFIRMED, {"Retry-After": str(seconds)})


def invalid_request() -> HTTPError:
    """Return the error for a request that cannot be read, such as one with a broken body."""
    return HTTPError(
        400, {"error": "BadRequest", "description": "The request cannot be read"}, UNCONFIRMED
    )


def invalid_json() -> HTTPError:
    """Return the error for a body that is not JSON."""
    return HTTPError(
        422,
        {"error": "Unprocessable Entity", "message": "Server could not parse JSON"},
        UNCONFIRMED,
    )


def internal_error() -> HTTPError:
    """Return the error for a request that the emulator fails to handle."""
    return HTTPError(
        500,
        {"error": "InternalServerError", "description": "See the log"},
        "unconfirmed: a response of the emulator, not of Zendesk",
    )
