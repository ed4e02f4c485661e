"""The declarations of all models."""

from __future__ import annotations

import inspect
import keyword
import re
from collections import Counter

from tests.meta.code import every_model
from zendesk_orm.model import Model
from zendesk_orm.plan.planner import plan
from zendesk_orm.relations import Many, RefList


#: A filter that is not a field: the time since which rows have changed.
NO_FIELDS = {"changed_since"}
#: Lookups whose parameter is sent once for each value, or for both ends of a range.
REPEATED = ("in", "gte", "lte")
PATH = re.compile(r"/?(?:[a-z_]\w*|\{\w+\})(?:/(?:[\w-]+|\{\w+\}|:app))*")
SENTENCE = re.compile(r"[A-Z][^.!?]*(?:[.!?](?! |$)[^.!?]*)*\.")


def _many(model):
    return {name: value for name, value in vars(model).items() if isinstance(value, Many)}


def _declared(model):
    """Return all annotations of a model, its bases' first, as text."""
    return {
        name: str(annotation)
        for cls in reversed(model.__mro__)
        for name, annotation in inspect.get_annotations(cls).items()
    }


def _endpoint(endpoint):
    return (
        f"{endpoint.verb.value} {endpoint.method} {endpoint.path} "
        f"({endpoint.paging.name}) {endpoint.type}{endpoint.name}"
    )


@every_model
def test_docstrings_begin_with_one_sentence(model):
    """The docstring of a model begins with one sentence that defines it."""
    first = inspect.getdoc(model).split("\n\n")[0] if model.__dict__.get("__doc__") else ""

    assert SENTENCE.fullmatch(first), f"{model.__name__} begins with {first!r}"


@every_model
def test_modules_name_their_source(model):
    """The module of a model links Zendesk's documentation."""
    doc = inspect.getmodule(model).__doc__ or ""

    assert "Source: https://" in doc


@every_model
def test_fields_hide_no_attribute_of_the_model(model):
    """No field or relation has the name of a method or attribute of `Model`."""
    attributes = set(dir(Model)) - {"id"}
    names = {*model._meta.names, *_many(model)}

    assert names & attributes == set()


@every_model
def test_names_can_be_used_as_keyword_arguments(model):
    """No field is named like a Python keyword, or contains `__`."""
    names = [*model._meta.names, *_many(model)]

    assert [name for name in names if keyword.iskeyword(name) or "__" in name] == []


@every_model
def test_every_relation_declares_its_id(model):
    """`requester: Ref[User]` has `requester_id: Id[int]`, and both or neither may be None."""
    declared = _declared(model)

    violations = [
        f"{relation.id.name}: {declared.get(relation.id.name, 'missing')}"
        for relation in model._meta.relations.values()
        if not re.fullmatch(
            r"Id\[\w+ \| None\]" if relation.nullable else r"Id\[\w+\]",
            declared.get(relation.id.name, ""),
        )
    ]

    assert violations == []


@every_model
def test_every_id_belongs_to_a_relation(model):
    """Each `Id` belongs to a `Ref`, because otherwise it would not become a descriptor."""
    ids = {relation.id.name for relation in model._meta.relations.values()}
    declared = {name for name, text in _declared(model).items() if text.startswith("Id[")}

    assert declared - ids == set()


@every_model
def test_every_relation_has_a_model(model):
    """The target of each `Ref` is a declared model."""
    targets = [relation.model for relation in model._meta.relations.values()]

    assert all(issubclass(target, Model) for target in targets)


@every_model
def test_every_many_names_a_lookup_of_the_other_model(model):
    """A `Many` names a relation of the other model to this one, or one of its lookups."""
    for many in _many(model).values():
        meta = many.model._meta
        relation = meta.relations.get(many.relation)

        lists = {field.ids for field in vars(many.model).values() if isinstance(field, RefList)}
        is_lookup = many.relation in {*meta.lookups, *lists}

        assert is_lookup or issubclass(model, relation.model)


@every_model
def test_every_many_can_be_read(model):
    """Each `Many` has an endpoint that returns its rows."""
    one = model(id=1)

    for name in _many(model):
        assert plan(getattr(one, name).all().query).endpoint


@every_model
def test_the_parent_is_a_relation(model):
    """`Meta.parent`, whose id is part of the path, is declared as a relation."""
    parent = model._meta.parent

    assert parent == "" or parent in model._meta.relations


@every_model
def test_every_placeholder_is_a_lookup(model):
    """A placeholder in a path is the id, a field, a relation or a lookup of the model."""
    allowed = {"id", *[*model._meta.names, *model._meta.lookups]}

    unknown = [
        f"{endpoint.path}: {name}"
        for endpoint in model._meta.api
        for name in endpoint.placeholders
        if name not in allowed
    ]

    assert unknown == []


@every_model
def test_every_endpoint_is_declared_once(model):
    """No endpoint of a model is declared twice."""
    counts = Counter(
        f"{_endpoint(endpoint)} {next(iter(endpoint.filters), '')}" for endpoint in model._meta.api
    )

    assert [endpoint for endpoint, count in counts.items() if count > 1] == []


@every_model
def test_filters_and_orders_are_fields(model):
    """Filters and orders of endpoints are fields, relations or lookups of the model."""
    inside = [f"{name}__*" for name in model._meta.fields]
    allowed = {*model._meta.names, *model._meta.lookups, *inside, *NO_FIELDS}
    allowed |= {f"{name}__{lookup}" for name in model._meta.names for lookup in REPEATED}

    unknown = [
        f"{_endpoint(endpoint)}: {name}"
        for endpoint in model._meta.api
        for name in (
            *endpoint.filters,
            *endpoint.orders,
            (endpoint.default_order or "id").lstrip("-"),
        )
        if name not in allowed
    ]

    assert unknown == []


@every_model
def test_paths_are_relative(model):
    """A path is relative to /api/v2/, or to the host if it begins with a slash.

    `:app` stands for the app of the account.
    """
    paths = [endpoint.path for endpoint in model._meta.api]

    assert [path for path in paths if not PATH.fullmatch(path)] == []
