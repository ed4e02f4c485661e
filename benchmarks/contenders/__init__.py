"""The contenders: a class for each, with one method a job.

A method `given_JOB` makes ready what the job needs; its calls and its time do
not count. A contender that lacks a job's method does not take part in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


#: Contender -> module and class; the module needs the contender's own interpreter.
CONTENDERS = {
    "floor": ("benchmarks.contenders.floor", "Floor"),
    "zenpy": ("benchmarks.contenders.zenpy", "ZenpyClient"),
    "orm": ("benchmarks.contenders.orm", "Orm"),
}

#: What each has to import; the floor is what one would write without a library.
IMPORTS = {"floor": "requests", "zenpy": "zenpy", "orm": "zendesk_orm"}


def contender(name: str, url: str) -> Any:
    """Return the contender of that name, connected to the server."""
    module, cls = CONTENDERS[name]
    return getattr(import_module(module), cls)(url)
