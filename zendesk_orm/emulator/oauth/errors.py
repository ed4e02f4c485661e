"""Error responses of OAuth, one function for each.

The statuses of `invalid_client` and `invalid_grant` are unconfirmed; switches choose them.
"""

from __future__ import annotations

from zendesk_orm.emulator.server.errors import PROBED, HTTPError


_RFC = "RFC 6749"
_TOKENS = "https://github.com/zendesk/zendesk_api_client_rb/issues/297"
_CLIENTS = "https://support.zendesk.com/hc/en-us/articles/4408845965210"
_GRANTS = "https://support.zendesk.com/hc/en-us/articles/4408831387930"
_SCOPES = "https://support.zendesk.com/hc/en-us/community/posts/4485954843162"
_THEMING = "https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/"


def invalid_token(status: int = 401) -> HTTPError:
    """Return the error for an access token that is unknown, expired or revoked.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/297
    """
    description = (
        "The access token provided is expired, revoked, malformed or invalid for other reasons."
    )
    return _build_error(status, "invalid_token", description, _TOKENS)


def invalid_client(status: int) -> HTTPError:
    """Return the error for an unknown client or a wrong secret.

    Source: comments of https://support.zendesk.com/hc/en-us/articles/4408845965210. The
    description is unconfirmed.
    """
    return _build_error(status, "invalid_client", "Client authentication failed.", _CLIENTS)


def invalid_grant(status: int, reason: str) -> HTTPError:
    """Return the error for a code or a refresh token that cannot be exchanged.

    Source: https://support.zendesk.com/hc/en-us/articles/4408831387930. The text in parentheses
    is unconfirmed, except for that of a dead refresh token, which a connector has met:
    https://github.com/airbytehq/airbyte/pull/83815
    """
    description = f"The provided access grant is invalid, expired, or revoked ({reason})"
    return _build_error(status, "invalid_grant", description, _GRANTS)


def invalid_scope() -> HTTPError:
    """Return the error for a scope above those that a client may have.

    Source: seen on a live account, see https://github.com/CloudSecurityAlliance/csa-zendesk.
    """
    description = "The requested scope is invalid, unknown, or malformed."
    return _build_error(400, "invalid_scope", description, PROBED)


def invalid_request(reason: str) -> HTTPError:
    """Return the error for a parameter that is missing or invalid.

    Unconfirmed: code and status are those of RFC 6749, section 5.2.
    """
    return _build_error(400, "invalid_request", reason, _RFC)


def unauthorized_client() -> HTTPError:
    """Return the error for a grant that the kind of the client rules out.

    That only confidential clients have `client_credentials` is documented
    (https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/); the
    response is unconfirmed, and that of RFC 6749.
    """
    description = "client_credentials is for confidential clients only"
    return _build_error(400, "unauthorized_client", description, _RFC)


def unsupported_grant_type() -> HTTPError:
    """Return the error for a grant type that is not offered.

    Source: RFC 6749, section 5.2; the response of Zendesk is unconfirmed.
    """
    description = "grant_type must be authorization_code, refresh_token or client_credentials"
    return _build_error(400, "unsupported_grant_type", description, _RFC)


def missing_scope(scope: str) -> HTTPError:
    """Return the error for a request that the scopes of its token do not cover.

    Source: https://support.zendesk.com/hc/en-us/community/posts/4485954843162
    """
    description = f"You are missing the following required scopes: {scope}"
    return HTTPError(403, {"error": "Forbidden", "description": description}, _SCOPES)


def missing_theme_scope(scope: str) -> HTTPError:
    """Return the same response in the form of the Themes API.

    Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/
    """
    title = f"You are missing the following required scopes: {scope}"
    return HTTPError(401, {"errors": [{"code": "InvalidOAuthScopes", "title": title}]}, _THEMING)


def _build_error(status: int, error: str, description: str, source: str) -> HTTPError:
    return HTTPError(status, {"error": error, "error_description": description}, source)
