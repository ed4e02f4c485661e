"""Compare zendesk_orm with `requests` and zenpy: `python benchmarks/run.py`.

The exit status is 1 if a goal is missed, or if zendesk_orm returns no answer or a wrong one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import server
from benchmarks.contenders import CONTENDERS
from benchmarks.goals import ORM, Rounds, check_goals, is_correct
from benchmarks.interpreters import ROOT, find_interpreter
from benchmarks.jobs import JOBS
from benchmarks.processes import run_rounds
from benchmarks.table import describe_wrong_answers, format_table


#: Default path of the fake server's script, next to the repository.
SERVER = ROOT.parent / "shared" / "bench" / "fake_zendesk.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the selected jobs, print the table, and return the exit status."""
    options = _make_parser().parse_args(arguments)
    names = [name for name in CONTENDERS if not (options.quick and name == "zenpy")]
    pythons = {name: find_interpreter(name) for name in names}
    results: dict[str, Rounds] = {}
    with server.run_server(options.server) as url:
        for name in options.jobs:
            print(f"{name}: {JOBS[name].description}", file=sys.stderr)
            results[name] = run_rounds(JOBS[name], pythons, url, options.rounds)
    print(format_table(results, names))
    for line in describe_wrong_answers(results):
        print(line)
    failures = _find_failures(results, names)
    for line in failures:
        print(f"MISSED {line}")
    return 1 if failures else 0


def _find_failures(results: dict[str, Rounds], names: Sequence[str]) -> list[str]:
    """Return a line for each goal that is missed and each job without a correct answer."""
    missed = [
        f"{result.goal}, but is "
        f"{'not comparable' if result.ratio is None else f'{result.ratio:.2f}'}"
        for name, rounds in results.items()
        for result in check_goals(JOBS[name], rounds, names)
        if not result.is_met
    ]
    wrong = [
        f"{name}: {ORM} returns no correct answer"
        for name, rounds in results.items()
        if not all(is_correct(JOBS[name], results_by_name[ORM]) for results_by_name in rounds)
    ]
    return missed + wrong


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--server", type=Path, default=SERVER, help="path of the fake server")
    parser.add_argument(
        "--jobs", type=_parse_jobs, default=list(JOBS), help="names separated by commas"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of timed jobs")
    parser.add_argument("--quick", action="store_true", help="leave zenpy out")
    return parser


def _parse_jobs(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in JOBS]
    if unknown:
        choices = ", ".join(JOBS)
        raise argparse.ArgumentTypeError(f"unknown job {', '.join(unknown)}; choose from {choices}")
    return names


if __name__ == "__main__":
    sys.exit(main())
