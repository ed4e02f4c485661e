"""Formats the results as a table, and describes wrong answers below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.goals import (
    MINIMUM,
    ORM,
    GoalResult,
    Result,
    Rounds,
    check_goals,
    compute_ratios,
    is_correct,
)
from benchmarks.jobs import JOBS, Job


#: Unit of each measure, and the factor that converts a figure to it.
_UNITS: Mapping[str, tuple[str, float]] = {
    "cpu_us": ("cpu us/op", 1),
    "cpu": ("cpu ms", 1e3),
    "seconds": ("ms", 1e3),
    "calls": ("calls", 1),
    "kilobytes": ("kB", 1),
    "bytes_per_row": ("B/row", 1),
    "growth_mb": ("MB growth", 1),
    "plain_ns": ("ns plain", 1),
    "date_ns": ("ns date", 1),
    "link_ns": ("ns link", 1),
    "new_us": ("us new", 1e-3),
    "cached_us": ("us cached", 1e-3),
    "ids_us": ("us 1,000 ids", 1e-3),
    "cached_ids_us": ("us 1,000 ids, cached", 1e-3),
}


def format_table(results: Mapping[str, Rounds], contenders: Sequence[str]) -> str:
    """Return the table of medians and ratios, with the best round in parentheses."""
    others = [name for name in contenders if name != ORM]
    header = ["job", "", MINIMUM, *contenders, *(f"{ORM}/{name}" for name in others), "goals"]
    lines = [header]
    for name, rounds in results.items():
        goals = check_goals(JOBS[name], rounds, contenders)
        lines += (
            _make_cells(JOBS[name], rounds, measure, contenders, goals)
            for measure in JOBS[name].measures
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def describe_wrong_answers(results: Mapping[str, Rounds]) -> Iterator[str]:
    """Yield a line for each wrong answer and each error of the last round."""
    for name, rounds in results.items():
        for contender, result in rounds[-1].items():
            if result and not is_correct(JOBS[name], result):
                actual = result.get("error") or _shorten(result.get("value"))
                yield f"{contender} {name}: {actual}; expected {_shorten(JOBS[name].expected)}"


def _make_cells(
    job: Job,
    rounds: Rounds,
    measure: str,
    contenders: Sequence[str],
    goals: Sequence[GoalResult],
) -> list[str]:
    is_first = measure == job.measures[0]
    minimum = str(job.min_calls) if measure == "calls" and job.min_calls is not None else ""
    figures = [
        _format_figures(job, [results.get(name, {}) for results in rounds], measure)
        for name in contenders
    ]
    ratios = [
        _format_ratios(compute_ratios(job, rounds, measure, name))
        for name in contenders
        if name != ORM
    ]
    marks = " ".join(
        "met" if goal.is_met else "MISSED" for goal in goals if goal.measure == measure
    )
    return [job.name if is_first else "", _UNITS[measure][0], minimum, *figures, *ratios, marks]


def _format_figures(job: Job, results: Sequence[Result], measure: str) -> str:
    figures = [result[measure] for result in results if measure in result]
    if not figures:
        return "WRONG" if any("error" in result for result in results) else "-"
    factor = _UNITS[measure][1]
    text = _format_number(median(figures) * factor)
    if len(figures) > 1:
        text = f"{text} ({_format_number(min(figures) * factor)})"
    is_wrong = any(not is_correct(job, result) for result in results)
    return f"{text} WRONG" if is_wrong else text


def _format_ratios(ratios: Sequence[float]) -> str:
    if not ratios:
        return "-"
    return f"{median(ratios):.2f} ({min(ratios):.2f})" if len(ratios) > 1 else f"{ratios[0]:.2f}"


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
