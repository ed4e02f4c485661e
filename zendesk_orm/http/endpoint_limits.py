"""The limits of single endpoints that Zendesk documents, and the buckets of a request.

Responses report some of these limits, too; the reported number replaces the one of this table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import starmap
from typing import Any
from urllib.parse import parse_qs

from attrs import Factory, evolve, field, frozen

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.limits import CHAT, HELP_CENTER, SUPPORT, Window
from zendesk_orm.http.quota import PERIOD, Bucket
from zendesk_orm.messages import display, suggestion


#: The sources.
_SITE = "https://developer.zendesk.com/api-reference"
_LIMITS = f"{_SITE}/introduction/rate-limits/"
_EXPORTS = f"{_SITE}/ticketing/ticket-management/incremental_exports/"
_SEARCH = f"{_SITE}/ticketing/ticket-management/search/"
_TICKETS = f"{_SITE}/ticketing/tickets/tickets/"
_FIELDS = f"{_SITE}/ticketing/tickets/ticket_fields/"
_SUSPENDED = f"{_SITE}/ticketing/tickets/suspended_tickets/"
_USERS = f"{_SITE}/ticketing/users/users/"
_VIEWS = f"{_SITE}/ticketing/business-rules/views/"
_AUDIT_LOGS = f"{_SITE}/ticketing/account-configuration/audit_logs/"
_TALK = f"{_SITE}/voice/talk-api/introduction/"

_SIDE_CONVERSATIONS = f"{_SITE}/ticketing/side_conversation/side_conversation/"

_STATS = "channels/voice/stats"
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_ID = re.compile(r"(?<=/)(?:[0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9A-Z]{26})(?=/|$)")
_GROUP = re.compile(r"\(\?P<\w+>")
_API = "/api/v2/"


def _compile(limit: EndpointLimit) -> re.Pattern[str]:
    """Return the pattern of the requests that count for a limit."""
    path = _PLACEHOLDER.sub(r"(?P<\1>[0-9]+)", re.escape(limit.path)).replace(r"\*", "[^?]*")
    return re.compile(rf"(?:{limit.method}) /api/v2/{path}(?:\.json)?(?:\?.*)?$", re.DOTALL)


@frozen
class EndpointLimit:
    """How often an endpoint may be requested.

    Attributes:
        name: the name in Zendesk's headers (`incremental-exports`), if it is known. A placeholder
            stands for the object that has a separate limit: `per-ticket-updates/{ticket}`.
        method: the HTTP method; `PUT|POST` for two.
        path: the path below `/api/v2/`; a placeholder stands for an id, `*` for anything.
        limit: the number of requests in a period.
        seconds: the length of a period.
        source: the page of Zendesk that documents it.
        beyond_page: the number of the page beyond which the limit applies.
        except_for: the end of paths to which it does not apply, or "".
    """

    name: str
    method: str
    path: str
    limit: int
    seconds: float
    source: str
    beyond_page: int = 0
    except_for: str = ""
    pattern: re.Pattern[str] = field(
        init=False, eq=False, repr=False, default=Factory(_compile, takes_self=True)
    )

    @property
    def key(self) -> str:
        """The name without the placeholder, as in `endpoint_limits=`."""
        return self.name.partition("/")[0]

    def bucket(self, line: str) -> Bucket | None:
        """Return the bucket of a request (`GET /api/v2/search?query=x`), or None."""
        match = self.pattern.match(line)
        if match is None or (self.beyond_page and _page(line) <= self.beyond_page):
            return None
        if self.except_for and line.partition("?")[0].endswith(self.except_for):
            return None
        return Bucket(self.name.format(**match.groupdict()), self.limit, self.seconds)


#: The limits. Those of tickets, users and tags beyond page 500 are left out: lists end at page 100.
_ROWS = (
    ("incremental-exports", "GET", "incremental/*", 10, PERIOD, _LIMITS, 0, "/sample"),
    ("incremental-sample", "GET", "incremental/*/sample", 10, 20 * PERIOD, _EXPORTS),
    ("search-index", "GET", "search", 2500, PERIOD, _SEARCH),
    ("search-export", "GET", "search/export", 100, PERIOD, _SEARCH),
    ("tickets-update", "PUT", "tickets/{ticket}", 100, PERIOD, _LIMITS),
    ("per-ticket-updates/{ticket}", "PUT", "tickets/{ticket}", 30, 10 * PERIOD, _LIMITS),
    ("tickets-delete", "DELETE", "tickets/{ticket}", 400, PERIOD, _TICKETS),
    ("deleted-tickets-index", "GET", "deleted_tickets", 10, PERIOD, _TICKETS),
    ("deleted-tickets-deep-pagination", "GET", "deleted_tickets", 5, PERIOD, _TICKETS, 100),
    ("users-update", "PUT", "users/{user}", 1, 1.0, _LIMITS),
    ("users-create-or-update", "POST", "users/create_or_update", 1, 1.0, _LIMITS),
    ("per-user-updates/{user}", "PUT", "users/{user}", 5, PERIOD, _LIMITS),
    ("deleted-users-destroy", "DELETE", "deleted_users/{user}", 700, 10 * PERIOD, _USERS),
    ("per-organization-updates/{id}", "PUT", "organizations/{id}", 5, PERIOD, _LIMITS),
    ("view-execute/{view}", "GET", "views/{view}/execute", 5, PERIOD, _VIEWS),
    ("view-count/{view}", "GET", "views/{view}/count", 5, PERIOD, _VIEWS),
    ("view-preview", "POST", "views/preview", 5, PERIOD, _VIEWS),
    ("views-count-many", "GET", "views/count_many", 6, PERIOD, _VIEWS),
    (
        "side-conversations",
        "GET|POST|PUT",
        "tickets/*side_conversations*",
        300,
        10 * PERIOD,
        _SIDE_CONVERSATIONS,
    ),
    ("ticket-field-options", "POST", "ticket_fields/{field}/options", 100, PERIOD, _FIELDS),
    ("audit-logs-export", "POST", "audit_logs/export", 1, PERIOD, _AUDIT_LOGS),
    ("suspended-tickets-export", "POST", "suspended_tickets/export", 1, PERIOD, _SUSPENDED),
    ("talk", "GET|POST|PUT|PATCH|DELETE", "channels/voice/*", 15_000, 5 * PERIOD, _TALK),
    ("talk-current-queue", "GET", f"{_STATS}/current_queue_activity", 2500, 5 * PERIOD, _TALK),
    ("talk-incremental-exports", "GET", f"{_STATS}/incremental/*", 10, PERIOD, _TALK),
    ("talk-callback", "POST", "channels/voice/callback_requests", 30, 10 * PERIOD, _TALK),
)
ENDPOINT_LIMITS = tuple(starmap(EndpointLimit, _ROWS))
#: Limits that are known from responses only, and have no number here.
REPORTED_LIMITS = frozenset(
    {
        *("tickets-index", "tickets-index-pagination", "tickets-index-deep-pagination"),
        *("tags-index", "tags-index-pagination", "tags-index-deep-pagination"),
        *("deleted-tickets-destroy", "ticket-request-create-by-user-and-ip"),
    }
)
#: The argument of `connect()` for a server without these limits.
NO_ENDPOINT_LIMITS = {limit.key: None for limit in ENDPOINT_LIMITS}
#: The lengths of the periods that are known, in seconds.
_PERIODS = {
    **dict.fromkeys((SUPPORT, HELP_CENTER, CHAT), PERIOD),
    **{limit.key: limit.seconds for limit in ENDPOINT_LIMITS},
}
#: The limits of single objects, such as `per-ticket-updates`.
_OF_OBJECTS = {limit.key for limit in ENDPOINT_LIMITS if limit.key != limit.name}
_PER_OBJECT = "per-"
#: The longest of them: a limit that is not known hardly has a longer one.
_LONGEST_PERIOD = max(_PERIODS.values())


def _page(line: str) -> int:
    """Return the number of the requested page; 1 without one."""
    values = parse_qs(line.partition("?")[2]).get("page", [""])
    return int(values[0]) if values[0].isascii() and values[0].isdigit() else 1


def combine(limits: tuple[EndpointLimit, ...]) -> re.Pattern[str]:
    """Return a pattern that matches the requests that may count for one of the limits."""
    # A pattern can have a named group only once.
    patterns = [_GROUP.sub("(?:", limit.pattern.pattern) for limit in limits]
    return re.compile("|".join(patterns) or "(?!)", re.DOTALL)


def override(overrides: Mapping[str, int | None]) -> tuple[EndpointLimit, ...]:
    """Return the table with other numbers of requests; None removes a limit, or ignores reports.

    Raises:
        ConfigurationError: a limit does not exist, or its number is not above 0.
    """
    names = sorted({limit.key for limit in ENDPOINT_LIMITS} | REPORTED_LIMITS)
    for name, number in overrides.items():
        if name not in names:
            raise ConfigurationError(
                f"endpoint_limits has no limit {display(name)}{suggestion(str(name), names)}; all "
                f"names are: {', '.join(names)}"
            )
        if name in REPORTED_LIMITS and number is not None:
            raise ConfigurationError(
                f"the limit {name} must be None, which ignores it: its number and its requests "
                f"are known from responses only, so that it cannot be {display(number)}"
            )
        if number is not None and (type(number) is not int or number < 1):
            raise ConfigurationError(
                f"the limit {name} must be a number of requests above 0, or None for no limit, "
                f"not {display(number)}"
            )
    numbers: dict[str, Any] = {limit.key: limit.limit for limit in ENDPOINT_LIMITS} | {**overrides}
    return tuple(
        evolve(limit, limit=numbers[limit.key])
        for limit in ENDPOINT_LIMITS
        if numbers[limit.key] is not None
    )


def find_buckets(limits: tuple[EndpointLimit, ...], line: str) -> Iterator[Bucket]:
    """Yield the buckets of the endpoint of a request: `GET /api/v2/search?query=x`."""
    for limit in limits:
        bucket = limit.bucket(line)
        if bucket is not None:
            yield bucket


def name_bucket(name: str, path: str) -> str | None:
    """Return the name of the bucket of a reported limit, or None if its object is unknown.

    Updates of the tags of a ticket may count for the limit of the ticket.

    Args:
        name: the name of the limit, as reported.
        path: the path of the request.
    """
    if name not in _OF_OBJECTS and not name.startswith(_PER_OBJECT):
        return name
    match = _ID.search(path.partition("?")[0].removesuffix(".json"))
    return None if match is None else f"{name}/{match[0]}"


def find_period(name: str) -> float:
    """Return the seconds of the period of a limit, by its name without an object."""
    return _PERIODS.get(name, PERIOD)


def correct(name: str, window: Window) -> Window | None:
    """Return a reported limit without numbers that cannot be true, or None if nothing is left.

    Gateways and proxies change headers: they send a total of 0 for no limit, or a time since the
    epoch instead of the seconds until the reset.

    Args:
        name: its name, without an object.
        window: the limit.
    """
    if not window.total:
        return None
    resets, longest = window.resets, _PERIODS.get(name)
    if resets is not None and resets > (longest or _LONGEST_PERIOD):
        # A limit ends with its period at the latest.
        resets = None if longest is None else math.ceil(longest)
    return Window(max(window.total, window.remaining), window.remaining, resets)


def describe_endpoint(method: str, visible_path: str) -> str:
    """Return the name of an endpoint: `GET tickets/{id}/comments`.

    Args:
        method: the HTTP method.
        visible_path: the path, without the query and secrets.
    """
    path = _ID.sub("{id}", visible_path.removesuffix(".json"))
    return f"{method} {path.removeprefix(_API)}"
