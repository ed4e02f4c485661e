"""Scopes of OAuth tokens: which of them a request needs.

Zendesk names its scopes and publishes no map from endpoints to them. The table below is taken
from its pages and from responses of live accounts. Paths that are nested in a resource and have
a separate page, or are not documented, are covered by the
broad scopes alone.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
Source: https://support.zendesk.com/hc/en-us/articles/11093380955674
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display


READ, WRITE, IMPERSONATE = "read", "write", "impersonate"
BROAD = (READ, WRITE)

_BOTH = frozenset(BROAD)
_READ_ONLY, _WRITE_ONLY = frozenset({READ}), frozenset({WRITE})

#: The resources with separate scopes, and whether they have `read`, `write` or both.
RESOURCES: Mapping[str, frozenset[str]] = {
    "account_settings": _BOTH,
    "any_channel": _WRITE_ONLY,
    "apps": _BOTH,
    "auditlogs": _READ_ONLY,
    "automations": _BOTH,
    "brands": _BOTH,
    "custom_objects": _BOTH,
    "deletion_schedules": _BOTH,
    "dynamic_content": _BOTH,
    "groups": _BOTH,
    "hc": _BOTH,
    "macros": _BOTH,
    "organizations": _BOTH,
    "requests": _BOTH,
    "satisfaction_ratings": _BOTH,
    "security": _READ_ONLY,
    "sla_policies": _BOTH,
    "targets": _BOTH,
    "themes": _BOTH,
    "ticket_attachments": _BOTH,
    "ticket_views": _BOTH,
    "tickets": _BOTH,
    "triggers": _BOTH,
    "unrestricted": _BOTH,
    "users": _BOTH,
    "web_widget": _WRITE_ONLY,
    "webhooks": _BOTH,
    "zis": _BOTH,
}

#: A scope for one endpoint alone.
_ARTICLE_SEARCH = "hc:articles:search"

#: Every scope that Zendesk is known to have.
KNOWN_SCOPES = frozenset(
    {READ, WRITE, IMPERSONATE, _ARTICLE_SEARCH}
    | {f"{name}:{access}" for name, accesses in RESOURCES.items() for access in accesses}
)


@frozen
class Area:
    """The paths that the scopes of a resource are known to cover.

    Attributes:
        resource: the name of the resource in scopes.
        nested: paths below a row (`comments` of `tickets/{id}/comments`), in words
            with blanks between; None for anything.
        accesses: the accesses that the scopes allow there.
    """

    resource: str
    nested: str | None = ""
    accesses: frozenset[str] = _BOTH

    def covers(self, parts: list[str], access: str) -> bool:
        """Return True if the resource's scope for this access covers a path below the area.

        Args:
            parts: the parts of the path after that of the area.
            access: `read` or `write`.
        """
        if access not in self.accesses & RESOURCES[self.resource]:
            return False
        return self.nested is None or set(parts[1::2]) <= set(self.nested.split())


#: Prefixes of paths, and the scopes that cover them; the longest prefix counts.
AREAS: Mapping[str, Area] = {
    "account/settings": Area("account_settings"),
    "any_channel": Area("any_channel", None),
    "apps": Area("apps", None),
    "attachments": Area("ticket_attachments"),
    "audit_logs": Area("auditlogs"),
    "automations": Area("automations"),
    "brands": Area("brands", "check_host_mapping"),
    "community": Area("hc", None),
    "custom_objects": Area("custom_objects", "records fields jobs"),
    "deletion_schedules": Area("deletion_schedules"),
    "dynamic_content": Area("dynamic_content", None),
    "gather": Area("hc", None),
    "groups": Area("groups"),
    "guide": Area("hc", None),
    "guide/theming": Area("themes", None),
    "help_center": Area("hc", None),
    "macros": Area("macros", "apply attachments"),
    "organizations": Area("organizations", "merge merges related"),
    "requests": Area("requests", "comments"),
    "satisfaction_ratings": Area("satisfaction_ratings"),
    "slas/policies": Area("sla_policies"),
    "targets": Area("targets"),
    # A live account has named `account_settings:read` for the list; nothing is known of writing.
    "ticket_fields": Area("account_settings", accesses=_READ_ONLY),
    "tickets": Area(
        "tickets",
        "collaborators comments email_ccs followers incidents make_private mark_as_spam merge"
        " redact related",
    ),
    "triggers": Area("triggers", "revisions"),
    "uploads": Area("ticket_attachments"),
    "users": Area("users", "entitlements merge related"),
    "views": Area("ticket_views", "count execute export"),
    "webhooks": Area("webhooks", None),
}

#: Parts of paths that begin with the name of a resource and belong to another one.
_BROAD_ONLY = re.compile(r"guide/survey_responses\b")

#: POSTs that change nothing: searches and suggestions with a body.
READING_POSTS = re.compile(
    r"(custom_objects/[^/]+/records|it_asset_management/assets)/search"
    r"|views/preview(/count)?"
    r"|(autocomplete/tags|problems/autocomplete|users/autocomplete)"
)

_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_API = re.compile(r"/(api|hc/api)/(v2/)?")
_NAME = re.compile(r"[a-z_]+(:[a-z_]+)*")


def scopes_for(method: str, path: str) -> tuple[str, ...]:
    """Return the scopes of which any one suffices for a request, the narrowest first.

    Side-loaded rows (`include=users`) also need the scope of their resource, unless the
    token has `read`.

    Args:
        method: the HTTP method.
        path: the path from the host on, or a link, query included: `/api/v2/tickets/1`.

    Returns:
        `("tickets:read", "read")`; `("read",)` if no narrow scope is known to suffice; ()
        for requests that need no scope: signing in, and files.
    """
    match = _API.match(urlsplit(path).path)
    if match is None:
        return ()
    place = urlsplit(path).path[match.end() :].strip("/").removesuffix(".json")
    reads = method.upper() in _READING_METHODS
    reads = reads or (method.upper() == "POST" and READING_POSTS.fullmatch(place) is not None)
    access = READ if reads else WRITE
    return (*_narrow(match[1], place, access), access)


def _narrow(api: str, place: str, access: str) -> Iterable[str]:
    """Return the narrow scopes that suffice, the narrowest first."""
    if api == "hc/api":
        return (f"hc:{access}",)
    if place.startswith("services/zis/"):
        return (f"zis:{access}",)
    if _BROAD_ONLY.match(place):
        return ()
    parts = place.split("/")
    for length in (2, 1):
        area = AREAS.get("/".join(parts[:length]))
        if area is not None:
            covered = area.covers(parts[length:], access)
            narrow = (f"{area.resource}:{access}",) if covered else ()
            searches = place == "help_center/articles/embeddable_search" and access == READ
            return (_ARTICLE_SEARCH, *narrow) if searches else narrow
    return ()


def granted(scopes: Iterable[str], method: str, path: str) -> bool:
    """Return True if a token with these scopes may make a request.

    Args:
        scopes: the scopes of the token.
        method, path: see `scopes_for()`.
    """
    sufficient = scopes_for(method, path)
    return not sufficient or not set(sufficient).isdisjoint(scopes)


def least_scopes(needs: Iterable[Collection[str]]) -> tuple[str, ...]:
    """Return the fewest privileges that meet all needs, in the order in which to list them.

    Zendesk refuses a client whose scopes include a broad one and a narrow one that it covers,
    so that narrow ones are left out where a broad one is needed anyway.

    Args:
        needs: for each request the scopes of which any one suffices, the narrowest first.
    """
    chosen: set[str] = set()
    for need in sorted(filter(None, map(tuple, needs)), key=len):
        if chosen.isdisjoint(need):
            chosen.add(need[0])
    ranks = {READ: 1, WRITE: 2, IMPERSONATE: 3}
    return tuple(sorted(chosen, key=lambda name: (ranks.get(name, 0), name)))


def parse_scopes(text: str) -> tuple[str, ...]:
    """Return the names in a text of scopes: `"tickets:read users:read"`.

    Raises:
        InvalidValue: the value is not text, is empty, or contains something other than names.
    """
    if not isinstance(text, str):
        raise InvalidValue(
            f"scope must be one text with blanks between the names, such as "
            f'"tickets:read users:read", not {display(text)}: to a list Zendesk answers with a '
            "token that is allowed nothing"
        )
    names = tuple(dict.fromkeys(text.split()))
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong or not names:
        raise InvalidValue(
            f"scope must be names with blanks between them, such as "
            f'"tickets:read users:read", not {display(text)}'
        )
    return names
