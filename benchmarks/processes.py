"""Runs jobs: each contender in each round is a new process with the contender's interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import server
from benchmarks.contenders import IMPORTS
from benchmarks.goals import Result, Rounds
from benchmarks.interpreters import ROOT
from benchmarks.jobs import Job


#: Imports per round; the fastest one counts, because an import is short.
IMPORTS_PER_ROUND = 5


def run_rounds(job: Job, pythons: dict[str, str], url: str, count: int) -> Rounds:
    """Run a job with every contender in turn, starting each round with a different contender.

    An unmeasured round comes first: the server creates its pages, and Python compiles modules.
    """
    server.configure(url, job.settings)
    names = list(pythons)
    if job.is_timed:
        _run_round(job, names if job.name in IMPORTS else names[:1], pythons, url)
    rounds = []
    for index in range(count if job.is_timed else 1):
        first = index % len(names)
        rounds.append(_run_round(job, names[first:] + names[:first], pythons, url))
    return rounds


def _run_round(job: Job, names: list[str], pythons: dict[str, str], url: str) -> dict[str, Result]:
    if job.name in IMPORTS:
        return {name: _time_import(pythons[name], IMPORTS[job.name][name]) for name in names}
    return {name: _run_process(job, name, pythons[name], url) for name in names}


def _run_process(job: Job, name: str, python: str, url: str) -> Result:
    """Run a job in a new process and return its result."""
    command = [python, "-m", "benchmarks.measure", name, job.name, url]
    process = subprocess.run(
        command, cwd=ROOT, env=_make_environment(), capture_output=True, text=True, check=False
    )
    if process.returncode:
        return {"error": (process.stderr.strip() or "no error output").splitlines()[-1]}
    result: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    if "bytes_per_row" in job.measures and "growth" in result:
        result["bytes_per_row"] = result["growth"] / job.settings["tickets"]
    return result


def _time_import(python: str, statement: str) -> Result:
    """Return the duration of an import, less the duration of starting the interpreter."""
    pairs = [
        (_time_process(python, statement), _time_process(python, "pass"))
        for _ in range(IMPORTS_PER_ROUND)
    ]
    imports, starts = zip(*pairs, strict=True)
    return {"seconds": min(imports) - min(starts)}


def _time_process(python: str, code: str) -> float:
    start = time.perf_counter()
    subprocess.run([python, "-c", code], cwd=ROOT, env=_make_environment(), check=True)
    return time.perf_counter() - start


def _make_environment() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as installed modules are."""
    bytecode = Path(tempfile.gettempdir()) / "zendesk_orm-benchmarks"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
