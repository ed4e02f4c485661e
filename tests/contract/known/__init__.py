"""Known differences from Zendesk's description, by family of models, with their reasons.

A module of this package holds any of these tables; `merge_tables()` merges them. A model of
Support is named by its name (`Ticket`), any other by its label (`help_center.Article`).

===================== ==========================================================================
RECEIVED, SENT        the schemas of each model in responses, and additional ones of requests
UNDESCRIBED           declared fields that are neither described nor recorded: `Ticket.fields`
LEFT_OUT              described properties that are not declared
NOT_DECLARED          recorded keys that are not declared
OTHER_TYPES           declared types that are not the described ones
OTHER_ACCESS          fields that are read-only or write-only, unlike in the description
OTHER_CHOICES         fields whose choices are not the described ones
CALLS_UNDESCRIBED     calls that are not described: `GET tickets/{}/x`
PARAMS_UNDESCRIBED    parameters that are not described: `("GET tickets", "sort")`
PARAMS_LEFT_OUT       described parameters that no endpoint sends: `("GET tickets", "x")`
CALL_PARAMS_LEFT_OUT  described parameters of actions that no method sends
OTHER_RESPONSES       differences of the emulator's responses, as regular expressions
OTHER_REQUESTS        differences of the library's requests, as regular expressions
SIDELOADS_UNDESCRIBED side-loads that are not described: `("tickets", "users")`
SIDELOADS_LEFT_OUT    described side-loads that are not declared
OTHER_PAGING          declared styles of paging that are not described: `("brands", "offset")`
COUNTS_LEFT_OUT       described counts of declared lists that are not declared
OTHER_ENVELOPES       calls whose responses have another envelope than the described one
NOT_SERVED            operations that the library does not support: `PUT tickets/{}/x`
SERVED_BY_OTHERS      operations whose effect another call of the library has, with that call
CONCRETE_PATHS        declared paths that a described path with a placeholder stands for
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
        AssertionError: two families list the same item.
    """
    result: dict[Any, Any] = {}
    for info in pkgutil.iter_modules(__path__):
        table = getattr(importlib.import_module(f"{__name__}.{info.name}"), name, {})
        assert not result.keys() & table.keys(), f"{info.name}.{name} repeats another"
        result |= table
    return result
