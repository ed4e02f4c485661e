"""Measure zendesk_orm beside `requests` and zenpy: `python benchmarks/run.py`.

Exits with 1 when a goal is missed, or when zendesk_orm gives a wrong answer or none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import server
from benchmarks.contenders import CONTENDERS
from benchmarks.goals import OURS, Rounds, right, verdicts
from benchmarks.interpreters import ROOT, interpreter
from benchmarks.jobs import JOBS
from benchmarks.processes import rounds
from benchmarks.table import notes, table


#: Where the fake server lies unless it is told: beside the repository.
SERVER = ROOT.parent / "shared" / "bench" / "fake_zendesk.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, print the table, and return the exit status."""
    options = _parser().parse_args(arguments)
    pythons = {name: interpreter(name) for name in _contenders(options)}
    results: dict[str, Rounds] = {}
    with server.running(options.server) as url:
        for name in options.jobs:
            print(f"{name}: {JOBS[name].about}", file=sys.stderr)
            results[name] = rounds(JOBS[name], pythons, url, options.rounds)
    print(table(results, list(pythons)))
    for note in notes(results):
        print(note)
    return _judged(results, list(pythons))


def _judged(results: dict[str, Rounds], names: Sequence[str]) -> int:
    """Print the goals that are missed, and return 1 if there are any."""
    missed = [
        f"{each.goal}, but is {'not comparable' if each.ratio is None else f'{each.ratio:.2f}'}"
        for name, rounds in results.items()
        for each in verdicts(JOBS[name], rounds, names)
        if not each.met
    ]
    if OURS in names:
        missed += [
            f"{name}: {OURS} gives no right answer"
            for name, rounds in results.items()
            if not all(right(JOBS[name], each[OURS]) for each in rounds)
        ]
    for line in missed:
        print(f"MISSED {line}")
    return 1 if missed else 0


def _contenders(options: argparse.Namespace) -> list[str]:
    return [name for name in CONTENDERS if not (options.quick and name == "zenpy")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--server", type=Path, default=SERVER, help="the fake server's script")
    parser.add_argument("--jobs", type=_jobs, default=list(JOBS), help="names, with commas")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of what is timed")
    parser.add_argument("--quick", action="store_true", help="without zenpy: the floor and ours")
    return parser


def _jobs(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in JOBS]
    if unknown:
        known = ", ".join(JOBS)
        raise argparse.ArgumentTypeError(f"no job {', '.join(unknown)}; there are {known}")
    return names


if __name__ == "__main__":
    sys.exit(main())
