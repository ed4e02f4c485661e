"""Known differences from Zendesk's description, by family of models, with their reasons.

A module of this package holds any of these tables; `merge_tables()` merges them. A model of
Support is named by its name (`Ticket`), any other by its label (`help_center.Article`).

===================== ==========================================================================
RECEIVED, SENT        the schemas of each model: what is received, and what may be sent besides
UNDESCRIBED           declared fields that are neither described nor recorded: `Ticket.fields`
LEFT_OUT              described properties that are not declared
NOT_DECLARED          recorded keys that are not declared
OTHER_TYPES           declared types that are not the described ones
OTHER_ACCESS          fields that are read-only, or write-only, here and not there
OTHER_CHOICES         fields whose choices are not the described ones
CALLS_UNDESCRIBED     calls that no description has: `GET tickets/{}/x`
PARAMS_UNDESCRIBED    parameters that are not described: `("GET tickets", "sort")`
PARAMS_LEFT_OUT       described parameters that no endpoint sends: `("GET tickets", "x")`
CALL_PARAMS_LEFT_OUT  described parameters of actions that no method sends
OTHER_RESPONSES       differences of the emulator's responses, as regular expressions
OTHER_REQUESTS        differences of the library's requests, as regular expressions
SIDELOADS_UNDESCRIBED side-loads that are not described: `("tickets", "users")`
SIDELOADS_LEFT_OUT    described side-loads that are not declared
OTHER_PAGING          styles of paging against the description: `("brands", "offset")`
COUNTS_LEFT_OUT       described counts of declared lists that are not declared
OTHER_ENVELOPES       described answers that hold something else than is described, by call
NOT_SERVED            operations that are not offered: `PUT tickets/{}/x`
===================== ==========================================================================
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any


@cache
def merge_tables(name: str) -> dict[Any, Any]:
    """Return the table with a name, merged from all families.

    Raises:
        AssertionError: two families speak of the same.
    """
    result: dict[Any, Any] = {}
    for info in pkgutil.iter_modules(__path__):
        table = getattr(importlib.import_module(f"{__name__}.{info.name}"), name, {})
        assert not result.keys() & table.keys(), f"{info.name}.{name} repeats another"
        result |= table
    return result
