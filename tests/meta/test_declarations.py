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


#: What an endpoint takes that is no field: since when rows have changed.
NO_FIELDS = {"changed_since"}
PATH = re.compile(r"/?(?:[a-z_]\w*|\{\w+\})(?:/(?:[\w-]+|\{\w+\}))*")
SENTENCE = re.compile(r"[A-Z][^.!?]*(?:[.!?](?! |$)[^.!?]*)*\.")


def _many(model):
    return {name: each for name, each in vars(model).items() if isinstance(each, Many)}


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
def test_the_docstring_opens_with_one_sentence(model):
    """A model says in one line what it is."""
    first = inspect.getdoc(model).split("\n\n")[0] if model.__dict__.get("__doc__") else ""

    assert SENTENCE.fullmatch(first), f"{model.__name__} opens with {first!r}"


@every_model
def test_the_module_names_its_source(model):
    """Whoever doubts a declaration can look it up."""
    doc = inspect.getmodule(model).__doc__ or ""

    assert "Source: https://" in doc


@every_model
def test_no_name_clashes_with_a_model_attribute(model):
    """A field hides no method: `ticket.save` saves, whatever Zendesk calls its keys."""
    taken = set(dir(Model)) - {"id"}
    names = {*model._meta.names, *_many(model)}

    assert names & taken == set()


@every_model
def test_names_can_be_keywords_of_a_call(model):
    """Every field can be filtered by: its name is no Python keyword and holds no `__`."""
    names = [*model._meta.names, *_many(model)]

    assert [name for name in names if keyword.iskeyword(name) or "__" in name] == []


@every_model
def test_every_relation_declares_its_id(model):
    """`requester: Ref[User]` has its `requester_id: Id[int]`, and both or neither may be None."""
    declared = _declared(model)

    wrong = [
        f"{relation.id.name}: {declared.get(relation.id.name, 'missing')}"
        for relation in model._meta.relations.values()
        if not re.fullmatch(
            r"Id\[\w+ \| None\]" if relation.nullable else r"Id\[\w+\]",
            declared.get(relation.id.name, ""),
        )
    ]

    assert wrong == []


@every_model
def test_every_id_belongs_to_a_relation(model):
    """An `Id` without a `Ref` would never become a descriptor."""
    ids = {relation.id.name for relation in model._meta.relations.values()}
    declared = {name for name, text in _declared(model).items() if text.startswith("Id[")}

    assert declared - ids == set()


@every_model
def test_every_relation_leads_to_a_model(model):
    """The target of each `Ref` is declared somewhere."""
    targets = [relation.model for relation in model._meta.relations.values()]

    assert all(issubclass(target, Model) for target in targets)


@every_model
def test_every_many_leads_back(model):
    """Behind each `Many` is a relation of the other model that points here, or a lookup of it."""
    for many in _many(model).values():
        meta = many.model._meta
        relation = meta.relations.get(many.relation)

        lists = {each.ids for each in vars(many.model).values() if isinstance(each, RefList)}
        named = many.relation in {*meta.lookups, *lists}

        assert named or issubclass(model, relation.model)


@every_model
def test_every_many_can_be_read(model):
    """`user.requested_tickets` has an endpoint that gives the rows."""
    one = model(id=1)

    for name in _many(model):
        assert plan(getattr(one, name).all().query).endpoint


@every_model
def test_the_parent_is_a_relation(model):
    """What the path tells and no row carries is declared as a relation."""
    parent = model._meta.parent

    assert parent == "" or parent in model._meta.relations


@every_model
def test_every_placeholder_is_a_lookup(model):
    """A path asks only for what a query can name: the id, a field, a relation."""
    known = {"id", *[*model._meta.names, *model._meta.lookups]}

    unknown = [
        f"{endpoint.path}: {name}"
        for endpoint in model._meta.api
        for name in endpoint.placeholders
        if name not in known
    ]

    assert unknown == []


@every_model
def test_no_two_endpoints_are_alike(model):
    """Each endpoint is declared once."""
    counts = Counter(
        f"{_endpoint(endpoint)} {next(iter(endpoint.filters), '')}" for endpoint in model._meta.api
    )

    assert [endpoint for endpoint, count in counts.items() if count > 1] == []


@every_model
def test_endpoints_name_fields(model):
    """What an endpoint takes and orders by are fields or relations of the model."""
    inside = [f"{name}__*" for name in model._meta.fields]
    known = {*model._meta.names, *model._meta.lookups, *inside, *NO_FIELDS}

    unknown = [
        f"{_endpoint(endpoint)}: {name}"
        for endpoint in model._meta.api
        for name in (
            *endpoint.filters,
            *endpoint.orders,
            (endpoint.default_order or "id").lstrip("-"),
        )
        if name not in known
    ]

    assert unknown == []


@every_model
def test_paths_are_relative(model):
    """A path is what follows /api/v2/, or the host where it begins with a slash; no ending."""
    paths = [endpoint.path for endpoint in model._meta.api]

    assert [path for path in paths if not PATH.fullmatch(path)] == []
