"""Results of jobs that update tickets one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.jobs import JobSpec, describe_error, run_items
from zendesk_orm.emulator.server.errors import HTTPError


def run_updates(
    context: Context, spec: JobSpec, update: Callable[[Any], Any], error_name: str
) -> list[dict[str, Any]]:
    """Call `update` with each id of a job, and return one result for each.

    Args:
        context: the account.
        spec: the job; its items are ids.
        update: updates the row of an id, and returns the id.
        error_name: the `error` of results for ids that could not be updated.
    """

    def build_result(index: int, pk: Any) -> dict[str, Any]:
        return {"action": "update", "status": "Updated", "success": True, "id": pk}

    def build_error(index: int, pk: Any, error: HTTPError) -> dict[str, Any]:
        return {"index": index, "error": error_name, "id": pk, "details": describe_error(error)}

    return run_items(context, enumerate(spec.items), update, build_result, build_error)
