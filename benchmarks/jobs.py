"""The jobs: what each is, how the server stands for it, and what the right answer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks import truth


#: Measures of a job whose speed is compared, and of one whose requests are counted.
SPEED = ("seconds", "cpu", "calls")
COUNT = ("calls", "kilobytes")


@dataclass(frozen=True)
class Job:
    """One thing to do.

    Attributes:
        name: the method of the contenders that does it.
        about: what it is, for people.
        truth: the right answer.
        calls: the least requests that it can be done in, or None where nobody counts.
        measures: what is shown of it.
        settings: how the server differs from its defaults.
        method: the contenders' method, where it is not called as the job is.
        once: True when further rounds would only say the same: counts and memory.
    """

    name: str
    about: str
    truth: Any
    calls: int | None = None
    measures: tuple[str, ...] = COUNT
    settings: Mapping[str, int] = field(default_factory=dict)
    method: str = ""
    once: bool = True

    @property
    def does(self) -> str:
        """The name of the contenders' method."""
        return self.method or self.name


def _fast(name: str, about: str, answer: int, calls: int, **more: Any) -> Job:
    return Job(name, about, answer, calls, SPEED, once=False, **more)


_LISTED = {"tickets": 5_000}
_EVERY: tuple[Job, ...] = (
    _fast(
        "list",
        "5,000 tickets, fields not read",
        truth.ids(5_000),
        50,
        settings=_LISTED,
        method="listing",
    ),
    _fast(
        "list_gzip",
        "the same, compressed",
        truth.ids(5_000),
        50,
        settings={**_LISTED, "gzip": 1},
        method="listing",
    ),
    _fast(
        "include",
        "5,000 tickets with side-loaded names",
        truth.links(5_000),
        50,
        settings=_LISTED,
    ),
    Job(
        "links",
        "1,000 tickets and the names they point to",
        truth.links(1_000),
        14,
        settings={"tickets": 1_000},
    ),
    Job(
        "links_include",
        "the same, side-loaded",
        truth.links(1_000),
        10,
        settings={"tickets": 1_000},
        method="include",
    ),
    Job("by_ids", "250 users by id", sum(truth.user_ids(250)), 3),
    Job("kept", "100 users by id, 99 of them read before", sum(truth.user_ids(100)), 1),
    Job("slice", "rows 240 to 260 of a list", list(range(241, 261)), 1),
    Job("slice_deep", "rows 3,950 to 4,000", list(range(3_951, 4_001)), 1),
    Job("first", "the first ticket", 1, 1),
    Job("count", "how many tickets there are", 10_000, 1),
    Job("exists", "whether there is any ticket", True, 1),
    Job("update", "a change to each of 1,000 tickets", 1_000, 11),
    Job("create", "1,000 tickets, each with its id", sum(range(10_001, 11_001)), 11),
    Job("search", "all 5,000 hits of a search", truth.ids(5_000), 5),
    Job("twice", "one ticket, read twice in a unit of work", [1, 1], 1),
    Job("reread", "300 tickets, gone through twice", [45_150] * 2, 3, settings={"tickets": 300}),
    Job("unchanged", "saving a ticket that did not change", 1, 0),
    Job(
        "hold",
        "100,000 tickets held",
        truth.ids(100_000),
        measures=("seconds", "bytes_each"),
        settings={"tickets": 100_000},
    ),
    Job(
        "stream",
        "200,000 tickets, none kept",
        truth.ids(200_000),
        measures=("seconds", "growth_mb"),
        settings={"tickets": 200_000},
    ),
    Job("import", "importing the library", None, measures=("seconds",), once=False),
    Job(
        "import_to_use",
        "importing what a program begins with",
        None,
        measures=("seconds",),
        once=False,
    ),
    Job(
        "access",
        "reading an attribute, a date, a name through a link",
        None,
        measures=("plain_ns", "date_ns", "link_ns"),
    ),
)

JOBS: Mapping[str, Job] = {job.name: job for job in _EVERY}
