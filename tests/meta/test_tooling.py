"""Tools of developers: `help()`, `inspect`, `dir()`, `repr()`, and completion by IPython."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import typing
import warnings

import jedi
import pytest

import zendesk_orm
from tests.django import project
from zendesk_orm import (
    Account,
    Comment,
    CustomField,
    Display,
    F,
    Model,
    Q,
    Ticket,
    User,
    connect,
    connections,
    post_save,
)
from zendesk_orm.messages import MAX_SHOWN
from zendesk_orm.query.f import Joined


PACKAGES = ("zendesk_orm", *(f"zendesk_orm.{name}" for name in ("help_center", "talk", "chat")))


def _iter_public():
    """Yield the package, the name and the object of each public name."""
    for package in map(importlib.import_module, PACKAGES):
        for name in package.__all__:
            yield package.__name__, name, getattr(package, name)


def _find_failures(tools, objects):
    """Return tool, object and exception of each failure."""
    failures = []
    for name, value in objects:
        for tool in tools:
            try:
                tool(value)
            except Exception as error:  # noqa: BLE001, PERF203 - any exception is a failure
                failures.append((tool.__name__, name, repr(error)))
    return failures


def _read_signature(value):
    """Read a signature; Python has none for classes that derive from exceptions or int."""
    if callable(value) and not (isinstance(value, type) and issubclass(value, (Exception, int))):
        inspect.signature(value)


def _read_docstrings(value):
    """Read the docstring of an object and of each member; each public class has one."""
    documented = inspect.getdoc(value)
    assert documented or not isinstance(value, type), "no docstring"
    for _, member in inspect.getmembers(value):
        inspect.getdoc(member)


def test_public_names_can_be_inspected():
    """pydoc, inspect, `dir()` and `repr()` work for each public name."""
    tools = (pydoc.render_doc, dir, repr, _read_docstrings, _read_signature)
    objects = [(f"{package}.{name}", value) for package, name, value in _iter_public()]

    assert not _find_failures(tools, objects)
    assert len(objects) > 300


@pytest.mark.slow
def test_help_works_for_every_module():
    """`help()` works for each module."""
    # Models of Django can be imported in a project only.
    project.configure()
    names = [
        module.name
        for module in pkgutil.walk_packages(zendesk_orm.__path__, "zendesk_orm.")
        if not module.name.endswith("__main__")
    ]
    modules = [(name, importlib.import_module(name)) for name in names]

    with warnings.catch_warnings():
        # Tasks of Celery have attributes that Celery deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        assert not _find_failures((pydoc.render_doc,), modules)


def test_objects_can_be_inspected(demo):
    """pydoc, `dir()` and `repr()` work for records, managers, queries, relations and accounts."""
    ticket = Ticket.objects.first()
    objects = [
        ("record", ticket),
        ("new record", Ticket(subject="x")),
        ("manager", Ticket.objects),
        ("query", Ticket.objects.filter(status="new")),
        ("relation", ticket.comments),
        ("members", ticket.tags),
        ("account", demo),
        ("signal", post_save),
    ]

    assert not _find_failures((pydoc.render_doc, dir, repr, inspect.getdoc), objects)


def test_an_abstract_class_has_no_manager():
    """`objects` of an abstract model raises `FieldError`, which is an AttributeError."""
    for base in Ticket.__mro__:
        if isinstance(base, type) and issubclass(base, Model) and base._meta.abstract:
            if base is Model:
                continue
            assert not hasattr(base, "objects")
            with pytest.raises(zendesk_orm.FieldError, match="abstract"):
                _ = base.objects


# -- repr() ------------------------------------------------------------------

LONG = "x" * 5_000


def test_representations_are_short(emulator):
    """A `repr()` has one line with at most about 200 characters."""
    account = connections["default"]
    ids = Q(id__in=range(1_000))
    shown = [
        *(ids, ids & ids, ~ids, F("tags") - [LONG], Q(subject=LONG), F(LONG), Display()),
        *(CustomField(LONG), vars(type("T", (Ticket,), {"a": CustomField("A")}))["get_a_display"]),
        *(Comment(body=f"{LONG}\n{LONG}"), Ticket(subject=LONG), User(name=LONG)),
        *(Ticket.objects.filter(ids), Ticket.objects.filter(ids).query, Ticket._meta),
        *(account, account.transport, account.cache, account.recent, account.catalogue),
        *(account.quota, account.current(), account.raw, connections, post_save),
        *(account.batch(), account.dry_run(), emulator, Ticket.objects.filter(ids).plan),
        *(Ticket.objects.filter(ids).iterator(), Ticket.objects.filter(ids).aiterator()),
    ]

    violations = [
        text
        for text in map(repr, shown)
        if len(text) > MAX_SHOWN + 40 or "\n" in text or " object at 0x" in text
    ]

    assert violations == []


def test_no_representation_shows_a_secret():
    """The `repr()` of an account and of its parts contains no token."""
    account = connect(subdomain="acme", email="me@acme.com", token="s3cret")

    for value in (account, connections, account.transport, account.cache, account.current()):
        assert "s3cret" not in repr(value)


@pytest.mark.parametrize(
    "value",
    [
        Q(),
        Q(status="new"),
        Q(status="new", tags__in=["a"]),
        ~Q(status="new"),
        Q(a=1) | Q(b=2) & ~Q(c=3),
        ~(Q(a=1) ^ Q(b=2)),
        Q(Q(a=1) | Q(b=2), c=3),
        Q(Q(a=1)),
        F("tags"),
        F("tags") - ["b"] + ["a"],
    ],
    ids=repr,
)
def test_the_representation_of_an_expression_can_be_evaluated(value):
    """Evaluating the `repr()` of a `Q` or `F` results in an equal object."""
    assert eval(repr(value), {"Q": Q, "F": F, "Joined": Joined}) == value


# -- completion --------------------------------------------------------------


def _complete(lines, program):
    script = "\n".join([*lines, program])
    completions = jedi.Script(script).complete(len(lines) + 1, len(program))
    return {completion.name for completion in completions}


@pytest.mark.slow
def test_completion_offers_fields_and_query_methods_of_every_model():
    """Completion offers the fields after `first().`, and methods after `filter().`."""
    missing = []
    for package, name, model in _iter_public():
        if not (isinstance(model, type) and issubclass(model, Model)) or model._meta.abstract:
            continue
        lines = [f"from {package} import {name}"]
        offered = _complete(lines, f"{name}.objects.filter(id=1).first().")
        if not offered.issuperset({*model._meta.fields, "save", "changes"}):
            missing.append((name, sorted({*model._meta.fields, "save"} - offered)))
        offered = _complete(lines, f"{name}.objects.filter(id=1).order_by('id').")
        if not offered.issuperset({"count", "first", "get", "values", "update", "afirst"}):
            missing.append((f"{name}.objects.filter()", sorted(offered)))

    assert not missing


PROGRAMS = {
    "Ticket.objects.": {"filter", "get", "create", "recent"},
    "Ticket.objects.exclude(status='new')[:5].": {"count", "first", "recent"},
    "Ticket.objects.select_related('requester').get(id=1).": {"subject", "save"},
    "Ticket.objects.using('default').fresh().first().requester.": {"email", "save"},
    "Ticket.objects.first().comments.first().": {"body"},
    "Ticket.objects.first().save().": {"subject", "save"},
    "Ticket.objects.create(subject='x').": {"subject", "save"},
    "(Ticket.objects.filter(id=1) | Ticket.objects.all()).first().": {"subject"},
    "[row for row in Ticket.objects.filter(id=1)][0].": {"subject"},
    "connect().": {"batch", "dry_run", "session"},
    "connections['default'].": {"batch", "dry_run", "session"},
    "post_save.": {"connect", "disconnect"},
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_completion_offers_members_of_expressions(program):
    """Completion after an expression offers the members of its value."""
    lines = ["from zendesk_orm import Ticket, connect, connections, post_save"]

    assert PROGRAMS[program] - _complete(lines, program) == set()


ROW = {"subject", "save"}
OUTCOME = {"failed", "retry_failed"}
#: Names in the completion of the results of asynchronous methods, each with an index if needed.
RESULTS = {
    **{("a" + name, ""): ROW for name in ("get", "first", "last", "latest", "earliest", "create")},
    **{("a" + name, "[0]"): ROW for name in ("get_or_create", "update_or_create")},
    ("ain_bulk", "[1]"): ROW,
    **{("a" + name, ""): OUTCOME for name in ("update", "delete", "bulk_create", "bulk_update")},
    ("aaggregate", ""): {"items"},
    **{("a" + name, ""): {"bit_length"} for name in ("count", "exists", "contains")},
    ("aexplain", ""): {"splitlines"},
    ("aexport", ""): {"rows"},
}
#: Methods whose result has no type: that of another package.
UNTYPED = {f"ato_{name}" for name in ("arrow", "arrow_batches", "pandas", "polars")}


@pytest.mark.slow
def test_completion_offers_members_of_the_results_of_asynchronous_methods():
    """Completion after `await` of each asynchronous method offers the members of its result."""
    lines = ["from zendesk_orm import Ticket"]
    missing = {
        name: names - _complete(lines, f"(await Ticket.objects.{name}()){index}.")
        for (name, index), names in RESULTS.items()
    }
    manager = type(Ticket.objects)
    methods = {
        name
        for name in dir(manager)
        if name.startswith("a") and inspect.iscoroutinefunction(getattr(manager, name))
    }

    assert {name: names for name, names in missing.items() if names} == {}
    assert methods - UNTYPED == {*missing}


@pytest.mark.parametrize("program", ["User.objects.", "User.objects.filter(id=1)[:5]."])
def test_completion_offers_all_methods(program):
    """Completion offers all public names of managers and queries."""
    public = {name for name in dir(User.objects) if not name.startswith("_")}

    assert public - _complete(["from zendesk_orm import User"], program) == set()


def test_completion_offers_all_public_names():
    """Completion after `from zendesk_orm import ` offers public names."""
    offered = _complete([], "from zendesk_orm import ")

    assert offered.issuperset({"Ticket", "connect", "post_save", "Q", Account.__name__})


# -- annotations ---------------------------------------------------------------

#: Functions that name classes which import theirs: records, and warehouses with their packages.
CIRCULAR = {"zendesk_orm.schema", "zendesk_orm.warehouse.mirror"}


def _iter_public_functions():
    """Yield the name and the function of each public function, method and property."""
    packages = (*PACKAGES, *(f"zendesk_orm.{name}" for name in ("messaging", "sync", "warehouse")))
    for package in map(importlib.import_module, packages):
        for name in getattr(package, "__all__", dir(package)):
            value = getattr(package, name)
            if inspect.isfunction(value):
                yield f"{package.__name__}.{name}", value
            elif isinstance(value, type) and value.__module__.startswith("zendesk_orm."):
                yield from _iter_methods(value)


def _iter_methods(cls):
    """Yield the name and the function of each public method and property of a class."""
    for member in (*filter(str.isidentifier, dir(cls)), "__init__"):
        value = inspect.getattr_static(cls, member, None)
        value = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        value = value.fget if isinstance(value, property) else value
        is_public = not member.startswith("_") or member == "__init__"
        if is_public and inspect.isfunction(value) and value.__module__.startswith("zendesk_orm."):
            yield f"{cls.__module__}.{cls.__name__}.{member}", value


@pytest.mark.slow
def test_annotations_of_public_functions_can_be_evaluated():
    """`typing.get_type_hints()` and `inspect.signature(eval_str=True)` work for public functions.

    Frameworks that inject dependencies, generate forms or check types at runtime call them.
    """
    failures, functions = {}, dict(_iter_public_functions())
    for name, function in functions.items():
        try:
            typing.get_type_hints(function)
            inspect.signature(function, eval_str=True)
        except NameError as error:  # noqa: PERF203 - each failure is reported
            if not any(inspect.unwrap(function).__module__.startswith(m) for m in CIRCULAR):
                failures[name] = str(error)

    assert failures == {}
    assert len(functions) > 5_000
