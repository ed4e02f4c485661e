"""Scopes of OAuth tokens: those of a token request, and those that a request needs.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#scopes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.oauth import errors
from zendesk_orm.http.scopes import IMPERSONATE, KNOWN_SCOPES, RESOURCES, scopes_for


#: The name of a resource, without an access, includes all of its accesses.
_KNOWN = KNOWN_SCOPES | set(RESOURCES)
_THEMES = "guide/theming"

__all__ = ["IMPERSONATE", "check", "parse"]


def parse(scope: Any, default: str, ceiling: Any = None) -> list[str]:
    """Return the scopes to grant for the `scope` parameter of a request.

    Names that do not exist are ignored, as by a live account. A value that is not a string, such
    as a JSON array, grants nothing: every request with the token is an error.

    Args:
        scope: the parameter; None if it is missing.
        default: the scopes of a request without the parameter.
        ceiling: the scopes that the client may have; None for all.

    Raises:
        HTTPError: 400, if a scope is not within the ceiling.
    """
    requested = default if scope is None else scope
    if not isinstance(requested, str):
        return []
    names = [name for name in dict.fromkeys(requested.split()) if name in _KNOWN]
    if ceiling is not None and not all(_covers(ceiling, name) for name in names):
        raise errors.invalid_scope()
    return names


def check(scopes: Iterable[Any], request: Request) -> None:
    """Check that the scopes of a token allow a request.

    Raises:
        HTTPError: 403, if a scope is missing.
    """
    sufficient = scopes_for(request.method, f"/api/v2/{request.path}")
    if not sufficient or not set(_expand(scopes)).isdisjoint(sufficient):
        return
    if request.path.startswith(_THEMES):
        raise errors.missing_theme_scope(sufficient[0])
    raise errors.missing_scope(sufficient[-1])


def _covers(ceiling: Iterable[Any], name: str) -> bool:
    """Return True if the scopes include a scope."""
    allowed = set(_expand(ceiling))
    return all(scope in allowed or scope.rpartition(":")[2] in allowed for scope in _expand([name]))


def _expand(scopes: Iterable[Any]) -> Iterator[str]:
    """Yield scopes, with the name of a resource replaced by all of its accesses."""
    for name in scopes:
        if isinstance(name, str):
            accesses = RESOURCES.get(name)
            yield from [f"{name}:{access}" for access in accesses] if accesses else [name]
