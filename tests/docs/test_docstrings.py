"""The examples in docstrings of public classes and functions."""

from __future__ import annotations

import doctest
import inspect

import pytest

import zendesk_orm
from zendesk_orm import Model, connect
from zendesk_orm.schema import declaring


_FINDER = doctest.DocTestFinder(exclude_empty=True)
_RUNNER_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _find_examples(name):
    """Return the doctests of a public class or function, and of the methods of the class."""
    return [test for test in _FINDER.find(getattr(zendesk_orm, name), name) if test.examples]


def _list_public_names():
    """Yield the names of public classes and functions."""
    for name in sorted(zendesk_orm.__all__):
        value = getattr(zendesk_orm, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name


NAMES_WITH_TESTS = [name for name in _list_public_names() if _find_examples(name)]


@pytest.mark.parametrize("name", NAMES_WITH_TESTS)
def test_docstring_examples_print_the_shown_output(name):
    """The examples of a docstring run in the demo account, and print the shown output."""
    output = []

    for test in _find_examples(name):
        account = connect("emulator://?seed=demo")
        names = {public: getattr(zendesk_orm, public) for public in zendesk_orm.__all__}
        # Models declared in an example need an imported module for their annotations.
        test.globs = {**names, "account": account, "__name__": declaring.__name__}
        doctest.DocTestRunner(optionflags=_RUNNER_OPTIONS).run(test, out=output.append)

    assert output == []


def test_classes_and_functions_show_an_example():
    """Docstrings of public classes and functions have an example, except for models and errors."""
    missing = [
        name
        for name in _list_public_names()
        if not _is_model_or_error(getattr(zendesk_orm, name)) and name not in NAMES_WITH_TESTS
    ]

    # `Ref` shows the use of ids and of the other relations; `TokenStore` shows a subclass as text.
    assert missing == ["CreateOnlyRef", "Id", "ReadOnlyRef", "TokenStore"]


def _is_model_or_error(value):
    return inspect.isclass(value) and issubclass(value, (Model, BaseException))
