"""The floor: `requests` and `.json()`, with the best endpoint chosen by hand for each job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import requests

from benchmarks.expected import LONG_AGO, parse_number, search_times, ticket_ids, user_ids
from benchmarks.jobs import CALLS_PER_PROCESS, OPERATIONS


Row = dict[str, Any]


class Floor:
    """Does each job with the smallest number of requests; rows stay dictionaries."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v2"
        self._session = requests.Session()
        self._session.auth = ("a@b.c/token", "t")

    def open_connection(self) -> None:
        """Send a request, so that no job measures connecting."""
        self._get("groups")

    # -- speed ---------------------------------------------------------------

    def prepare_get(self) -> Iterator[int]:
        """Return the ids; each of them is fetched once."""
        return iter(ticket_ids(OPERATIONS * CALLS_PER_PROCESS))

    def get(self, ids: Iterator[int]) -> int:
        """Fetch the next tickets one by one and count those with the expected subject."""
        return sum(
            parse_number(self._get(f"tickets/{pk}")["ticket"]["subject"]) == pk
            for pk in islice(ids, OPERATIONS)
        )

    def prepare_filter_five(self) -> Iterator[datetime]:
        """Return the values to filter by; each of them is used once."""
        return iter(search_times(OPERATIONS * CALLS_PER_PROCESS))

    def filter_five(self, times: Iterator[datetime]) -> int:
        """Search for five tickets at a time and sum the numbers in their subjects."""
        total = 0
        for time in islice(times, OPERATIONS):
            params = {
                "query": f"type:ticket created>{_format_time(time)}",
                "sort_by": "created_at",
                "sort_order": "desc",
                "per_page": 5,
            }
            rows = self._get("search", params)["results"]
            total += sum(parse_number(row["subject"]) for row in rows)
        return total

    def list_tickets(self) -> int:
        """Sum the ids of all tickets."""
        return sum(row["id"] for row in self._tickets())

    def include(self) -> int:
        """Sum the numbers in subjects and side-loaded names."""
        total = 0
        for page in self._pages("tickets", {"page[size]": 100, "include": "users,organizations"}):
            total += _sum_numbers(page["tickets"], page["users"], page["organizations"])
        return total

    def search(self) -> int:
        """Sum the ids of all hits of a search, using the export with 1,000 rows per page."""
        query = f"created>{_format_time(LONG_AGO)}"
        params = {"query": query, "filter[type]": "ticket", "page[size]": 1_000}
        pages = self._pages("search/export", params)
        return sum(row["id"] for page in pages for row in page["results"])

    def hold(self) -> int:
        """Keep a list of all tickets."""
        self.tickets = list(self._tickets())
        return sum(row["id"] for row in self.tickets)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (row["id"] for row in self._tickets())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value; dictionaries have no dates and no links."""
        row = self._get("tickets", {"page[size]": 1})["tickets"][0]
        return {"plain_ns": lambda: row["subject"]}

    # -- requests ------------------------------------------------------------

    def follow_links(self) -> int:
        """Sum the numbers in subjects and names, fetching each link once, 100 per request."""
        tickets = list(self._tickets())
        users = self._get_many("users", {row["requester_id"] for row in tickets})
        organizations = self._get_many("organizations", {row["organization_id"] for row in tickets})
        return _sum_numbers(tickets, users, organizations)

    def get_by_ids(self) -> int:
        """Fetch 250 users, 100 per request."""
        return sum(row["id"] for row in self._get_many("users", user_ids(250)))

    def prepare_get_cached_ids(self) -> list[Row]:
        """Fetch 99 users."""
        return self._get_many("users", user_ids(99))

    def get_cached_ids(self, users: list[Row]) -> int:
        """Fetch the one user of 100 that is missing."""
        fetched = {row["id"] for row in users}
        missing = [pk for pk in user_ids(100) if pk not in fetched]
        return sum(row["id"] for row in (*users, *self._get_many("users", missing)))

    def slice(self) -> list[int]:
        """Fetch the page that is the slice."""
        return _list_ids(self._get("tickets", {"page": 13, "per_page": 20})["tickets"])

    def slice_deep(self) -> list[int]:
        """Fetch the page that is the slice."""
        return _list_ids(self._get("tickets", {"page": 80, "per_page": 50})["tickets"])

    def first(self) -> int:
        """Fetch a page of one row."""
        return _list_ids(self._get("tickets", {"page[size]": 1})["tickets"])[0]

    def count(self) -> int:
        """Fetch the count without rows."""
        return int(self._get("tickets/count")["count"]["value"])

    def exists(self) -> bool:
        """Fetch a page of one row."""
        return bool(self._get("tickets", {"page[size]": 1})["tickets"])

    def update(self) -> int:
        """Update 1,000 tickets, 100 per job, and fetch all jobs with one request."""
        change = {"ticket": {"priority": "low"}}
        results = self._get_results(
            self._send("PUT", "tickets/update_many", change, ids=_join(chunk))
            for chunk in _split(range(1, 1_001))
        )
        return sum(bool(result["success"]) for result in results)

    def create(self) -> int:
        """Create 1,000 tickets, 100 per job, and fetch all jobs with one request."""
        results = self._get_results(
            self._send(
                "POST", "tickets/create_many", {"tickets": [{"subject": str(n)} for n in chunk]}
            )
            for chunk in _split(range(1_000))
        )
        return sum(result["id"] for result in results)

    # -- HTTP ----------------------------------------------------------------

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        response = self._session.get(f"{self._url}/{path}", params=params)
        response.raise_for_status()
        return response.json()

    def _send(self, method: str, path: str, body: object, **params: str) -> Any:
        response = self._session.request(method, f"{self._url}/{path}", json=body, params=params)
        response.raise_for_status()
        return response.json()

    def _pages(self, path: str, params: dict[str, Any]) -> Iterator[Any]:
        page = self._get(path, params)
        yield page
        while page["meta"]["has_more"]:
            response = self._session.get(page["links"]["next"])
            response.raise_for_status()
            page = response.json()
            yield page

    def _tickets(self) -> Iterator[Row]:
        for page in self._pages("tickets", {"page[size]": 100}):
            yield from page["tickets"]

    def _get_many(self, plural: str, ids: Iterable[int]) -> list[Row]:
        path = f"{plural}/show_many"
        return [
            row for chunk in _split(ids) for row in self._get(path, {"ids": _join(chunk)})[plural]
        ]

    def _get_results(self, responses: Iterable[Any]) -> list[Row]:
        ids = ",".join(response["job_status"]["id"] for response in responses)
        jobs = self._get("job_statuses/show_many", {"ids": ids})["job_statuses"]
        return [result for job in jobs for result in job["results"]]


def _sum_numbers(tickets: list[Row], users: list[Row], organizations: list[Row]) -> int:
    users_by_id = {row["id"]: row for row in users}
    organizations_by_id = {row["id"]: row for row in organizations}
    return sum(
        parse_number(row["subject"])
        + parse_number(users_by_id[row["requester_id"]]["name"])
        + parse_number(organizations_by_id[row["organization_id"]]["name"])
        for row in tickets
    )


def _split(ids: Iterable[int]) -> Iterator[list[int]]:
    """Return lists of at most 100 ids."""
    ids = list(ids)
    return (ids[start : start + 100] for start in range(0, len(ids), 100))


def _join(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def _list_ids(rows: Iterable[Row]) -> list[int]:
    return [row["id"] for row in rows]


def _format_time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
