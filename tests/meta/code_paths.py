"""Trace the files and calls that common operations involve, and print them as JSON.

Run as `python -m tests.meta.code_paths`, because the hooks of the tests would be counted, too.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

import zendesk_orm
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator


PACKAGE = str(Path(zendesk_orm.__file__).parent)
EMULATOR = str(Path(PACKAGE, "emulator"))


def trace(operation):
    """Run an operation, and return its calls of functions of the library.

    Calls made by the emulator are omitted, because it replaces Zendesk.

    Returns:
        files: the files involved, in the order of their first calls.
        calls: the number of calls.
        callers: the direct and indirect callers of each function ("query/q.py: Q.resolve"), the
            nearest first. The functions are in the order of their first calls.
    """
    files: dict[str, None] = {}
    callers: dict[str, dict[str, None]] = {}
    calls = 0
    emulator_frame = None

    def profile(frame, event, _argument):
        nonlocal calls, emulator_frame
        if emulator_frame is not None:
            if event == "return" and frame is emulator_frame:
                emulator_frame = None
        elif event == "call" and frame.f_code.co_filename.startswith(EMULATOR):
            emulator_frame = frame
        elif event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            calls += 1
            files[_relative_path(frame.f_code)] = None
            name = function_name(frame.f_code)
            if name is not None:
                callers.setdefault(name, {}).update(dict.fromkeys(_iter_callers(frame)))

    sys.setprofile(profile)
    try:
        operation()
    finally:
        sys.setprofile(None)
    return {
        "files": list(files),
        "calls": calls,
        "callers": {name: list(names) for name, names in callers.items()},
    }


def _relative_path(code):
    """Return the path of a file of the library, relative to the folder of the package."""
    return Path(code.co_filename).relative_to(PACKAGE).as_posix()


def _iter_callers(frame):
    """Yield the names of the library's functions on the call stack, the innermost first."""
    while frame := frame.f_back:
        name = function_name(frame.f_code)
        if name is not None:
            yield name


@cache
def function_name(code):
    """Return file and qualified name of a function of the library; None for other code."""
    if not code.co_filename.startswith(PACKAGE):
        return None
    name = _qualified_names(code.co_filename).get((code.co_name, code.co_firstlineno))
    return name and f"{_relative_path(code)}: {name}"


@cache
def _qualified_names(path):
    """Return the qualified names of the functions of a file, by name and first line.

    Python 3.10 has no `co_qualname`.
    """
    names = {}

    def visit(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min(
                    [child.lineno, *(decorator.lineno for decorator in child.decorator_list)]
                )
                names[child.name, first] = f"{prefix}{child.name}"
            if isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                visit(child, prefix)

    visit(ast.parse(Path(path).read_text(encoding="utf-8")), "")
    return names


def build_operations(account):
    """Return the operations by name."""
    ticket = Ticket.objects.filter(status="open")[0]
    ticket.priority = "low"
    ticket.save()
    tickets, others = (
        list(Ticket.objects.filter(status=status)[:3]) for status in ("open", "pending")
    )

    def save():
        ticket.priority = "high"
        ticket.save()

    def bulk_update():
        for ticket in tickets:
            ticket.subject = f"x{ticket.pk}"
        Ticket.objects.bulk_update(tickets, ["subject"])

    def batch():
        with account.batch():
            # Not the tickets of the bulk update, whose rows would be read first.
            for ticket in others:
                ticket.subject = f"y{ticket.pk}"
                ticket.save()

    return {
        "filter": lambda: list(Ticket.objects.filter(status="new")[:5]),
        "get": lambda: Ticket.objects.get(5),
        "save": save,
        "bulk_update": bulk_update,
        "batch": batch,
    }


def build_streams():
    """Return operations that read thousands of rows, and return their number, by name."""
    tickets = Ticket.objects.fresh()
    since = datetime(2000, 1, 1, tzinfo=timezone.utc)

    def search():
        rows = Ticket.objects.filter(created_after=since).iterator()
        return sum(ticket.id > 0 for ticket in rows)

    def include():
        rows = tickets.select_related("requester", "organization").iterator()
        return sum(bool(ticket.subject and ticket.requester.name) for ticket in rows)

    return {
        "search": search,
        "list": lambda: sum(ticket.id > 0 for ticket in tickets.iterator()),
        "include": include,
    }


def count_calls_per_row(operation):
    """Return the calls of functions of the library for each row that an operation reads."""
    rows = []
    return trace(lambda: rows.append(operation()))["calls"] / rows[0]


@cache
def trace_in_new_process():
    """Return the traces of the operations, and the calls per row of the streams, by name."""
    result = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=Path(PACKAGE).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)


if __name__ == "__main__":
    with Emulator(seed="demo") as emulator:
        list(Ticket.objects.using(emulator.connect().alias).filter(status="new")[:5])
        account = zendesk_orm.connections["default"]
        streams = build_streams()
        per_row = {name: count_calls_per_row(stream) for name, stream in streams.items()}
        operations = build_operations(account)
        traces = {name: trace(operation) for name, operation in operations.items()}
        # Own writes are compared with each row of a search.
        per_row["search_after_writes"] = count_calls_per_row(streams["search"])
        traces["per_row"] = per_row
        sys.stdout.write(json.dumps(traces))
