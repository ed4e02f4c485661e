"""The public names."""

from __future__ import annotations

import builtins
import inspect
import re
from types import ModuleType

import zendesk_orm
from tests.meta.code import every_package
from tests.meta.exports import render_stub, stub_path
from zendesk_orm import errors
from zendesk_orm.errors import ZendeskError
from zendesk_orm.schema import registry


def _public(module):
    """Return the names that `module` holds for others: no modules, nothing of the language's."""
    for name in module.__all__:
        # Models are imported when they are first asked for.
        getattr(module, name)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and not isinstance(value, ModuleType)
        and getattr(value, "__module__", "") not in {"__future__", "typing"}
    }


def _drawn():
    """Return the tree of the docstring: `(depth, name, also)` for each exception."""
    text = errors.__doc__.partition("::\n\n")[2].partition("\n\n")[0]
    for line in text.splitlines():
        stem, name, rest = re.fullmatch(r"    ([│├└─ ]*)(\w+)(.*)", line).groups()
        yield len(stem) // 4, name, re.findall(r"\(also (\w+)\)", rest)


def _real(cls=ZendeskError, depth=0):
    also = [base.__name__ for base in cls.__bases__ if base.__module__ == "builtins"]
    yield depth, cls.__name__, also if cls is not ZendeskError else []
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__ and child.__bases__[0] is cls:
            yield from _real(child, depth + 1)


@every_package
def test_all_names_what_is_public(public):
    """`__all__` and the names without underscore are the same."""
    assert set(public.__all__) == _public(public)


@every_package
def test_all_names_nothing_twice(public):
    """Each public name is listed once."""
    assert len(public.__all__) == len(set(public.__all__))


@every_package
def test_every_public_name_is_documented(public):
    """`help()` has something to say on each class and function."""
    silent = [
        name
        for name in public.__all__
        if (inspect.isclass(value := getattr(public, name)) or inspect.isfunction(value))
        and not value.__doc__
    ]

    assert silent == []


@every_package
def test_every_product_is_public_in_full(public):
    """A model that a product declares can be imported from it."""
    hidden = [
        cls.__name__
        for cls in zendesk_orm.Model.__subclasses__()
        if cls.__module__.startswith(f"{public.__name__}.")
        and public is not zendesk_orm
        and not cls._meta.abstract
        and cls.__name__ not in public.__all__
    ]

    assert hidden == []


def test_every_exception_can_be_imported_from_the_top():
    """Whoever writes `except` needs one import."""
    exceptions = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, ZendeskError)
    }

    assert exceptions - set(zendesk_orm.__all__) == set()


def test_no_exception_hides_a_builtin():
    """`from zendesk_orm import *` takes no name away from Python."""
    assert set(zendesk_orm.__all__) & set(dir(builtins)) == set()


def test_the_drawn_tree_is_the_real_one():
    """The docstring of `errors` draws each exception where it is, in the order of the file."""
    assert list(_drawn()) == list(_real())


def test_the_stubs_list_every_public_model():
    """Each product's stub lists the models that its modules define: run `scripts/exports`."""
    outdated = [
        product
        for product in registry.PRODUCTS
        if stub_path(product).read_text(encoding="utf-8") != render_stub(product)
    ]

    assert outdated == []
