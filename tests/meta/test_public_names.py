"""The public names of the package and its products."""

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


def _public_names(module):
    """Return the public names of a module, except modules and names of `typing`."""
    for name in module.__all__:
        # Models are imported on first use.
        getattr(module, name)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and not isinstance(value, ModuleType)
        and getattr(value, "__module__", "") not in {"__future__", "typing"}
    }


def _parse_tree():
    """Yield `(depth, name, builtin bases)` for each exception in the tree of the docstring."""
    text = errors.__doc__.partition("::\n\n")[2].partition("\n\n")[0]
    for line in text.splitlines():
        stem, name, suffix = re.fullmatch(r"    ([│├└─ ]*)(\w+)(.*)", line).groups()
        yield len(stem) // 4, name, re.findall(r"\(also (\w+)\)", suffix)


def _walk_exceptions(cls=ZendeskError, depth=0):
    """Yield `(depth, name, builtin bases)` for each exception class."""
    builtin_bases = [base.__name__ for base in cls.__bases__ if base.__module__ == "builtins"]
    yield depth, cls.__name__, builtin_bases if cls is not ZendeskError else []
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__ and child.__bases__[0] is cls:
            yield from _walk_exceptions(child, depth + 1)


@every_package
def test_all_contains_the_public_names(package):
    """`__all__` consists of the names without an underscore."""
    assert set(package.__all__) == _public_names(package)


@every_package
def test_all_has_no_duplicates(package):
    """Each public name is listed once."""
    assert len(package.__all__) == len(set(package.__all__))


@every_package
def test_every_public_name_is_documented(package):
    """Each public class and function has a docstring."""
    undocumented = [
        name
        for name in package.__all__
        if (inspect.isclass(value := getattr(package, name)) or inspect.isfunction(value))
        and not value.__doc__
    ]

    assert undocumented == []


@every_package
def test_all_models_of_a_product_are_public(package):
    """Each model that a product declares can be imported from it."""
    missing = [
        cls.__name__
        for cls in zendesk_orm.Model.__subclasses__()
        if cls.__module__.startswith(f"{package.__name__}.")
        and package is not zendesk_orm
        and not cls._meta.abstract
        and cls.__name__ not in package.__all__
    ]

    assert missing == []


def test_exceptions_can_be_imported_from_the_package():
    """Each exception can be imported from `zendesk_orm`."""
    exceptions = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, ZendeskError)
    }

    assert exceptions - set(zendesk_orm.__all__) == set()


def test_no_public_name_shadows_a_builtin():
    """`from zendesk_orm import *` hides no builtin name."""
    assert set(zendesk_orm.__all__) & set(dir(builtins)) == set()


def test_the_docstring_contains_the_tree_of_exceptions():
    """The docstring of `errors` shows each exception in the order of the file."""
    assert list(_parse_tree()) == list(_walk_exceptions())


def test_the_stubs_list_every_public_model():
    """The stub of a product lists its models; `scripts/exports` updates it."""
    outdated = [
        product
        for product in registry.PRODUCTS
        if stub_path(product).read_text(encoding="utf-8") != render_stub(product)
    ]

    assert outdated == []
