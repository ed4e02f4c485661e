"""The contenders: one class each, with one method for each job.

A method `prepare_METHOD` returns the argument of a job's method; its requests and its time do not
count. A contender without the method of a job does not take part in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


#: Module and class of each contender; the module needs the contender's interpreter.
CONTENDERS = {
    "floor": ("benchmarks.contenders.floor", "Floor"),
    "zenpy": ("benchmarks.contenders.zenpy", "ZenpyClient"),
    "orm": ("benchmarks.contenders.orm", "Orm"),
}

#: Import statements of each contender by job; `floor` is a program without a client library.
IMPORTS = {
    "import": {"floor": "import requests", "zenpy": "import zenpy", "orm": "import zendesk_orm"},
    "import_to_use": {
        "floor": "import requests",
        "zenpy": "from zenpy import Zenpy",
        "orm": "from zendesk_orm import Ticket, connect",
    },
}


def connect_contender(name: str, url: str) -> Any:
    """Return an instance of the contender that is connected to the server."""
    module, cls = CONTENDERS[name]
    return getattr(import_module(module), cls)(url)
