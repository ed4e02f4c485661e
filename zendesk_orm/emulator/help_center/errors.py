"""Error responses of the Help Center."""

from __future__ import annotations

from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError


def invalid_field(field: str, text: str) -> HTTPError:
    """Return the error response to an invalid field of an article, a comment or a post."""
    return HTTPError(400, {"errors": {field: [text]}}, UNCONFIRMED)


def guide_error(code: str, title: str, status: int) -> HTTPError:
    """Return an error response of the paths below `guide/` and `gather/`."""
    error = {"code": code, "meta": {}, "status": str(status), "title": title}
    return HTTPError(status, {"errors": [error]}, UNCONFIRMED)


def invalid_property() -> HTTPError:
    """Return the error response to an invalid value on the paths below `guide/` and `gather/`."""
    return guide_error("BadRequest", "Invalid property", 400)
