"""Declared endpoints agree with Zendesk's description."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import Any

from tests.contract.known import merge_tables
from tests.contract.spec import (
    Operation,
    declared_models,
    label_of,
    needs_spec,
    operations,
    schemas,
    shape,
    sideloads,
)
from tests.loops import for_each
from zendesk_orm.api.endpoint import SEARCHES, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, EXPORT, OFFSET


pytestmark = needs_spec


def _endpoints() -> list[tuple[Any, Endpoint]]:
    return [(model, endpoint) for model in declared_models() for endpoint in model._meta.api]


def _title(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {shape(endpoint.path)}"


def _operation(endpoint: Endpoint) -> Operation:
    """Return the description of the call, or None if it is known from another source."""
    method, path = endpoint.method, shape(endpoint.path)
    nothing = Operation(method, path, frozenset(), (), frozenset(), "")
    return operations().get((method, path), nothing)


def _call_name(model: Any, endpoint: Endpoint) -> str:
    return f"{label_of(model)} {endpoint.title} {endpoint.method} {endpoint.path}"


every_endpoint = for_each(_endpoints, _call_name, arguments=2)

CALLS_UNDESCRIBED = merge_tables("CALLS_UNDESCRIBED")
PARAMS_UNDESCRIBED = merge_tables("PARAMS_UNDESCRIBED")
PARAMS_LEFT_OUT = merge_tables("PARAMS_LEFT_OUT")
CALL_PARAMS_LEFT_OUT = merge_tables("CALL_PARAMS_LEFT_OUT")
SIDELOADS_UNDESCRIBED = merge_tables("SIDELOADS_UNDESCRIBED")
SIDELOADS_LEFT_OUT = merge_tables("SIDELOADS_LEFT_OUT")
OTHER_PAGING = merge_tables("OTHER_PAGING")
COUNTS_LEFT_OUT = merge_tables("COUNTS_LEFT_OUT")
OTHER_ENVELOPES = merge_tables("OTHER_ENVELOPES")


@every_endpoint
def test_the_call_is_described(model: Any, endpoint: Endpoint) -> None:
    """Zendesk describes path and method, or a table names another source."""
    described = (endpoint.method, shape(endpoint.path)) in operations()

    assert described is (_title(endpoint) not in CALLS_UNDESCRIBED)


def _params(endpoint: Endpoint) -> set[str]:
    """Return the parameters of the endpoint, except those of paging."""
    asked: set[str] = set()
    if endpoint.verb in SEARCHES:
        asked.add("query")
    elif endpoint.verb is Verb.FILTER:
        # The conditions are part of the body.
        pass
    elif endpoint.verb is not Verb.INCREMENTAL:
        asked.update(endpoint.filters.values())
    else:
        asked.add("start_time")
    if endpoint.includes:
        asked.add("include")
    if endpoint.orders:
        asked.add("sort" if endpoint.paging in (CURSOR, EXPORT) else "sort_by")
    return asked


@every_endpoint
def test_parameters_are_described(model: Any, endpoint: Endpoint) -> None:
    """The parameters of filters, orders and side-loads are described."""
    operation = _operation(endpoint)

    undescribed = _params(endpoint) - operation.params

    listed = {name for path, name in PARAMS_UNDESCRIBED if path == _title(endpoint)}
    assert undescribed <= listed


#: Parameters of paging, order and side-loads, which other tests compare, and those of every list.
COMMON = frozenset(
    {"page", "per_page", "page[size]", "page[after]", "page[before]", "cursor", "limit"}
    | {"sort", "sort_by", "sort_order", "include", "query", "start_time", "ids"}
    | {"include_boundary_indicators", "include_item_cursors", "after_cursor", "before_cursor"}
)


def _missing_parameters() -> set[tuple[str, str]]:
    """Return the described parameters of declared calls that no endpoint sends."""
    sent: dict[str, set[str]] = {}
    described: dict[str, set[str]] = {}
    for _, endpoint in _endpoints():
        if endpoint.verb is Verb.ACTION:
            # Methods send them as arguments.
            continue
        title = _title(endpoint)
        sent.setdefault(title, set()).update(
            _params(endpoint), (k for k, _ in endpoint.fixed_params)
        )
        described.setdefault(title, set()).update(_operation(endpoint).params)
    return {
        (title, name) for title, names in described.items() for name in names - sent[title] - COMMON
    }


@cache
def _names_in(module: str) -> frozenset[str]:
    """Return the texts and the names of arguments in the source of a module."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    nodes = [*ast.walk(tree)]
    return frozenset(
        [node.value for node in nodes if isinstance(node, ast.Constant) and node.value]
        + [node.arg for node in nodes if isinstance(node, ast.arg | ast.keyword)]
    )


