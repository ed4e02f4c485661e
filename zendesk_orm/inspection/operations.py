"""OAuth scopes of the operations of the library.

Queries are planned as if they were read, so the scope is that of the endpoint that will be used;
changes need the scopes of the endpoints that the model declares for them.
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
from zendesk_orm.model import Model
from zendesk_orm.plan.explain import required_scopes
from zendesk_orm.plan.planner import plan_count
from zendesk_orm.plan.scopes import Needs
from zendesk_orm.query.predicate import Condition, conjoin, has_custom_names
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import custom, registry
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.options import Options


#: Scopes for operations of which no narrower scope is known.
READ_ALL: Needs = ((READ,),)
WRITE_ALL: Needs = ((WRITE,),)
#: Scopes for the status of jobs.
JOBS: Needs = (scopes_for("GET", "/api/v2/job_statuses"),)

_BULK_VERBS = {
    Verb.CREATE: Verb.CREATE_MANY,
    Verb.UPDATE: Verb.UPDATE_MANY,
    Verb.DELETE: Verb.DESTROY_MANY,
}
_RECORDS = "support.CustomObjectRecord"
#: Methods that download the file of an object.
_FILES = frozenset({"download", "open", "read"})
#: Ids that represent any ids.
_SAMPLE_IDS = (1, 2)


def scopes_for_query(query: Query) -> Needs:
    """Return the scopes for reading a query; `read` if it cannot be planned."""
    with suppress(ZendeskError):
        return (
            *_scopes_for_plan(evolve(query, budget=None, distinct=None)),
            *scopes_for_definitions(query),
        )
    return READ_ALL


def scopes_for_count(query: Query) -> Needs:
    """Return the scopes for counting the rows of a query, which may require reading them."""
    if query.empty:
        return ()
    with suppress(ZendeskError):
        counting = plan_count(query)
        if counting is not None:
            return (*counting.scopes, *scopes_for_query(query))
    return scopes_for_query(query)


def scopes_for_any(queries: Iterable[Query]) -> Needs:
    """Return the scopes of the queries that can be planned; `read` if none can."""
    plans: list[Needs] = []
    for query in queries:
        with suppress(ZendeskError):
            plans.append(_scopes_for_plan(evolve(query, budget=None)))
    return tuple(need for plan in plans for need in plan) or READ_ALL


def scopes_for_row(model: Any) -> Needs:
    """Return the scopes for fetching a row by its id."""
    meta: Options = model._meta
    endpoints = [meta.api.find(verb) for verb in (Verb.SHOW, Verb.SHOW_MANY)]
    needs = _scopes_for_endpoints(endpoint for endpoint in endpoints if endpoint is not None)
    with suppress(ZendeskError):
        needs = (
            *needs,
            *_scopes_for_plan(Query(model, Condition("id", "in", _SAMPLE_IDS), fresh=True)),
        )
    return needs or READ_ALL


def scopes_for_definitions(query: Query) -> Needs:
    """Return the scopes for reading the definitions of custom fields that a query uses."""
    meta = query.meta
    is_named = any(name in meta.declared for name in _used_names(query))
    if not (is_named or has_custom_names(query.where, meta)):
        return ()
    return scopes_for_custom_fields(query.model)


def scopes_for_custom_fields(model: Any) -> Needs:
    """Return the scopes for reading the definitions of the custom fields of a model."""
    meta: Options = model._meta
    if not meta.custom:
        return ()
    api = custom.describing(meta)._meta.api
    return (
        _scopes_for_endpoints(
            endpoint for endpoint in [api.find(Verb.LIST)] if endpoint is not None
        )
        or READ_ALL
    )


def scopes_for_relation(model: Any, name: str, base: Query | None = None) -> tuple[Any, Needs]:
    """Return the target model of a relation, and the scopes for reading it for many rows.

    Args:
        model: the model that has the relation.
        name: the relation.
        base: a query of the related rows that is narrowed by the relation.
    """
    relation = model._meta.relations.get(name)
    if relation is not None:
        return relation.model, scopes_for_row(relation.model)
    field: Any = model._meta.fields.get(name)
    descriptor: Any = field if isinstance(field, Members) else getattr(model, name, None)
    target = getattr(descriptor, "model", None)
    if target is None:
        return None, READ_ALL
    back = getattr(descriptor, "relation", None) if hasattr(descriptor, "relation") else None
    query = Query.of(target) if base is None else base
    needs = scopes_for_row(target)
    if isinstance(back, str):
        for condition in (Condition(back, "exact", 1), Condition(back, "in", _SAMPLE_IDS)):
            with suppress(ZendeskError):
                where = conjoin(query.where, condition)
                needs = (*needs, *_scopes_for_plan(evolve(query, where=where, budget=None)))
        return target, needs
    join = getattr(descriptor, "join", None)
    return target, (*needs, *(scopes_for_joins(descriptor) if join is not None else READ_ALL))


def scopes_for_joins(through: Any) -> Needs:
    """Return the scopes for reading the joining rows of a relation to many."""
    join: Any = through.join
    queries = [join.objects.filter(**{through.near: 1}).fresh()._query]
    queries.append(join.objects.filter(**{f"{through.near}__in": [1, 2]})._query)
    return scopes_for_any(queries)


def scopes_for_change(model: Any, *verbs: Verb, batched: bool = False) -> Needs:
    """Return the scopes for changes of single rows.

    Args:
        model: of the rows.
        verbs: `Verb.CREATE`, `Verb.UPDATE`, `Verb.DELETE`.
        batched: whether the changes may be sent together, in jobs.
    """
    meta: Options = model._meta
    needs: list[tuple[str, ...]] = []
    for verb in verbs:
        endpoint = meta.api.find(verb)
        if endpoint is not None:
            needs += _scopes_for_endpoints([endpoint])
        elif verb is Verb.CREATE and meta.parent:
            # The object is created by an update of its parent.
            needs += scopes_for_change(meta.relations[meta.parent].model, Verb.UPDATE)
    if Verb.UPDATE in verbs and _may_be_read_again(meta):
        needs += scopes_for_row(model)
    if batched:
        needs += scopes_for_bulk(model, *verbs)
    return tuple(dict.fromkeys(needs))


def _may_be_read_again(meta: Options) -> bool:
    """Return whether saving can fetch the row: after a conflict, or before lists are merged."""
    lists = any(field.readable and field.kind.absent for field in meta.fields.values())
    return meta.safe or (lists and meta.api.find(Verb.SHOW) is not None)


def scopes_for_bulk(model: Any, *verbs: Verb) -> Needs:
    """Return the scopes for bulk changes, which run in jobs."""
    meta: Options = model._meta
    if meta.concrete._meta.label == _RECORDS:
        return (scopes_for("POST", "/api/v2/custom_objects/key/jobs"), *JOBS)
    endpoints = [meta.api.find(_BULK_VERBS[verb]) for verb in verbs]
    needs = _scopes_for_endpoints(endpoint for endpoint in endpoints if endpoint is not None)
    return (*needs, *JOBS) if needs else ()


def scopes_for_method(
    model: Any, name: str, function: Any, keywords: Collection[str] = ()
) -> Needs | None:
    """Return the scopes for a method of a model or its manager; None if they are unknown.

    The scopes are those of the action that `Meta.api` declares for the method, and of the
    methods and actions that its code uses.

    Args:
        model: the model.
        name: the name of the method.
        function: the method, or None.
        keywords: the names of the arguments with which it is called.
    """
    api = [endpoint for endpoint in model._meta.api if endpoint.verb is Verb.ACTION]
    calls = [endpoint for endpoint in api if endpoint.name == name]
    calls += [
        endpoint for endpoint in api if any(f"({word}=" in endpoint.call for word in keywords)
    ]
    constants, names = _collect_names(type(model.objects), model, function)
    calls += [endpoint for endpoint in api if endpoint.name in constants]
    needs = [*_scopes_for_endpoints(calls)]
    if names & {"save", "create", "_new"}:
        others = (getattr(function, "__globals__", {}).get(endpoint) for endpoint in sorted(names))
        for endpoint in (model, *(other for other in others if _is_model(other))):
            needs += scopes_for_change(endpoint, Verb.CREATE, Verb.UPDATE)
    if "delete" in names:
        needs += scopes_for_change(model, Verb.DELETE)
    if names & {"refresh_from_db", "reload"}:
        needs += scopes_for_row(model)
    if names & {"get", "first"} and not calls:
        needs += scopes_for_query(Query.of(model))
    # Files are downloaded from their address without a scope.
    is_known = calls or (name.removeprefix("a") in _FILES and "content_url" in model._meta.fields)
    return tuple(dict.fromkeys(needs)) if needs or is_known else None


def find_returned_model(model: Any, function: Any) -> tuple[Any, bool]:
    """Return the model of the objects that a method returns, or None, and whether it is a list."""
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
    own_types = {
        "Self",
        *(str(parameter.annotation) for parameter in [*signature.parameters.values()][:1]),
    }
    return returned_type in own_types or returned_type.startswith(("Manager[", "QuerySet["))


def _is_model(thing: Any) -> bool:
    """Return whether an object is a model class."""
    return isinstance(thing, type) and issubclass(thing, Model)


def _collect_names(manager: Any, model: Any, function: Any) -> tuple[set[str], set[str]]:
    """Return the texts and the names in the code of a method and of the methods that it calls."""
    texts: set[str] = set()
    names: set[str] = set()
    pending = [function]
    while pending:
        code = getattr(inspect.unwrap(pending.pop()), "__code__", None)
        if code is None:
            continue
        texts.update(item for item in code.co_consts if isinstance(item, str))
        new_names = set(code.co_names) - names
        names |= new_names
        for owner, base in ((model, Model), (manager, Manager)):
            methods = (getattr(owner, item, None) for item in new_names if not hasattr(base, item))
            pending += (item for item in methods if inspect.isfunction(item))
    return texts, names


def _scopes_for_plan(query: Query) -> Needs:
    """Return the scopes of the plan of a query.

    Raises:
        NoEndpoint: no endpoint answers the query.
    """
    needs = required_scopes(query)
    if not needs and not query.empty:
        raise NoEndpoint(f"no endpoint answers {query}")
    return needs


def _scopes_for_endpoints(endpoints: Iterable[Endpoint]) -> Needs:
    """Return the scopes for calls of endpoints, and for the status of the jobs that they start."""
    return tuple(
        dict.fromkeys(
            need for endpoint in endpoints for need in _scopes_for_calls(endpoint) if need
        )
    )


def _scopes_for_calls(endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    """Yield the scopes for a call of an endpoint, and for the status of its job."""
    yield scopes_for(endpoint.method, endpoint.url)
    if endpoint.key == "job_status":
        yield from JOBS


def _used_names(query: Query) -> Iterator[str]:
    """Yield the fields by which a query is ordered or that it projects."""
    yield from (name.lstrip("-") for name in query.order)
    yield from (query.projection.names if query.projection else ())
