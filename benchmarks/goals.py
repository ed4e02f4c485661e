"""What has to hold, and whether it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.jobs import JOBS, Job


OURS = "orm"
#: The contender that stands for the fewest requests that a job can be done in.
LEAST = "least"

#: What one contender's process gave: measures by name, and `value` or `error`.
Result = Mapping[str, Any]
#: Results of one job by round and contender.
Rounds = list[dict[str, Result]]

#: Job, measure, other contender, and how many times the other's figure ours may be.
GOALS: tuple[tuple[str, str, str, float], ...] = (
    ("list", "seconds", "floor", 1.2),
    ("list_gzip", "seconds", "floor", 1.2),
    ("list", "seconds", "zenpy", 1 / 5),
    ("list_gzip", "seconds", "zenpy", 1 / 5),
    ("include", "seconds", "zenpy", 1 / 5),
    ("import", "seconds", "zenpy", 0.5),
    ("kept", "kilobytes", "floor", 1.1),
    ("first", "kilobytes", "floor", 1.1),
    ("exists", "kilobytes", "floor", 1.1),
    *((job.name, "calls", LEAST, 1.0) for job in JOBS.values() if job.calls is not None),
)


@dataclass(frozen=True)
class Verdict:
    """Whether a goal is met.

    Attributes:
        goal: the goal in words.
        ratio: ours over the other's; None when there is no right answer to compare.
        met: whether it is met.
    """

    goal: str
    ratio: float | None
    met: bool


def right(job: Job, result: Result) -> bool:
    """Tell whether a contender gave the answer that follows from the server's rules."""
    if not result or "error" in result:
        return False
    return job.truth is None or bool(result.get("value") == job.truth)


def ratios(job: Job, rounds: Rounds, measure: str, other: str) -> list[float]:
    """Return ours over the other's, round by round, where both were right."""
    found = []
    for results in rounds:
        ours, theirs = _figure(job, results, OURS, measure), _figure(job, results, other, measure)
        if ours is not None and theirs is not None:
            found.append(ours / theirs if theirs else 1.0 if not ours else float("inf"))
    return found


def verdicts(job: Job, rounds: Rounds, contenders: Iterable[str]) -> list[Verdict]:
    """Judge the goals of a job that concern those who took part."""
    present = {LEAST, *contenders}
    found = []
    for name, measure, other, limit in GOALS:
        if name == job.name and other in present and OURS in present:
            made = ratios(job, rounds, measure, other)
            ratio = median(made) if len(made) == len(rounds) else None
            words = f"{name}: {measure} at most {limit:g} x {other}"
            found.append(Verdict(words, ratio, ratio is not None and ratio <= limit))
    return found


def _figure(job: Job, results: Mapping[str, Result], name: str, measure: str) -> float | None:
    if name == LEAST:
        return job.calls
    result = results.get(name, {})
    return result.get(measure) if right(job, result) else None
