"""The examples in docstrings of public classes and functions."""

from __future__ import annotations

import doctest
import inspect

import pytest

import zendesk_orm
from zendesk_orm import connect
from zendesk_orm.schema import declaring


#: Public names whose docstrings show an example.
WITH_EXAMPLE = {
    "Account",
    "Batch",
    "BulkResult",
    "Count",
    "Counted",
    "CustomField",
    "DryRun",
    "F",
    "Job",
    "Manager",
    "Many",
    "MemberList",
    "Model",
    "Operation",
    "Prefetch",
    "Progress",
    "Q",
    "QuerySet",
    "Ref",
    "RefList",
    "RetryPolicy",
    "TagList",
    "Through",
    "ThroughManager",
    "connect",
    "prefetch_related_objects",
    "receiver",
    "resource",
}

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


def test_main_classes_show_an_example():
    """The docstrings of the most important classes contain an example."""
    assert set(NAMES_WITH_TESTS) >= WITH_EXAMPLE
