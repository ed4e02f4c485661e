"""Figures that are measured alone, without another contender, and their goals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import frozen


@frozen
class Goal:
    """A measured figure and its goal.

    Attributes:
        limit: the goal.
        unit: the unit of both.
        higher: whether a higher figure is better.
    """

    limit: float
    unit: str
    higher: bool = False

    def is_met(self, figure: float) -> bool:
        """Return True if a figure meets the goal."""
        return figure >= self.limit if self.higher else figure <= self.limit


#: Jobs by name, each a function that measures its figure, and the goal.
Jobs = Mapping[str, tuple[Callable[[], float], Goal]]


def run_jobs(jobs: Jobs, names: Iterable[str]) -> int:
    """Run jobs, by default all, and print their figures; return 1 if one misses its goal."""
    missed = 0
    for name in names or jobs:
        measure, goal = jobs[name]
        figure = measure()
        state = "met" if goal.is_met(figure) else "missed"
        missed += state == "missed"
        print(f"{name:18} {figure:10.2f} {goal.unit:12} goal {goal.limit:g}: {state}", flush=True)
    return min(missed, 1)
