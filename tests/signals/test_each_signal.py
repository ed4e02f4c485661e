"""Each signal has its tests: of its sender and arguments, and of when it is not sent."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from blinker import Signal

import zendesk_orm


#: signal -> the test of what it tells, and one of when it tells nothing.
TESTS = {
    "cache_hit": (
        "test_cache.py::test_a_kept_row_that_answers_is_announced",
        "test_cache.py::test_what_is_never_kept_is_neither",
    ),
    "cache_miss": (
        "test_cache.py::test_a_row_that_is_not_kept_is_announced",
        "test_cache.py::test_queries_look_nothing_up",
    ),
    "class_prepared": (
        "test_models.py::test_declaring_a_model_is_announced",
        "test_models.py::test_a_model_that_cannot_be_declared_is_not_announced",
    ),
    "job_finished": (
        "test_bulk.py::test_jobs_are_announced_when_they_have_ended",
        "test_bulk.py::test_what_is_changed_without_a_job_announces_none",
    ),
    "job_progress": (
        "test_bulk.py::test_jobs_are_announced_while_they_run",
        "test_bulk.py::test_a_job_that_is_done_at_the_first_look_makes_no_progress",
    ),
    "m2m_changed": (
        "test_members.py::test_m2m_changed_is_sent_before_and_after",
        "test_members.py::test_a_receiver_can_stop_it",
    ),
    "post_bulk": (
        "test_bulk.py::test_the_end_of_a_bulk_operation_is_announced",
        "test_bulk.py::test_an_operation_that_sends_nothing_is_not_announced",
    ),
    "post_delete": (
        "test_deleting.py::test_a_delete_is_announced_when_it_was_answered",
        "test_deleting.py::test_a_refused_delete_is_not_announced_as_done",
    ),
    "post_init": (
        "test_models.py::test_the_making_of_an_object_is_announced_after",
        "test_models.py::test_an_object_that_cannot_be_made_is_not_announced_as_made",
    ),
    "post_save": (
        "test_saving.py::test_a_save_is_announced_when_it_was_answered",
        "test_saving.py::test_a_refused_save_is_not_announced_as_done",
    ),
    "pre_delete": (
        "test_deleting.py::test_a_delete_is_announced_before_it_is_sent",
        "test_deleting.py::test_what_was_never_saved_cannot_be_deleted",
    ),
    "pre_init": (
        "test_models.py::test_the_making_of_an_object_is_announced_before",
        "test_models.py::test_rows_that_are_read_are_not_announced_as_made",
    ),
    "pre_save": (
        "test_saving.py::test_a_save_is_announced_before_it_is_sent",
        "test_saving.py::test_a_save_without_a_change_is_not_announced",
    ),
    "rate_limited": (
        "test_requests.py::test_a_limit_is_announced",
        "test_requests.py::test_what_is_not_sent_again_announces_no_wait",
    ),
    "request_finished": (
        "test_requests.py::test_a_request_is_announced_when_it_has_ended",
        "test_requests.py::test_what_sends_nothing_announces_nothing",
    ),
    "request_started": (
        "test_requests.py::test_a_request_is_announced_before_it_goes_out",
        "test_requests.py::test_what_sends_nothing_announces_nothing",
    ),
    "retrying": (
        "test_requests.py::test_a_second_sending_is_announced",
        "test_requests.py::test_what_is_not_sent_again_announces_no_wait",
    ),
    "value_ignored": (
        "test_saving.py::test_a_value_that_was_not_kept_is_told",
        "test_saving.py::test_values_that_were_kept_are_not_told",
    ),
}

FOLDER = Path(__file__).parent


def _public():
    named = {name: getattr(zendesk_orm, name) for name in zendesk_orm.__all__}
    return {name: each for name, each in named.items() if isinstance(each, Signal)}


def _arguments(text):
    """Return the names of a list of arguments, without what is said of them in brackets."""
    names = re.sub(r"\([^)]*\)|=\{[^}]*\}|[`.]", "", text).split(",")
    return {name.strip() for name in names} - {"", "sender"}


def test_each_signal_is_tested():
    """A signal that is added is added to the table above."""
    assert set(_public()) == set(TESTS)


@pytest.mark.parametrize("signal", TESTS)
def test_the_tests_of_a_signal_exist(signal):
    """They are functions of this folder, which speak of the signal."""
    for place in TESTS[signal]:
        file, _, name = place.partition("::")
        text = (FOLDER / file).read_text(encoding="utf-8")
        found = {each.name: each for each in ast.parse(text).body if hasattr(each, "name")}

        assert signal in ast.get_source_segment(text, found[name]) + _marks(text, found[name])


def _marks(text, function):
    return "".join(ast.get_source_segment(text, each) for each in function.decorator_list)


@pytest.mark.parametrize("signal", TESTS)
def test_the_documentation_names_the_arguments_of_a_signal(signal):
    """Those that stand in the docstring of the signal."""
    page = (FOLDER.parents[1] / "docs" / "signals.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{signal}` \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    _, _, told = getattr(zendesk_orm, signal).__doc__.partition("Arguments:")

    assert _arguments(told) == _arguments(row)
