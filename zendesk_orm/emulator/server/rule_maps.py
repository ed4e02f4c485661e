"""Maps of paths to the names of methods, for the pages beside Zendesk's own API."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from werkzeug.routing import Map, Rule


@cache
def build_rule_map(rules: Iterable[tuple[str, str]]) -> Map:
    """Return the map of rules such as `("GET /clock", "show_clock")`.

    It is built once per process, because this takes longer than the start of an emulator.
    """
    result = Map()
    for rule, endpoint in rules:
        method, _, path = rule.partition(" ")
        result.add(Rule(path, methods=[method], endpoint=endpoint, strict_slashes=False))
    return result
