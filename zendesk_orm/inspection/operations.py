"""What each operation of the library needs of an OAuth token, as far as declarations tell.

Queries are planned as they are when they are read, so that the scope is that of the endpoint
that will be asked; changes need the scopes of the endpoints that the model declares for them.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import NoEndpoint, ZendeskError
from zendesk_orm.http.scopes import READ, WRITE, scopes_for
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.plan.needs import needs
from zendesk_orm.plan.plan import Needs
from zendesk_orm.plan.planner import plan_count
from zendesk_orm.query.custom import unsettled
from zendesk_orm.query.predicate import Condition, both
from zendesk_orm.query.query import Query
from zendesk_orm.schema import custom, registry
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.options import Options


#: What is needed where nothing narrower is known.
READ_ALL: Needs = ((READ,),)
WRITE_ALL: Needs = ((WRITE,),)
#: Jobs are looked at in a place that has no scope of its own.
JOBS: Needs = (scopes_for("GET", "/api/v2/job_statuses"),)

_MANY = {
    Verb.CREATE: Verb.CREATE_MANY,
    Verb.UPDATE: Verb.UPDATE_MANY,
    Verb.DELETE: Verb.DESTROY_MANY,
}
_RECORDS = "support.CustomObjectRecord"
#: Methods that fetch the file that an object tells of.
_FILES = frozenset({"download", "open", "read"})
#: Ids that stand for any.
_SAMPLE_IDS = (1, 2)


def of_query(query: Query) -> Needs:
    """Return what reading the rows of a query needs; `read` where it cannot be planned."""
    with suppress(ZendeskError):
        return (*_planned(evolve(query, budget=None, distinct=None)), *of_definitions(query))
    return READ_ALL


def of_count(query: Query) -> Needs:
    """Return what counting the rows of a query needs, which may take reading them."""
    if query.empty:
        return ()
    with suppress(ZendeskError):
        counting = plan_count(query)
        if counting is not None:
            return (*counting.scopes, *of_query(query))
    return of_query(query)


def of_any(queries: Iterable[Query]) -> Needs:
    """Return what those of some queries need that can be asked; `read` where none can."""
    found: list[Needs] = []
    for each in queries:
        with suppress(ZendeskError):
            found.append(_planned(evolve(each, budget=None)))
    return tuple(need for one in found for need in one) or READ_ALL


def of_row(model: Any) -> Needs:
    """Return what fetching a row of a model by its id needs."""
    meta: Options = model._meta
    places = [meta.api.find(verb) for verb in (Verb.SHOW, Verb.SHOW_MANY)]
    found = _endpoints(each for each in places if each is not None)
    with suppress(ZendeskError):
        found = (*found, *_planned(Query(model, Condition("id", "in", _SAMPLE_IDS), fresh=True)))
    return found or READ_ALL


def of_definitions(query: Query) -> Needs:
    """Return what it needs to know the custom fields that a query names, if it names any."""
    meta = query.meta
    named = any(name in meta.declared for name in _names(query))
    if not (named or unsettled(query.where, meta)):
        return ()
    return of_custom(query.model)


def of_custom(model: Any) -> Needs:
    """Return what it needs to know the custom fields of a model."""
    meta: Options = model._meta
    if not meta.custom:
        return ()
    api = custom.describing(meta)._meta.api
    return _endpoints(each for each in [api.find(Verb.LIST)] if each is not None) or READ_ALL


def of_relation(model: Any, name: str, base: Query | None = None) -> tuple[Any, Needs]:
    """Return the model that a relation leads to, and what it needs to read it for many rows.

    Args:
        model: the model that has the relation.
        name: the relation.
        base: what is asked of the related rows besides.
    """
    relation = model._meta.relations.get(name)
    if relation is not None:
        return relation.model, of_row(relation.model)
    field: Any = model._meta.fields.get(name)
    descriptor: Any = field if isinstance(field, Members) else getattr(model, name, None)
    target = getattr(descriptor, "model", None)
    if target is None:
        return None, READ_ALL
    back = getattr(descriptor, "relation", None) if hasattr(descriptor, "relation") else None
    whole = Query.of(target) if base is None else base
    found = of_row(target)
    if isinstance(back, str):
        for condition in (Condition(back, "exact", 1), Condition(back, "in", _SAMPLE_IDS)):
            with suppress(ZendeskError):
                where = both(whole.where, condition)
                found = (*found, *_planned(evolve(whole, where=where, budget=None)))
        return target, found
    join = getattr(descriptor, "join", None)
    return target, (*found, *(of_joins(descriptor) if join is not None else READ_ALL))


def of_joins(through: Any) -> Needs:
    """Return what reading the rows needs that join others to one."""
    join: Any = through.join
    queries = [join.objects.filter(**{through.near: 1}).fresh()._query]
    queries.append(join.objects.filter(**{f"{through.near}__in": [1, 2]})._query)
    return of_any(queries)


def of_change(model: Any, *verbs: Verb, batched: bool = False) -> Needs:
    """Return what changes of single rows need.

    Args:
        model: of the rows.
        verbs: `Verb.CREATE`, `Verb.UPDATE`, `Verb.DELETE`.
        batched: whether they may go out together, in jobs.
    """
    meta: Options = model._meta
    found: list[tuple[str, ...]] = []
    for verb in verbs:
        endpoint = meta.api.find(verb)
        if endpoint is not None:
            found += _endpoints([endpoint])
        elif verb is Verb.CREATE and meta.parent:
            # It rides on a change of what it belongs to.
            found += of_change(meta.relations[meta.parent].model, Verb.UPDATE)
    if Verb.UPDATE in verbs and _may_be_read_again(meta):
        found += of_row(model)
    if batched:
        found += of_bulk(model, *verbs)
    return tuple(dict.fromkeys(found))


def _may_be_read_again(meta: Options) -> bool:
    """Return whether saving a row can fetch it: after a conflict, or before lists are merged."""
    lists = any(field.readable and field.kind.absent for field in meta.fields.values())
    return meta.safe or (lists and meta.api.find(Verb.SHOW) is not None)


def of_bulk(model: Any, *verbs: Verb) -> Needs:
    """Return what changes of many rows need, which run in jobs."""
    meta: Options = model._meta
    if meta.concrete._meta.label == _RECORDS:
        return (scopes_for("POST", "/api/v2/custom_objects/key/jobs"), *JOBS)
    places = [meta.api.find(_MANY[verb]) for verb in verbs]
    found = _endpoints(each for each in places if each is not None)
    return (*found, *JOBS) if found else ()


def of_method(model: Any, name: str, function: Any, keywords: Collection[str] = ()) -> Needs | None:
    """Return what a method of a model, or of its manager, needs; None where it is not known.

    It is the call that `Meta.api` declares for it, or the calls that its code names.

    Args:
        model: the model.
        name: the name of the method.
        function: the method, or None.
        keywords: the names of the arguments with which it is called.
    """
    api = [each for each in model._meta.api if each.verb is Verb.ACTION]
    called = [each for each in api if each.name == name]
    called += [each for each in api if any(f"({word}=" in each.call for word in keywords)]
    constants, names = _mentions(type(model.objects), model, function)
    called += [each for each in api if each.name in constants]
    found = [*_endpoints(called)]
    if names & {"save", "create", "_new"}:
        others = (getattr(function, "__globals__", {}).get(each) for each in sorted(names))
        for each in (model, *(other for other in others if _is_model(other))):
            found += of_change(each, Verb.CREATE, Verb.UPDATE)
    if "delete" in names:
        found += of_change(model, Verb.DELETE)
    if names & {"refresh_from_db", "reload"}:
        found += of_row(model)
    if names & {"get", "first"} and not called:
        found += of_query(Query.of(model))
    # Files are where they are for whoever knows their address.
    known = called or (name.removeprefix("a") in _FILES and "content_url" in model._meta.fields)
    return tuple(dict.fromkeys(found)) if found or known else None


def returned(model: Any, function: Any) -> tuple[Any, bool]:
    """Return the model of what a method returns, or None, and whether that is a list."""
    words = getattr(function, "__annotations__", {}).get("return", "")
    text = str(words).replace(" | None", "")
    many = text.startswith(("list[", "Iterator["))
    inner = text.removeprefix("list[").removeprefix("Iterator[").removesuffix("]")
    if inner in {"T", "R", "Self"}:
        return model, many
    with suppress(ZendeskError):
        return registry.find(inner, model._meta.app_label), many
    return None, many


def returns_query(function: Any) -> bool:
    """Return whether a method of a manager returns a query, by its annotations."""
    signature = inspect.signature(function)
    returned_type = str(signature.return_annotation)
    own_types = {"Self", *(str(each.annotation) for each in [*signature.parameters.values()][:1])}
    return returned_type in own_types or returned_type.startswith(("Manager[", "QuerySet["))


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, Model)


def _mentions(manager: Any, model: Any, function: Any) -> tuple[set[str], set[str]]:
    """Return the texts, and the names, in the code of a method and of those that it calls."""
    texts: set[str] = set()
    names: set[str] = set()
    waiting = [function]
    while waiting:
        code = getattr(waiting.pop(), "__code__", None)
        if code is None:
            continue
        texts.update(each for each in code.co_consts if isinstance(each, str))
        new = set(code.co_names) - names
        names |= new
        for owner, base in ((model, Model), (manager, Manager)):
            own = (getattr(owner, each, None) for each in new if not hasattr(base, each))
            waiting += (each for each in own if inspect.isfunction(each))
    return texts, names


def _planned(query: Query) -> Needs:
    """Return what the plan of a query needs.

    Raises:
        NoEndpoint: no endpoint answers it.
    """
    found = needs(query)
    if not found and not query.empty:
        raise NoEndpoint(f"{query} is asked of nobody")
    return found


def _endpoints(endpoints: Iterable[Endpoint]) -> Needs:
    """Return what calls of endpoints need, and looking at the jobs that they start."""
    return tuple(dict.fromkeys(need for each in endpoints for need in _called(each) if need))


def _called(endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    yield scopes_for(endpoint.method, endpoint.url)
    if endpoint.key == "job_status":
        yield from JOBS


def _names(query: Query) -> Iterator[str]:
    yield from (each.lstrip("-") for each in query.order)
    yield from (query.shape.names if query.shape else ())
