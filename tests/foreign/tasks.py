"""Tasks of a client, which run in the environment of the client and print their results as JSON.

This module uses the standard library alone.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import traceback


class Tasks:
    """Functions in the order in which they run. A failed one does not stop the others."""

    def __init__(self):
        self._functions = []

    def add(self, function):
        """Append a function; its docstring is the name of the task."""
        self._functions.append((inspect.getdoc(function).rstrip("."), function))
        return function

    def add_call(self, name, function):
        """Append a function with a name."""
        self._functions.append((name, function))

    def run(self, *args):
        """Run all functions, and print a line of JSON for each."""
        asyncio.run(self._run(args))

    async def _run(self, args):
        for name, function in self._functions:
            error, trace = "", ""
            try:
                result = function(*args)
                if inspect.isawaitable(result):
                    await result
            except Exception as raised:
                error = f"{type(raised).__name__}: {raised!s:.300}"
                trace = traceback.format_exc()
            print(json.dumps({"task": name, "error": error, "trace": trace}), flush=True)
