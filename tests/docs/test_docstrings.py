"""The examples in docstrings of public classes and functions."""

from __future__ import annotations

import doctest
import inspect

import pytest

import zendesk_orm
from zendesk_orm import connect
from zendesk_orm.announcement import Announcement
from zendesk_orm.schema import declaring


#: Public names whose docstrings show an example.
WITH_EXAMPLE = {
    "Account",
    "Avg",
    "Batch",
    "BulkResult",
    "ClientCredentials",
    "Collaborators",
    "Count",
    "Counted",
    "CreateOnly",
    "CustomField",
    "Display",
    "DryRun",
    "F",
    "Field",
    "FileTokenStore",
    "Job",
    "KeyringTokenStore",
    "Lookup",
    "Manager",
    "Many",
    "Max",
    "MemberList",
    "Members",
    "MemoryTokenStore",
    "Min",
    "Operation",
    "Outcome",
    "Prefetch",
    "Progress",
    "Q",
    "QuerySet",
    "Raw",
    "ReadOnly",
    "ReadOnlySecret",
    "Ref",
    "RefList",
    "RefreshToken",
    "RemoteChange",
    "RetryPolicy",
    "SecretField",
    "Sum",
    "TagList",
    "Tags",
    "Through",
    "ThroughManager",
    "Token",
    "WriteOnly",
    "WriteOnlySecret",
    "action",
    "by",
    "connect",
    "incremental_export",
    "listing",
    "prefetch_related_objects",
    "public_keys",
    "receiver",
    "resource",
    "search_index",
}

_FINDER = doctest.DocTestFinder(exclude_empty=True)
_RUNNER_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _find_examples(name):
    """Return the doctests of a public class or function, and of the methods of the class."""
    value = getattr(zendesk_orm, name)
    shown = type(value) if isinstance(value, Announcement) else value
    return [test for test in _FINDER.find(shown, name) if test.examples]


def _list_public_names():
    """Yield the names of public classes and functions."""
    for name in sorted(zendesk_orm.__all__):
        value = getattr(zendesk_orm, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name


NAMES_WITH_TESTS = [name for name in _list_public_names() if _find_examples(name)]
#: A signal, whose class has the example of all signals.
NAMES_WITH_TESTS.append("request_finished")


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
    """The docstrings of the listed classes and functions contain an example."""
    assert set(NAMES_WITH_TESTS) >= WITH_EXAMPLE
