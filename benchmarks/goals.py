"""The goals, and whether measured results meet them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.jobs import JOBS, Job


ORM = "orm"
#: The contender that stands for the smallest number of requests a job can be done with.
MINIMUM = "minimum"

#: Measures of one contender's process by name, with `value` or `error`.
Result = Mapping[str, Any]
#: Results of one job by round and contender.
Rounds = list[dict[str, Result]]

#: Job, measure, other contender, and the largest ratio of ours to the other's figure.
GOALS: tuple[tuple[str, str, str, float], ...] = (
    ("get", "cpu_us", "floor", 1.4),
    ("five", "cpu_us", "floor", 1.4),
    ("search", "cpu", "floor", 1.15),
    ("include", "cpu", "floor", 1.15),
    ("list", "cpu", "floor", 1.2),
    ("list_gzip", "cpu", "floor", 1.2),
    ("list", "cpu", "zenpy", 1 / 5),
    ("list_gzip", "cpu", "zenpy", 1 / 5),
    ("include", "cpu", "zenpy", 1 / 5),
    ("distant_ids", "seconds", "zenpy", 0.2),
    ("distant_list", "seconds", "zenpy", 0.2),
    ("distant_export", "seconds", "zenpy", 0.1),
    ("import", "seconds", "zenpy", 0.5),
    ("cached_ids", "kilobytes", "floor", 1.1),
    ("first", "kilobytes", "floor", 1.1),
    ("exists", "kilobytes", "floor", 1.1),
    *((job.name, "calls", MINIMUM, 1.0) for job in JOBS.values() if job.min_calls is not None),
)


@dataclass(frozen=True)
class GoalResult:
    """A goal, and whether it is met.

    Attributes:
        goal: description of the goal.
        measure: name of the measure that is compared.
        ratio: ours over the other's figure; None if a round has no correct answer to compare.
        is_met: whether the ratio is at most the limit.
    """

    goal: str
    measure: str
    ratio: float | None
    is_met: bool


def is_correct(job: Job, result: Result) -> bool:
    """Return whether a contender returned the expected answer."""
    if not result or "error" in result:
        return False
    return job.expected is None or bool(result.get("value") == job.expected)


def compute_ratios(job: Job, rounds: Rounds, measure: str, other: str) -> list[float]:
    """Return ours over the other's figure for each round in which both answers are correct."""
    ratios = []
    for results in rounds:
        ours = _get_figure(job, results, ORM, measure)
        theirs = _get_figure(job, results, other, measure)
        if ours is not None and theirs is not None:
            ratios.append(ours / theirs if theirs else 1.0 if not ours else float("inf"))
    return ratios


def check_goals(job: Job, rounds: Rounds, contenders: Iterable[str]) -> list[GoalResult]:
    """Check the goals of a job whose contenders were measured."""
    measured = {MINIMUM, *contenders}
    goal_results = []
    for name, measure, other, limit in GOALS:
        if name == job.name and other in measured and ORM in measured:
            ratios = compute_ratios(job, rounds, measure, other)
            ratio = median(ratios) if len(ratios) == len(rounds) else None
            goal = f"{name}: {measure} at most {limit:g} x {other}"
            is_met = ratio is not None and ratio <= limit
            goal_results.append(GoalResult(goal, measure, ratio, is_met))
    return goal_results


def _get_figure(job: Job, results: Mapping[str, Result], name: str, measure: str) -> float | None:
    if name == MINIMUM:
        return job.min_calls
    result = results.get(name, {})
    return result.get(measure) if is_correct(job, result) else None
