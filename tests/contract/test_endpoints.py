"""The endpoints that models declare, and those that Zendesk describes."""

from __future__ import annotations

from typing import Any

from tests.contract.known import gathered
from tests.contract.spec import (
    Operation,
    called,
    declared_models,
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
    """Return what is described of the call: nothing, of one that is known from elsewhere."""
    method, path = endpoint.method, shape(endpoint.path)
    nothing = Operation(method, path, frozenset(), (), frozenset(), "")
    return operations().get((method, path), nothing)


def _called(model: Any, endpoint: Endpoint) -> str:
    return f"{called(model)} {endpoint.title} {endpoint.method} {endpoint.path}"


every_endpoint = for_each(_endpoints, _called, arguments=2)

CALLS_UNDESCRIBED = gathered("CALLS_UNDESCRIBED")
PARAMS_UNDESCRIBED = gathered("PARAMS_UNDESCRIBED")
PARAMS_LEFT_OUT = gathered("PARAMS_LEFT_OUT")
SIDELOADS_UNDESCRIBED = gathered("SIDELOADS_UNDESCRIBED")
SIDELOADS_LEFT_OUT = gathered("SIDELOADS_LEFT_OUT")
OTHER_PAGING = gathered("OTHER_PAGING")
COUNTS_LEFT_OUT = gathered("COUNTS_LEFT_OUT")
OTHER_ENVELOPES = gathered("OTHER_ENVELOPES")


@every_endpoint
def test_the_call_is_described(model: Any, endpoint: Endpoint) -> None:
    """Zendesk describes the path with the method, or the test names another source."""
    described = (endpoint.method, shape(endpoint.path)) in operations()

    assert described is (_title(endpoint) not in CALLS_UNDESCRIBED)


def _params(endpoint: Endpoint) -> set[str]:
    """Return the parameters that the endpoint may be asked with, paging left out."""
    asked: set[str] = set()
    if endpoint.verb in SEARCHES:
        asked.add("query")
    elif endpoint.verb is Verb.FILTER:
        # The conditions are in the body.
        pass
    elif endpoint.verb is not Verb.INCREMENTAL:
        asked.update(endpoint.takes.values())
    else:
        asked.add("start_time")
    if endpoint.includes:
        asked.add("include")
    if endpoint.orders:
        asked.add("sort" if endpoint.paging in (CURSOR, EXPORT) else "sort_by")
    return asked


@every_endpoint
def test_parameters_are_described(model: Any, endpoint: Endpoint) -> None:
    """Filters, orders and side-loads are asked for by parameters that the description names."""
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


def _left_out() -> set[tuple[str, str]]:
    """Return the described parameters of declared calls that no endpoint sends."""
    sent: dict[str, set[str]] = {}
    described: dict[str, set[str]] = {}
    for _, endpoint in _endpoints():
        if endpoint.verb is Verb.ACTION:
            # Methods of their own send them, as their arguments.
            continue
        title = _title(endpoint)
        sent.setdefault(title, set()).update(_params(endpoint), (k for k, _ in endpoint.always))
        described.setdefault(title, set()).update(_operation(endpoint).params)
    return {
        (title, name) for title, names in described.items() for name in names - sent[title] - COMMON
    }


def test_described_parameters_can_be_sent() -> None:
    """A described parameter is a lookup of a declared endpoint, or is left out for a reason."""
    assert _left_out() == {*PARAMS_LEFT_OUT}
    assert all(PARAMS_LEFT_OUT.values())


@every_endpoint
def test_the_envelope_is_described(model: Any, endpoint: Endpoint) -> None:
    """The key of the rows is a property of the described answer, as far as one is described."""
    operation = _operation(endpoint)
    # Some answers are described as any object at all.
    answers = [schemas()[name] for name in operation.answers if name in schemas()]
    one = endpoint.verb in {Verb.SHOW, Verb.CREATE, Verb.UPDATE}
    bulk = endpoint.verb in {Verb.CREATE_MANY, Verb.UPDATE_MANY, Verb.DESTROY_MANY}
    key = "job_status" if bulk else model._meta.envelope if one else endpoint.key

    if endpoint.verb is not Verb.DELETE and key:
        told = all(key in answer for answer in answers)
        names = {_title(endpoint), f"{called(model)} {endpoint.verb.value}"}
        assert told is OTHER_ENVELOPES.keys().isdisjoint(names)


@every_endpoint
def test_side_loads_are_described(model: Any, endpoint: Endpoint) -> None:
    """A side-load is one of those that the description of the path lists, where it does."""
    path = shape(endpoint.path)
    described = sideloads().get(path, frozenset())
    if endpoint.method != "GET":
        return

    undescribed = endpoint.includes - described if "(unlisted)" not in described else set()

    assert undescribed == {name for each, name in SIDELOADS_UNDESCRIBED if each == path}


@every_endpoint
def test_described_side_loads_are_declared(model: Any, endpoint: Endpoint) -> None:
    """What the description lists as a side-load is declared, or left out for a reason."""
    path = shape(endpoint.path)
    if endpoint.method != "GET":
        return

    left_out = sideloads().get(path, frozenset()) - endpoint.includes - {"(unlisted)"}

    assert left_out == {name for each, name in SIDELOADS_LEFT_OUT if each == path}


@every_endpoint
def test_described_counts_are_declared(model: Any, endpoint: Endpoint) -> None:
    """A list whose rows can be counted by a call of their own declares it."""
    path = endpoint.path
    counts = {shape(each.path) for each in model._meta.api if each.verb is Verb.COUNT}

    if endpoint.verb is Verb.LIST and ("GET", f"{shape(path)}/count") in operations():
        assert (f"{shape(path)}/count" in counts) is (shape(path) not in COUNTS_LEFT_OUT)


def test_every_count_has_a_list() -> None:
    """What is counted can be listed, too."""
    for model in declared_models():
        lists = {each.path for each in model._meta.api if each.verb is Verb.LIST}
        counts = {each.path for each in model._meta.api if each.verb is Verb.COUNT}

        assert {path.removesuffix("/count") for path in counts} <= lists


def test_exceptions_are_needed() -> None:
    """What is listed as undescribed is declared, and is undescribed still."""
    declared = {_title(endpoint) for _, endpoint in _endpoints()}
    missing = {
        (_title(endpoint), name)
        for _, endpoint in _endpoints()
        for name in _params(endpoint)
        if name not in _operation(endpoint).params
    }

    assert {*CALLS_UNDESCRIBED} <= declared
    assert {*PARAMS_UNDESCRIBED} == missing


@every_endpoint
def test_the_paging_is_described(model: Any, endpoint: Endpoint) -> None:
    """A list is paged in a style that the description allows, where it tells one."""
    described = _operation(endpoint).paging
    style = endpoint.paging.name

    if endpoint.verb is Verb.LIST and described:
        assert (style in described) is ((shape(endpoint.path), style) not in OTHER_PAGING)


@every_endpoint
def test_offset_paging_has_an_end(model: Any, endpoint: Endpoint) -> None:
    """Whatever is paged by offset stops at Zendesk's wall, and the declaration knows it."""
    assert (endpoint.paging is OFFSET) is (endpoint.most is not None)