def _missing_parameters_of_actions() -> set[tuple[str, str]]:
    """Return the described parameters of actions that the module of the model does not name."""
    actions: dict[str, set[str]] = {}
    others = set()
    for model, endpoint in _endpoints():
        if endpoint.verb is Verb.ACTION:
            actions.setdefault(_title(endpoint), set()).add(model.__module__)
        else:
            others.add(_title(endpoint))
    described = {(item.method, path): item.params for (_, path), item in operations().items()}
    return {
        (title, name)
        for title, modules in actions.items()
        if title not in others
        for name in described.get(tuple(title.split(" ")), frozenset()) - COMMON
        if not any(name in _names_in(module) for module in modules)
    }


def test_described_parameters_of_actions_can_be_sent() -> None:
    """A described parameter of an action is an argument, or is left out for a reason."""
    assert _missing_parameters_of_actions() == {*CALL_PARAMS_LEFT_OUT}
    assert all(CALL_PARAMS_LEFT_OUT.values())


def test_described_parameters_can_be_sent() -> None:
    """A described parameter is a lookup of a declared endpoint, or is left out for a reason."""
    assert _missing_parameters() == {*PARAMS_LEFT_OUT}
    assert all(PARAMS_LEFT_OUT.values())


@every_endpoint
def test_the_envelope_is_described(model: Any, endpoint: Endpoint) -> None:
    """The key of the rows is a property of the described response, if there is one."""
    operation = _operation(endpoint)
    # Some responses are described as any object.
    answers = [schemas()[name] for name in operation.answers if name in schemas()]
    one = endpoint.verb in {Verb.SHOW, Verb.CREATE, Verb.UPDATE}
    bulk = endpoint.verb in {Verb.CREATE_MANY, Verb.UPDATE_MANY, Verb.DESTROY_MANY}
    key = "job_status" if bulk else model._meta.envelope if one else endpoint.key

    if endpoint.verb is not Verb.DELETE and key:
        described = all(key in answer for answer in answers)
        names = {_title(endpoint), f"{label_of(model)} {endpoint.verb.value}"}
        assert described is OTHER_ENVELOPES.keys().isdisjoint(names)


@every_endpoint
def test_side_loads_are_described(model: Any, endpoint: Endpoint) -> None:
    """A side-load is part of the described ones, if the path lists them."""
    path = shape(endpoint.path)
    described = sideloads().get(path, frozenset())
    if endpoint.method != "GET":
        return

    undescribed = endpoint.includes - described if "(unlisted)" not in described else set()

    assert undescribed == {name for item, name in SIDELOADS_UNDESCRIBED if item == path}


@every_endpoint
def test_described_side_loads_are_declared(model: Any, endpoint: Endpoint) -> None:
    """Described side-loads are declared, or left out for a reason."""
    path = shape(endpoint.path)
    if endpoint.method != "GET":
        return

    left_out = sideloads().get(path, frozenset()) - endpoint.includes - {"(unlisted)"}

    assert left_out == {name for item, name in SIDELOADS_LEFT_OUT if item == path}


@every_endpoint
def test_described_counts_are_declared(model: Any, endpoint: Endpoint) -> None:
    """A list with a count endpoint declares it."""
    path = endpoint.path
    counts = {shape(item.path) for item in model._meta.api if item.verb is Verb.COUNT}

    if endpoint.verb is Verb.LIST and ("GET", f"{shape(path)}/count") in operations():
        assert (f"{shape(path)}/count" in counts) is (shape(path) not in COUNTS_LEFT_OUT)


def test_every_count_has_a_list() -> None:
    """Rows that can be counted can be listed, too."""
    for model in declared_models():
        lists = {item.path for item in model._meta.api if item.verb is Verb.LIST}
        counts = {item.path for item in model._meta.api if item.verb is Verb.COUNT}

        assert {path.removesuffix("/count") for path in counts} <= lists


def test_exceptions_are_needed() -> None:
    """Each exception is declared, and is still not described."""
    declared = {_title(endpoint) for _, endpoint in _endpoints()}
    missing = {
        (_title(endpoint), name)
        for _, endpoint in _endpoints()
        for name in _params(endpoint)
        if name not in _operation(endpoint).params
    }

    assert {*CALLS_UNDESCRIBED} <= declared
    assert missing == {*PARAMS_UNDESCRIBED}


@every_endpoint
def test_the_paging_is_described(model: Any, endpoint: Endpoint) -> None:
    """A list has a paging style that the description allows."""
    described = _operation(endpoint).paging
    style = endpoint.paging.name

    if endpoint.verb is Verb.LIST and described:
        assert (style in described) is ((shape(endpoint.path), style) not in OTHER_PAGING)


@every_endpoint
def test_offset_paging_has_a_row_limit(model: Any, endpoint: Endpoint) -> None:
    """Endpoints with offset paging declare Zendesk's row limit."""
    assert (endpoint.paging is OFFSET) is (endpoint.max_rows is not None)
