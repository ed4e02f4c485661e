"""Each (job, contender, round) is a fresh process with the contender's own interpreter."""

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


#: Imports a round, of which the quickest counts: they are short, and the machine is busy.
IMPORTS_A_ROUND = 5


def rounds(job: Job, pythons: dict[str, str], url: str, number: int) -> Rounds:
    """Do the job so many times with every contender in turn, each time another one first.

    Before anything is timed, the server makes its pages, and Python compiles what is imported.
    """
    server.configure(url, job.settings)
    names = list(pythons)
    if "seconds" in job.measures:
        _round(job, names if job.name in IMPORTS else names[:1], pythons, url)
    found = []
    for turn in range(1 if job.once else number):
        first = turn % len(names)
        found.append(_round(job, names[first:] + names[:first], pythons, url))
    return found


def _round(job: Job, names: list[str], pythons: dict[str, str], url: str) -> dict[str, Result]:
    if job.name in IMPORTS:
        return {name: _imported(pythons[name], IMPORTS[job.name][name]) for name in names}
    return {name: _result(job, name, pythons[name], url) for name in names}


def _result(job: Job, name: str, python: str, url: str) -> Result:
    """Return what one contender makes of the job."""
    command = [python, "-m", "benchmarks.measure", name, job.name, url]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"error": (done.stderr.strip() or "no word").splitlines()[-1]}
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if "bytes_each" in job.measures and "grown" in found:
        found["bytes_each"] = found["grown"] / job.settings["tickets"]
    return found


def _imported(python: str, statement: str) -> Result:
    """Return what the import takes, less what starting the interpreter takes."""
    pairs = [
        (_started(python, statement), _started(python, "pass")) for _ in range(IMPORTS_A_ROUND)
    ]
    with_it, without = zip(*pairs, strict=True)
    return {"seconds": min(with_it) - min(without)}


def _started(python: str, code: str) -> float:
    started = time.perf_counter()
    subprocess.run([python, "-c", code], cwd=ROOT, env=_environment(), check=True)
    return time.perf_counter() - started


def _environment() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as installed ones are."""
    compiled = Path(tempfile.gettempdir()) / "zendesk_orm-benchmarks"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
