"""Scopes of OAuth tokens: which exist, which a client may have, and which a request needs.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#scopes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from zendesk_orm.emulator.oauth import errors
from zendesk_orm.emulator.world import Call
from zendesk_orm.http.scopes import IMPERSONATE, KNOWN_SCOPES, RESOURCES, scopes_for


#: A resource without an access stands for all of its accesses.
_KNOWN = KNOWN_SCOPES | set(RESOURCES)
_THEMES = "guide/theming"

__all__ = ["IMPERSONATE", "demand", "parse"]


def parse(scope: Any, default: str, ceiling: Any = None) -> list[str]:
    """Return the scopes to grant for the `scope` parameter of a request.

    Names that do not exist are dropped without an error, as on a live account. Anything but a
    string, such as a JSON array, grants nothing: every call with the token is refused.

    Args:
        scope: the parameter; None if it is missing.
        default: the scopes of a request without the parameter.
        ceiling: the scopes that the client may have; None for all.

    Raises:
        Refusal: a scope is above the ceiling.
    """
    requested = default if scope is None else scope
    if not isinstance(requested, str):
        return []
    names = [name for name in dict.fromkeys(requested.split()) if name in _KNOWN]
    if ceiling is not None and not all(_covers(ceiling, name) for name in names):
        raise errors.invalid_scope()
    return names


def demand(scopes: Iterable[Any], call: Call) -> None:
    """Refuse a call that the scopes of its token do not cover.

    Raises:
        Refusal: a scope is missing.
    """
    sufficient = scopes_for(call.method, f"/api/v2/{call.path}")
    if not sufficient or not set(_expand(scopes)).isdisjoint(sufficient):
        return
    if call.path.startswith(_THEMES):
        raise errors.missing_theme_scope(sufficient[0])
    raise errors.missing_scope(sufficient[-1])


def _covers(ceiling: Iterable[Any], name: str) -> bool:
    """Return True if the scopes include everything that a scope allows."""
    allowed = set(_expand(ceiling))
    return all(one in allowed or one.rpartition(":")[2] in allowed for one in _expand([name]))


def _expand(scopes: Iterable[Any]) -> Iterator[str]:
    """Yield scopes in full: a resource without an access stands for all of its accesses."""
    for name in scopes:
        if isinstance(name, str):
            accesses = RESOURCES.get(name)
            yield from [f"{name}:{access}" for access in accesses] if accesses else [name]
