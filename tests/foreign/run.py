"""Run the clients of others against an emulator at a socket, and print a table of their tasks.

Each client is installed in an environment of its own. The exit code is 1 if a task failed that
is not in `EXPECTED`, or if one in `EXPECTED` succeeded.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from zendesk_orm.emulator import Emulator


FOLDER = Path(__file__).parent
_LIMIT = 600


@frozen
class Client:
    """A client, and how its tasks are run.

    Attributes:
        name: its name.
        requirement: the package with its version.
        script: the file of its tasks.
        python: the versions of Python that it supports, the preferred one first; () for Node.js.
        expected: the reasons of failures that are faults of the client, by task.
    """

    name: str
    requirement: str
    script: str
    python: tuple[str, ...] = ()
    expected: Mapping[str, str] = field(factory=dict)


_UNKNOWN_PATH = "requests a path that Zendesk does not describe"
_NULL = "takes null, as in recordings of Zendesk, for an object"
_UNDESCRIBED = "requires keys that neither Zendesk's OpenAPI files nor recordings have"
CLIENTS = (
    Client("zenpy", "zenpy==2.0.57", "zenpy_tasks.py", ("3.11", "3.12", "3.10", "3.13")),
    Client(
        "node-zendesk",
        "node-zendesk@6",
        "node_tasks.cjs",
        expected={
            "activitystream.list()": _UNKNOWN_PATH,
            "ticketaudits.list()": _UNKNOWN_PATH,
            "ticketmetrics.list()": _UNKNOWN_PATH,
        },
    ),
    Client("python-zendesk-sdk", "python-zendesk-sdk", "sdk_tasks.py", ("3.11", "3.12", "3.10")),
    Client(
        "libzapi",
        "libzapi==0.9.1",
        "libzapi_tasks.py",
        ("3.12", "3.13"),
        expected={
            "ticketing.account_settings.get()": _UNDESCRIBED,
            "ticketing.brands.list()": _NULL,
            "ticketing.tickets.list_problems()": _UNKNOWN_PATH,
            "ticketing.users.list_all()": _UNDESCRIBED,
            "ticketing.suspended_tickets.list_all()": "requires a ticket, which none has yet",
            "ticketing.ticket_trigger_categories.list()": "takes the ids, texts, for numbers",
            "ticketing.views.list_all()": "takes the columns of views for numbers",
            "ticketing.workspaces.list()": _UNDESCRIBED,
            "Read a user by id": _UNDESCRIBED,
        },
    ),
)


@frozen
class Result:
    """The result of a client.

    Attributes:
        client: the client.
        failures: the errors of its tasks, by name; "" for a task that succeeded.
        traces: where the errors were raised.
        skipped: the reason why it did not run, or "".
    """

    client: Client
    failures: Mapping[str, str] = field(factory=dict)
    traces: Mapping[str, str] = field(factory=dict)
    skipped: str = ""

    @property
    def unexpected(self) -> list[str]:
        """The tasks whose result is another than expected."""
        expected = self.client.expected
        return [task for task, error in self.failures.items() if bool(error) != (task in expected)]


def find_python(versions):
    """Return the path of a Python of one of some versions, or None."""
    listed = subprocess.run(
        [FOLDER.parents[1] / "scripts" / "pythons"], capture_output=True, text=True, check=False
    )
    paths = dict(line.split(" ", 1) for line in listed.stdout.splitlines())
    return next((paths[version] for version in versions if version in paths), None)


def install(client, folder):
    """Install a client in a folder, unless it is; return the command of its tasks.

    Raises:
        LookupError: its interpreter is missing, or the client cannot be installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not client.python:
        npm = shutil.which("npm")
        if npm is None:
            raise LookupError("needs Node.js and npm")
        if not (folder / "node_modules" / client.name).is_dir():
            _call(
                [npm, "install", "--no-audit", "--no-fund", "--prefix", folder, client.requirement]
            )
        script = folder / client.script
        shutil.copy(FOLDER / client.script, script)
        return ["node", script]
    python = find_python(client.python)
    if python is None:
        raise LookupError(f"needs Python {' or '.join(client.python)}")
    executable = folder / "bin" / "python"
    if not executable.exists():
        _call([python, "-m", "venv", folder])
        options = ["-qq", "--disable-pip-version-check"]
        _call([executable, "-m", "pip", "install", *options, client.requirement])
    return [executable, "-W", "ignore", FOLDER / client.script]


def _call(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise LookupError(f"cannot be installed: {lines[-1] if lines else done.returncode}")


def run(client, folder):
    """Run the tasks of a client against a new emulator, and return the result."""
    try:
        command = install(client, folder / client.name)
    except LookupError as error:
        return Result(client, skipped=str(error))
    with Emulator(seed="demo", bulk_users=True) as emulator, emulator.serve(port=0) as server:
        # Exports leave out the last minute.
        emulator.advance(minutes=2)
        done = subprocess.run(
            [*command, server.url], capture_output=True, text=True, check=False, timeout=_LIMIT
        )
        broken = [entry.describe() for entry in emulator.log if entry.status in {None, 500}]
    failures, traces = {}, {}
    for line in done.stdout.splitlines():
        if line.startswith('{"task"'):
            task = json.loads(line)
            failures[task["task"]] = task["error"]
            traces[task["task"]] = task["trace"]
    if done.returncode or not failures:
        failures["(the program)"] = f"exit code {done.returncode}: {done.stderr[-1500:]}"
    if broken:
        failures["(no status 500)"] = "; ".join(broken[:5])
    return Result(client, failures, traces)


def format_table(results):
    """Return a table of the results."""
    lines = [f"{'client':<22}{'done':>6}{'failed':>8}{'expected':>10}"]
    for result in results:
        name = result.client.name
        if result.skipped:
            lines.append(f"{name:<22}skipped: {result.skipped}")
            continue
        failed = sum(1 for error in result.failures.values() if error)
        done = len(result.failures) - failed
        lines.append(f"{name:<22}{done:>6}{failed:>8}{len(result.client.expected):>10}")
    return "\n".join(lines)


def main(arguments=None):
    """Run the clients, print their results, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clients", nargs="*", help="the names of clients; by default all")
    parser.add_argument("--folder", type=Path, help="keep the environments in this folder")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--verbose", action="store_true", help="print where errors were raised")
    options = parser.parse_args(arguments)
    chosen = [item for item in CLIENTS if not options.clients or item.name in options.clients]
    with tempfile.TemporaryDirectory() as temporary:
        results = [run(client, options.folder or Path(temporary)) for client in chosen]
    for result in results:
        for task, error in result.failures.items():
            if error or task in result.unexpected:
                reason = result.client.expected.get(task, "")
                note = f" (expected: {reason})" if reason else ""
                print(f"{result.client.name}: {task}: {error or 'succeeded'}{note}")
                if options.verbose and result.traces.get(task):
                    print(result.traces[task])
    print(format_table(results))
    if options.json:
        options.json.write_text(json.dumps(to_json(results), indent=2) + "\n", encoding="utf-8")
    return int(any(result.unexpected for result in results))


def to_json(results):
    """Return numbers of tasks and expected failures for the report on fidelity."""
    return {
        result.client.name: {
            "requirement": result.client.requirement,
            "done": sum(1 for error in result.failures.values() if not error),
            "failed": {
                task: result.client.expected.get(task, error)
                for task, error in result.failures.items()
                if error
            },
        }
        for result in results
        if not result.skipped
    }


if __name__ == "__main__":
    sys.exit(main())
