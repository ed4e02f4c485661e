"""The jobs: description, settings of the server, and expected answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.expected import sum_ids, sum_linked_ids, user_ids


#: Measures of jobs that compare speed, speed per operation, and requests.
SPEED = ("cpu", "seconds", "calls")
SPEED_PER_OPERATION = ("cpu_us", "calls")
REQUESTS = ("calls", "kilobytes")


@dataclass(frozen=True)
class Job:
    """A task that every contender does.

    Attributes:
        name: name on the command line and in the table.
        description: one line about the task.
        expected: the correct answer; None if the job has no answer to check.
        min_calls: the smallest number of requests the job can be done with; None if requests
            are not compared.
        measures: names of the measures in the table.
        settings: settings of the server that differ from its defaults.
        method: name of the contenders' method, if it is not the name of the job.
        operations: number of operations in one call of the method, for measures per operation.
        calls_per_process: how often the method is called in each process; the fastest call counts.
        is_timed: whether the job is repeated in each round; counts and memory do not vary.
    """

    name: str
    description: str
    expected: Any
    min_calls: int | None = None
    measures: tuple[str, ...] = REQUESTS
    settings: Mapping[str, int] = field(default_factory=dict)
    method: str = ""
    operations: int = 1
    calls_per_process: int = 1
    is_timed: bool = False

    @property
    def method_name(self) -> str:
        """The name of the contenders' method."""
        return self.method or self.name


#: Operations in one call of the methods `get` and `filter_five`, and calls in each process: a call
#: takes long enough to include garbage collection, and the fastest of ten calls varies little.
OPERATIONS, CALLS_PER_PROCESS = 50, 10
#: Calls in each process of the other jobs that compare speed.
FEW_CALLS_PER_PROCESS = 3

_5_000_TICKETS = {"tickets": 5_000}
_1_000_TICKETS = {"tickets": 1_000}
#: The time that a request to Zendesk takes at least.
_DISTANT = {"latency_ms": 100}
_speed_job = partial(Job, measures=SPEED, is_timed=True)
_ALL: tuple[Job, ...] = (
    Job(
        "get",
        f"{OPERATIONS} tickets, fetched by id one by one",
        OPERATIONS,
        OPERATIONS,
        SPEED_PER_OPERATION,
        operations=OPERATIONS,
        calls_per_process=CALLS_PER_PROCESS,
        is_timed=True,
    ),
    Job(
        "five",
        f"the first five rows of {OPERATIONS} filters with the same shape",
        OPERATIONS * sum_ids(5),
        OPERATIONS,
        SPEED_PER_OPERATION,
        method="filter_five",
        operations=OPERATIONS,
        calls_per_process=CALLS_PER_PROCESS,
        is_timed=True,
    ),
    _speed_job(
        "list",
        "5,000 tickets, only ids read",
        sum_ids(5_000),
        50,
        settings=_5_000_TICKETS,
        method="list_tickets",
        calls_per_process=FEW_CALLS_PER_PROCESS,
    ),
    _speed_job(
        "list_gzip",
        "the same, compressed",
        sum_ids(5_000),
        50,
        settings={**_5_000_TICKETS, "gzip": 1},
        method="list_tickets",
        calls_per_process=FEW_CALLS_PER_PROCESS,
    ),
    _speed_job(
        "include",
        "5,000 tickets with side-loaded names",
        sum_linked_ids(5_000),
        50,
        settings=_5_000_TICKETS,
        calls_per_process=FEW_CALLS_PER_PROCESS,
    ),
    _speed_job(
        "search",
        "all 5,000 hits of a search",
        sum_ids(5_000),
        5,
        calls_per_process=FEW_CALLS_PER_PROCESS,
    ),
    _speed_job(
        "distant_ids",
        "5,000 users by id, at 100 ms latency",
        sum(user_ids(5_000)),
        50,
        settings=_DISTANT,
        method="get_many_by_ids",
    ),
    _speed_job(
        "distant_list",
        "10,000 tickets of the list with parallel=8, at 100 ms latency",
        sum_ids(10_000),
        100,
        settings=_DISTANT,
        method="list_in_parallel",
    ),
    _speed_job(
        "distant_export",
        "10,000 tickets by export, at 100 ms latency",
        sum_ids(10_000),
        10,
        settings={**_DISTANT, "search_hits": 10_000},
        method="export",
    ),
    Job(
        "follow_links",
        "1,000 tickets and the names of their links",
        sum_linked_ids(1_000),
        14,
        settings=_1_000_TICKETS,
    ),
    Job(
        "follow_included_links",
        "the same, side-loaded",
        sum_linked_ids(1_000),
        10,
        settings=_1_000_TICKETS,
        method="include",
    ),
    Job("get_by_ids", "250 users by id", sum(user_ids(250)), 3),
    Job(
        "cached_ids",
        "100 users by id, 99 of them read before",
        sum(user_ids(100)),
        1,
        method="get_cached_ids",
    ),
    Job("slice", "rows 240 to 260 of a list", list(range(241, 261)), 1),
    Job("slice_deep", "rows 3,950 to 4,000", list(range(3_951, 4_001)), 1),
    Job("first", "the first ticket", 1, 1),
    Job("count", "the number of tickets", 10_000, 1),
    Job("exists", "whether a ticket exists", True, 1),
    Job("update", "a change to each of 1,000 tickets", 1_000, 11),
    Job("create", "1,000 tickets, and their ids", sum(range(10_001, 11_001)), 11),
    Job("get_twice", "one ticket, read twice in a unit of work", [1, 1], 1),
    Job(
        "iterate_twice",
        "300 tickets, iterated twice",
        [sum_ids(300)] * 2,
        3,
        settings={"tickets": 300},
    ),
    Job("save_without_changes", "saving a ticket that did not change", 1, 0),
    Job(
        "hold",
        "a list of 100,000 tickets",
        sum_ids(100_000),
        measures=("cpu", "seconds", "bytes_per_row"),
        settings={"tickets": 100_000},
    ),
    Job(
        "stream",
        "200,000 tickets, discarded after reading",
        sum_ids(200_000),
        measures=("cpu", "seconds", "growth_mb"),
        settings={"tickets": 200_000},
    ),
    Job("import", "importing the library", None, measures=("seconds",), is_timed=True),
    Job(
        "import_to_use",
        "importing the names that a program starts with",
        None,
        measures=("seconds",),
        is_timed=True,
    ),
    Job(
        "access",
        "reading an attribute, a date, and a name through a link",
        None,
        measures=("plain_ns", "date_ns", "link_ns"),
    ),
    Job(
        "plan",
        "choosing the endpoint of a query: the first of its shape, and the next one",
        None,
        measures=("new_us", "cached_us", "ids_us", "cached_ids_us"),
    ),
)

JOBS: Mapping[str, Job] = {job.name: job for job in _ALL}
