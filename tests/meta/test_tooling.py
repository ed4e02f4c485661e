"""What developers look with: `help()`, inspect, `dir()`, `repr()`, and Tab of IPython."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import warnings

import jedi
import pytest

import zendesk_orm
from zendesk_orm import (
    Account,
    Comment,
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
from zendesk_orm.query.predicate import Joined


PACKAGES = ("zendesk_orm", *(f"zendesk_orm.{name}" for name in ("help_center", "talk", "chat")))


def _public():
    """Yield the package, the name and the object of everything public."""
    for package in map(importlib.import_module, PACKAGES):
        for name in package.__all__:
            yield package.__name__, name, getattr(package, name)


def _failures(tools, objects):
    """Return which tool fails for which object, and how."""
    found = []
    for name, each in objects:
        for tool in tools:
            try:
                tool(each)
            except Exception as error:  # noqa: BLE001, PERF203 - any is one too many
                found.append((tool.__name__, name, repr(error)))
    return found


def _signature(value):
    """Read a signature; Python itself has none of classes that derive from exceptions or int."""
    if callable(value) and not (isinstance(value, type) and issubclass(value, (Exception, int))):
        inspect.signature(value)


def _documentation(value):
    """Read the docstring of an object and of each member; each public class has one."""
    documented = inspect.getdoc(value)
    assert documented or not isinstance(value, type), "no docstring"
    for _, member in inspect.getmembers(value):
        inspect.getdoc(member)


def test_inspection_of_everything_public():
    """pydoc, inspect, `dir()` and `repr()` fail for nothing."""
    tools = (pydoc.render_doc, dir, repr, _documentation, _signature)
    objects = [(f"{package}.{name}", value) for package, name, value in _public()]

    assert not _failures(tools, objects)
    assert len(objects) > 300


@pytest.mark.slow
def test_help_of_every_module():
    """`help(zendesk_orm.http.wire)` works, and so for each module."""
    names = [
        each.name
        for each in pkgutil.walk_packages(zendesk_orm.__path__, "zendesk_orm.")
        if not each.name.endswith("__main__")
    ]
    modules = [(name, importlib.import_module(name)) for name in names]

    with warnings.catch_warnings():
        # Tasks of Celery have attributes that Celery deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        assert not _failures((pydoc.render_doc,), modules)


def test_inspection_of_objects(demo):
    """An object, a manager, a query, a relation and an account can be inspected, too."""
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

    assert not _failures((pydoc.render_doc, dir, repr, inspect.getdoc), objects)


def test_an_abstract_class_has_no_manager():
    """As in Django it is an `AttributeError`, which tools expect, and an error of ours."""
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
    """At most some 200 characters, on one line, and neither token nor password."""
    account = connections["default"]
    ids = Q(id__in=range(1_000))
    shown = [
        *(ids, ids & ids, ~ids, F("tags") - [LONG], Q(subject=LONG)),
        *(Comment(body=f"{LONG}\n{LONG}"), Ticket(subject=LONG), User(name=LONG)),
        *(Ticket.objects.filter(ids), Ticket.objects.filter(ids).query, Ticket._meta),
        *(account, account.transport, account.cache, account.recent, account.catalogue),
        *(account.quota, account.current(), account.raw, connections, post_save),
    ]

    wrong = [text for text in map(repr, shown) if len(text) > MAX_SHOWN + 40 or "\n" in text]
    assert not wrong


def test_no_representation_shows_a_secret():
    """Those of accounts and of what they hold."""
    account = connect(subdomain="acme", email="me@acme.com", token="s3cret")

    for each in (account, connections, account.transport, account.cache, account.current()):
        assert "s3cret" not in repr(each)


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
def test_the_representation_of_an_expression_makes_an_equal_one(value):
    """`Q` and `F` are shown as they are written."""
    assert eval(repr(value), {"Q": Q, "F": F, "Joined": Joined}) == value


# -- Tab ---------------------------------------------------------------------


def _completed(lines, program):
    script = "\n".join([*lines, program])
    found = jedi.Script(script).complete(len(lines) + 1, len(program))
    return {each.name for each in found}


@pytest.mark.slow
def test_completion_knows_rows_and_queries_of_every_model():
    """`Ticket.objects.filter(...).first().` offers the fields, `filter(...).` the methods."""
    missing = []
    for package, name, model in _public():
        if not (isinstance(model, type) and issubclass(model, Model)) or model._meta.abstract:
            continue
        lines = [f"from {package} import {name}"]
        offered = _completed(lines, f"{name}.objects.filter(id=1).first().")
        if not offered.issuperset({*model._meta.fields, "save", "changes"}):
            missing.append((name, sorted({*model._meta.fields, "save"} - offered)))
        offered = _completed(lines, f"{name}.objects.filter(id=1).order_by('id').")
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
    "[each for each in Ticket.objects.filter(id=1)][0].": {"subject"},
    "connect().": {"batch", "dry_run", "session"},
    "connections['default'].": {"batch", "dry_run", "session"},
    "post_save.": {"connect", "disconnect"},
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_completion(program):
    """Tab offers these names behind an expression."""
    lines = ["from zendesk_orm import Ticket, connect, connections, post_save"]

    assert PROGRAMS[program] - _completed(lines, program) == set()


@pytest.mark.parametrize("program", ["User.objects.", "User.objects.filter(id=1)[:5]."])
def test_completion_of_every_method(program):
    """Tab offers all public names of managers and queries."""
    public = {name for name in dir(User.objects) if not name.startswith("_")}

    assert public - _completed(["from zendesk_orm import User"], program) == set()


def test_completion_of_public_names():
    """`from zendesk_orm import ` offers all of them."""
    offered = _completed([], "from zendesk_orm import ")

    assert offered.issuperset({"Ticket", "connect", "post_save", "Q", Account.__name__})
