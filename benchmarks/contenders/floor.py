"""The floor: `requests` and `.json()`, by somebody who knows the best endpoint by heart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import requests

from benchmarks.truth import LONG_AGO, number, user_ids


Row = dict[str, Any]


class Floor:
    """Each job in the fewest requests; rows stay dictionaries."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v2"
        self._session = requests.Session()
        self._session.auth = ("a@b.c/token", "t")

    def warm(self) -> None:
        """Open the connection."""
        self._get("groups")

    # -- speed ---------------------------------------------------------------

    def listing(self) -> int:
        """Sum the ids of all tickets."""
        return sum(row["id"] for row in self._tickets())

    def include(self) -> int:
        """Sum what side-loaded names say."""
        total = 0
        for page in self._pages("tickets", {"page[size]": 100, "include": "users,organizations"}):
            total += _named(page["tickets"], page["users"], page["organizations"])
        return total

    def hold(self) -> int:
        """Keep all tickets."""
        self.held = list(self._tickets())
        return sum(row["id"] for row in self.held)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (row["id"] for row in self._tickets())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value; dictionaries know no dates and no links."""
        row = self._get("tickets", {"page[size]": 1})["tickets"][0]
        return {"plain_ns": lambda: row["subject"]}

    # -- requests ------------------------------------------------------------

    def links(self) -> int:
        """Fetch what is pointed to by the hundred, and each only once."""
        tickets = list(self._tickets())
        users = self._many("users", {row["requester_id"] for row in tickets})
        organizations = self._many("organizations", {row["organization_id"] for row in tickets})
        return _named(tickets, users, organizations)

    def by_ids(self) -> int:
        """Fetch 250 users by the hundred."""
        return sum(row["id"] for row in self._many("users", user_ids(250)))

    def given_kept(self) -> list[Row]:
        """Read 99 users."""
        return self._many("users", user_ids(99))

    def kept(self, users: list[Row]) -> int:
        """Fetch the one user that is missing."""
        known = {row["id"] for row in users}
        missing = [pk for pk in user_ids(100) if pk not in known]
        return sum(row["id"] for row in (*users, *self._many("users", missing)))

    def slice(self) -> list[int]:
        """Ask for the page that is the slice."""
        return _ids(self._get("tickets", {"page": 13, "per_page": 20})["tickets"])

    def slice_deep(self) -> list[int]:
        """Ask for the page that is the slice."""
        return _ids(self._get("tickets", {"page": 80, "per_page": 50})["tickets"])

    def first(self) -> int:
        """Ask for a page of one."""
        return _ids(self._get("tickets", {"page[size]": 1})["tickets"])[0]

    def count(self) -> int:
        """Ask for the number alone."""
        return int(self._get("tickets/count")["count"]["value"])

    def exists(self) -> bool:
        """Ask for a page of one."""
        return bool(self._get("tickets", {"page[size]": 1})["tickets"])

    def update(self) -> int:
        """Change 1,000 tickets by the hundred, and look at all jobs at once."""
        change = {"ticket": {"priority": "low"}}
        results = self._jobs(
            self._send("PUT", "tickets/update_many", change, ids=_joined(chunk))
            for chunk in _hundreds(range(1, 1_001))
        )
        return sum(bool(each["success"]) for each in results)

    def create(self) -> int:
        """Create 1,000 tickets by the hundred, and look at all jobs at once."""
        results = self._jobs(
            self._send(
                "POST", "tickets/create_many", {"tickets": [{"subject": str(n)} for n in chunk]}
            )
            for chunk in _hundreds(range(1_000))
        )
        return sum(each["id"] for each in results)

    def search(self) -> int:
        """Read the export of a search, a thousand a page."""
        query = f"created>{LONG_AGO.isoformat()}"
        params = {"query": query, "filter[type]": "ticket", "page[size]": 1_000}
        pages = self._pages("search/export", params)
        return sum(row["id"] for page in pages for row in page["results"])

    # -- the wire ------------------------------------------------------------

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        answer = self._session.get(f"{self._url}/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def _send(self, method: str, path: str, body: object, **params: str) -> Any:
        answer = self._session.request(method, f"{self._url}/{path}", json=body, params=params)
        answer.raise_for_status()
        return answer.json()

    def _pages(self, path: str, params: dict[str, Any]) -> Iterator[Any]:
        page = self._get(path, params)
        yield page
        while page["meta"]["has_more"]:
            answer = self._session.get(page["links"]["next"])
            answer.raise_for_status()
            page = answer.json()
            yield page

    def _tickets(self) -> Iterator[Row]:
        for page in self._pages("tickets", {"page[size]": 100}):
            yield from page["tickets"]

    def _many(self, plural: str, ids: Iterable[int]) -> list[Row]:
        path = f"{plural}/show_many"
        return [
            row
            for chunk in _hundreds(ids)
            for row in self._get(path, {"ids": _joined(chunk)})[plural]
        ]

    def _jobs(self, answers: Iterable[Any]) -> list[Row]:
        ids = ",".join(answer["job_status"]["id"] for answer in answers)
        jobs = self._get("job_statuses/show_many", {"ids": ids})["job_statuses"]
        return [each for job in jobs for each in job["results"]]


def _named(tickets: list[Row], users: list[Row], organizations: list[Row]) -> int:
    people = {row["id"]: row for row in users}
    companies = {row["id"]: row for row in organizations}
    return sum(
        number(row["subject"])
        + number(people[row["requester_id"]]["name"])
        + number(companies[row["organization_id"]]["name"])
        for row in tickets
    )


def _hundreds(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(ids)
    return (every[start : start + 100] for start in range(0, len(every), 100))


def _joined(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def _ids(rows: Iterable[Row]) -> list[int]:
    return [row["id"] for row in rows]
