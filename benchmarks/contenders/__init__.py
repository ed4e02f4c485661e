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

#: What each imports, by job; the floor is what one would write without a library.
IMPORTS = {
    "import": {"floor": "import requests", "zenpy": "import zenpy", "orm": "import zendesk_orm"},
    "import_to_use": {
        "floor": "import requests",
        "zenpy": "from zenpy import Zenpy",
        "orm": "from zendesk_orm import Ticket, connect",
    },
}


def contender(name: str, url: str) -> Any:
    """Return the contender of that name, connected to the server."""
    module, cls = CONTENDERS[name]
    return getattr(import_module(module), cls)(url)
