"""Every public signal is documented, and has tests of when it is sent and when it is not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from blinker import Signal

import zendesk_orm


#: By signal: a test of the arguments that it sends, and one of a case where it is not sent.
TESTS = {
    "cache_hit": (
        "test_cache.py::test_a_cached_row_sends_cache_hit",
        "test_cache.py::test_models_without_a_cache_send_neither_signal",
    ),
    "cache_miss": (
        "test_cache.py::test_a_row_that_is_not_cached_sends_cache_miss",
        "test_cache.py::test_queries_send_neither_signal",
    ),
    "class_prepared": (
        "test_models.py::test_class_prepared_is_sent_once",
        "test_models.py::test_an_invalid_model_sends_no_class_prepared",
    ),
    "job_finished": (
        "test_bulk.py::test_job_finished_is_sent_after_objects_are_updated",
        "test_bulk.py::test_a_save_sends_no_signals_of_jobs",
    ),
    "job_progress": (
        "test_bulk.py::test_job_progress_is_sent_for_each_poll",
        "test_bulk.py::test_a_job_that_ends_at_once_sends_no_progress",
    ),
    "m2m_changed": (
        "test_members.py::test_m2m_changed_is_sent_before_and_after",
        "test_members.py::test_a_receiver_of_m2m_changed_can_veto",
    ),
    "post_bulk": (
        "test_bulk.py::test_post_bulk_is_sent_once",
        "test_bulk.py::test_an_operation_without_requests_sends_no_signal",
    ),
    "post_delete": (
        "test_deleting.py::test_post_delete_is_sent_after_the_response",
        "test_deleting.py::test_a_rejected_delete_sends_no_post_delete",
    ),
    "post_init": (
        "test_models.py::test_post_init_is_sent_with_the_object",
        "test_models.py::test_an_invalid_object_sends_no_post_init",
    ),
    "post_save": (
        "test_saving.py::test_post_save_is_sent_after_the_object_is_updated",
        "test_saving.py::test_a_rejected_save_sends_no_post_save",
    ),
    "pre_delete": (
        "test_deleting.py::test_pre_delete_is_sent_before_the_request",
        "test_deleting.py::test_deleting_an_unsaved_object_sends_no_signal",
    ),
    "pre_init": (
        "test_models.py::test_pre_init_is_sent_with_keywords",
        "test_models.py::test_rows_that_are_read_send_no_signals",
    ),
    "pre_save": (
        "test_saving.py::test_pre_save_is_sent_before_the_request",
        "test_saving.py::test_a_save_without_changes_sends_no_signal",
    ),
    "query_finished": (
        "test_queries.py::test_a_query_sends_both_signals",
        "test_queries.py::test_an_empty_query_sends_no_signal",
    ),
    "query_started": (
        "test_queries.py::test_a_query_sends_both_signals",
        "test_queries.py::test_an_empty_query_sends_no_signal",
    ),
    "rate_limited": (
        "test_requests.py::test_rate_limited_is_sent_before_retrying",
        "test_requests.py::test_a_request_without_retries_sends_no_wait",
    ),
    "remote_changed": (
        "test_remote.py::test_remote_changed_is_sent_with_old_and_new_values",
        "test_remote.py::test_a_creation_sends_no_remote_changed",
    ),
    "remote_created": (
        "test_remote.py::test_remote_created_is_sent_with_the_object",
        "test_remote.py::test_a_deletion_sends_only_remote_deleted",
    ),
    "remote_deleted": (
        "test_remote.py::test_remote_deleted_is_sent_with_the_object",
        "test_remote.py::test_a_deletion_sends_only_remote_deleted",
    ),
    "request_finished": (
        "test_requests.py::test_request_finished_is_sent_after_the_response",
        "test_requests.py::test_operations_without_requests_send_no_signals",
    ),
    "request_started": (
        "test_requests.py::test_request_started_is_sent_before_the_request",
        "test_requests.py::test_operations_without_requests_send_no_signals",
    ),
    "retrying": (
        "test_requests.py::test_retrying_is_sent_before_the_wait",
        "test_requests.py::test_a_request_without_retries_sends_no_wait",
    ),
    "value_ignored": (
        "test_saving.py::test_value_ignored_is_sent_once",
        "test_saving.py::test_accepted_values_send_no_value_ignored",
    ),
    "webhook_received": (
        "test_webhooks.py::test_webhook_received_is_sent_with_the_payload",
        "test_webhooks.py::test_a_forged_request_sends_no_webhook_received",
    ),
}

FOLDER = Path(__file__).parent


def _list_public_signals():
    exports = {name: getattr(zendesk_orm, name) for name in zendesk_orm.__all__}
    return {name: value for name, value in exports.items() if isinstance(value, Signal)}


def _parse_argument_names(text):
    """Return the names in a list of arguments, without remarks in parentheses."""
    names = re.sub(r"\([^)]*\)|=\{[^}]*\}|[`.]", "", text).split(",")
    return {name.strip() for name in names} - {"", "sender"}


def test_each_signal_is_tested():
    """Every public signal has an entry in the table of tests."""
    assert set(_list_public_signals()) == set(TESTS)


@pytest.mark.parametrize("signal", TESTS)
def test_the_tests_of_a_signal_exist(signal):
    """The tests of a signal exist in this folder and mention the signal."""
    for test_id in TESTS[signal]:
        file, _, name = test_id.partition("::")
        text = (FOLDER / file).read_text(encoding="utf-8")
        functions = {node.name: node for node in ast.parse(text).body if hasattr(node, "name")}

        assert signal in ast.get_source_segment(text, functions[name]) + _join_decorators(
            text, functions[name]
        )


def _join_decorators(text, function):
    return "".join(ast.get_source_segment(text, decorator) for decorator in function.decorator_list)


@pytest.mark.parametrize("signal", TESTS)
def test_the_documentation_names_the_arguments_of_a_signal(signal):
    """The documentation lists the arguments that the docstring of the signal lists."""
    page = (FOLDER.parents[1] / "docs" / "signals.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{signal}` \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    _, _, arguments = getattr(zendesk_orm, signal).__doc__.partition("Arguments:")

    assert _parse_argument_names(arguments) == _parse_argument_names(row)
