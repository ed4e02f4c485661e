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
    hide_placeholders,
    label_of,
    needs_spec,
    read_operations,
    read_schemas,
    read_sideloads,
)
from tests.loops import for_each
from zendesk_orm.api.endpoint import SEARCHES, Endpoint, Verb
from zendesk_orm.api.paging import OFFSET


pytestmark = needs_spec


def _list_endpoints() -> list[tuple[Any, Endpoint]]:
    return [(model, endpoint) for model in declared_models() for endpoint in model._meta.api]


def _format_title(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {hide_placeholders(endpoint.path)}"


def _find_operation(endpoint: Endpoint) -> Operation:
    """Return the description of the call, or None if it has another source."""
    method, path = endpoint.method, hide_placeholders(endpoint.path)
    nothing = Operation(method, path, frozenset(), (), frozenset(), "")
    return read_operations().get((method, path), nothing)


def _call_name(model: Any, endpoint: Endpoint) -> str:
    return f"{label_of(model)} {endpoint.title} {endpoint.method} {endpoint.path}"


every_endpoint = for_each(_list_endpoints, _call_name, arguments=2)

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
    described = (endpoint.method, hide_placeholders(endpoint.path)) in read_operations()

    assert described is (_format_title(endpoint) not in CALLS_UNDESCRIBED)


def _list_params(endpoint: Endpoint) -> set[str]:
    """Return the parameters of the endpoint, except those of paging."""
    asked: set[str] = set()
    if endpoint.verb in SEARCHES:
        asked.add("query")
    elif endpoint.verb is Verb.FILTER:
        # The conditions are part of the body.
        pass
    else:
        asked.update(endpoint.filters.values())
    if endpoint.includes:
        asked.add("include")
    if endpoint.orders:
        asked.add(endpoint.paging.sort or "sort_by")
    return asked


@every_endpoint
def test_parameters_are_described(model: Any, endpoint: Endpoint) -> None:
    """The parameters of filters, orders and side-loads are described."""
    operation = _find_operation(endpoint)

    undescribed = _list_params(endpoint) - operation.params

    listed = {name for path, name in PARAMS_UNDESCRIBED if path == _format_title(endpoint)}
    assert undescribed <= listed


#: Parameters that other tests compare (paging, order, side-loads), and those of every list.
COMMON = frozenset(
    {"page", "per_page", "page[size]", "page[after]", "page[before]", "cursor", "limit"}
    | {"sort", "sort_by", "sort_order", "include", "query", "start_time", "ids"}
    | {"include_boundary_indicators", "include_item_cursors", "after_cursor", "before_cursor"}
)


def _find_missing_parameters() -> set[tuple[str, str]]:
    """Return the described parameters of declared calls that no endpoint sends."""
    sent: dict[str, set[str]] = {}
    described: dict[str, set[str]] = {}
    for _, endpoint in _list_endpoints():
        if endpoint.verb is Verb.ACTION:
            # Methods send them as arguments.
            continue
        title = _format_title(endpoint)
        sent.setdefault(title, set()).update(
            _list_params(endpoint), (k for k, _ in endpoint.fixed_params)
        )
        described.setdefault(title, set()).update(_find_operation(endpoint).params)
    # An object is sent as one parameter for each of its keys: `filter[ticket_id]`.
    objects = {title: {name.partition("[")[0] for name in names} for title, names in sent.items()}
    return {
        (title, name)
        for title, names in described.items()
        for name in names - sent[title] - objects[title] - COMMON
    }


@cache
def _find_names(module: str) -> frozenset[str]:
    """Return the texts and the names of arguments in the source of a module."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    nodes = [*ast.walk(tree)]
    return frozenset(
        [node.value for node in nodes if isinstance(node, ast.Constant) and node.value]
        + [node.arg for node in nodes if isinstance(node, ast.arg | ast.keyword)]
    )


def _find_missing_parameters_of_actions() -> set[tuple[str, str]]:
    """Return the described parameters of actions that the module of the model does not name."""
    actions: dict[str, set[str]] = {}
    others = set()
    for model, endpoint in _list_endpoints():
        if endpoint.verb is Verb.ACTION:
            actions.setdefault(_format_title(endpoint), set()).add(model.__module__)
        else:
            others.add(_format_title(endpoint))
    described = {(item.method, path): item.params for (_, path), item in read_operations().items()}
    return {
        (title, name)
        for title, modules in actions.items()
        if title not in others
        for name in described.get(tuple(title.split(" ")), frozenset()) - COMMON
        if not any(name in _find_names(module) for module in modules)
    }


def test_described_parameters_of_actions_can_be_sent() -> None:
    """A described parameter of an action is an argument, or is left out for a reason."""
    assert _find_missing_parameters_of_actions() == {*CALL_PARAMS_LEFT_OUT}
    assert all(CALL_PARAMS_LEFT_OUT.values())


def test_described_parameters_can_be_sent() -> None:
    """A described parameter is a lookup of a declared endpoint, or is left out for a reason."""
    assert _find_missing_parameters() == {*PARAMS_LEFT_OUT}
    assert all(PARAMS_LEFT_OUT.values())


@every_endpoint
def test_the_envelope_is_described(model: Any, endpoint: Endpoint) -> None:
    """The key of the rows is a property of the described response, if there is one."""
    operation = _find_operation(endpoint)
    # Some responses are described as any object.
    schemas = [read_schemas()[name] for name in operation.responses if name in read_schemas()]
    one = endpoint.verb in {Verb.SHOW, Verb.CREATE, Verb.UPDATE}
    bulk = endpoint.verb in {Verb.CREATE_MANY, Verb.UPDATE_MANY, Verb.DESTROY_MANY}
    key = "job_status" if bulk else model._meta.envelope if one else endpoint.key

    if endpoint.verb is not Verb.DELETE and key:
        described = all(key in schema for schema in schemas)
        names = {_format_title(endpoint), f"{label_of(model)} {endpoint.verb.value}"}
        assert described is OTHER_ENVELOPES.keys().isdisjoint(names)


@every_endpoint
def test_side_loads_are_described(model: Any, endpoint: Endpoint) -> None:
    """Each declared side-load is described, if the description of the path lists side-loads."""
    path = hide_placeholders(endpoint.path)
    described = read_sideloads().get(path, frozenset())
    if endpoint.method != "GET":
        return

    undescribed = endpoint.includes - described if "(unlisted)" not in described else set()

    assert undescribed == {name for item, name in SIDELOADS_UNDESCRIBED if item == path}


@every_endpoint
def test_described_side_loads_are_declared(model: Any, endpoint: Endpoint) -> None:
    """Described side-loads are declared, or left out for a reason."""
    path = hide_placeholders(endpoint.path)
    if endpoint.method != "GET":
        return

    left_out = read_sideloads().get(path, frozenset()) - endpoint.includes - {"(unlisted)"}

    assert left_out == {name for item, name in SIDELOADS_LEFT_OUT if item == path}


@every_endpoint
def test_described_counts_are_declared(model: Any, endpoint: Endpoint) -> None:
    """A list with a count endpoint declares it."""
    path = endpoint.path
    counts = {hide_placeholders(item.path) for item in model._meta.api if item.verb is Verb.COUNT}

    if (
        endpoint.verb is Verb.LIST
        and ("GET", f"{hide_placeholders(path)}/count") in read_operations()
    ):
        assert (f"{hide_placeholders(path)}/count" in counts) is (
            hide_placeholders(path) not in COUNTS_LEFT_OUT
        )


def test_every_count_has_a_list() -> None:
    """Rows that can be counted can also be listed."""
    for model in declared_models():
        lists = {item.path for item in model._meta.api if item.verb is Verb.LIST}
        counts = {item.path for item in model._meta.api if item.verb is Verb.COUNT}

        assert {path.removesuffix("/count") for path in counts} <= lists


def test_exceptions_are_needed() -> None:
    """Each exception is declared, and is still not described."""
    declared = {_format_title(endpoint) for _, endpoint in _list_endpoints()}
    missing = {
        (_format_title(endpoint), name)
        for _, endpoint in _list_endpoints()
        for name in _list_params(endpoint)
        if name not in _find_operation(endpoint).params
    }

    assert {*CALLS_UNDESCRIBED} <= declared
    assert missing == {*PARAMS_UNDESCRIBED}


@every_endpoint
def test_the_paging_is_described(model: Any, endpoint: Endpoint) -> None:
    """A list has a paging style that the description allows."""
    described = _find_operation(endpoint).paging
    style = endpoint.paging.name

    if endpoint.verb is Verb.LIST and described:
        assert (style in described) is (
            (hide_placeholders(endpoint.path), style) not in OTHER_PAGING
        )


@every_endpoint
def test_offset_paging_has_a_row_limit(model: Any, endpoint: Endpoint) -> None:
    """Endpoints with offset paging declare Zendesk's row limit."""
    assert (endpoint.paging is OFFSET) is (endpoint.max_rows is not None)
