"""One table of everything that was measured, and what went wrong below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.goals import OURS, Result, Rounds, Verdict, ratios, right, verdicts
from benchmarks.jobs import JOBS, Job


#: Measure -> its unit, and the factor that brings it there.
_UNITS: Mapping[str, tuple[str, float]] = {
    "seconds": ("ms", 1e3),
    "cpu": ("cpu ms", 1e3),
    "calls": ("calls", 1),
    "kilobytes": ("kB", 1),
    "bytes_each": ("B each", 1),
    "growth_mb": ("MB grown", 1),
    "plain_ns": ("ns plain", 1),
    "date_ns": ("ns date", 1),
    "link_ns": ("ns link", 1),
}


def table(results: Mapping[str, Rounds], contenders: Sequence[str]) -> str:
    """Return the table: medians, and ours over each other's as the median of the rounds.

    In brackets stands the best round.
    """
    others = [name for name in contenders if name != OURS]
    head = ["job", "", "least", *contenders, *(f"{OURS}/{name}" for name in others), "goals"]
    lines = [head]
    for name, rounds in results.items():
        judged = verdicts(JOBS[name], rounds, contenders)
        lines += (
            _line(JOBS[name], rounds, measure, contenders, judged)
            for measure in JOBS[name].measures
        )
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    shown = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])


def notes(results: Mapping[str, Rounds]) -> Iterator[str]:
    """Yield what came instead of each wrong answer."""
    for name, rounds in results.items():
        for contender, result in rounds[-1].items():
            if result and not right(JOBS[name], result):
                came = result.get("error") or f"{_short(result.get('value'))}"
                yield f"{contender} {name}: {came}, and not {_short(JOBS[name].truth)}"


def _line(
    job: Job,
    rounds: Rounds,
    measure: str,
    contenders: Sequence[str],
    judged: Sequence[Verdict],
) -> list[str]:
    first = measure == job.measures[0]
    least = str(job.calls) if measure == "calls" and job.calls is not None else ""
    cells = [_cell(job, [each.get(name, {}) for each in rounds], measure) for name in contenders]
    others = [_ratio(ratios(job, rounds, measure, name)) for name in contenders if name != OURS]
    mine = [each for each in judged if f": {measure} " in each.goal]
    verdict = " ".join("met" if each.met else "MISSED" for each in mine)
    return [job.name if first else "", _UNITS[measure][0], least, *cells, *others, verdict]


def _cell(job: Job, results: Sequence[Result], measure: str) -> str:
    figures = [each[measure] for each in results if measure in each]
    if not figures:
        return "WRONG" if any("error" in each for each in results) else "-"
    factor = _UNITS[measure][1]
    shown = f"{_number(median(figures) * factor)} ({_number(min(figures) * factor)})"
    if len(figures) == 1:
        shown = shown.partition(" ")[0]
    wrong = any(not right(job, each) for each in results)
    return f"{shown} WRONG" if wrong else shown


def _ratio(made: Sequence[float]) -> str:
    if not made:
        return "-"
    return f"{median(made):.2f} ({min(made):.2f})" if len(made) > 1 else f"{made[0]:.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
