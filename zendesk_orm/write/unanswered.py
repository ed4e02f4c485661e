"""Outcomes of objects whose request led to no job, or whose job was lost."""

from __future__ import annotations

from typing import Any

from zendesk_orm.errors import ApiError, ZendeskError
from zendesk_orm.http.retry import may_be_applied
from zendesk_orm.write.outcomes import TOLD, Outcome


def refused(each: Any, error: ZendeskError) -> Outcome:
    """Return the outcome of an object whose request did not lead to a job."""
    name, said = type(error).__name__, str(error)
    if may_be_applied(error) and not is_queue_full(error):
        return unknown(each, name, f"{said}; it may have been done all the same; {TOLD}")
    return Outcome(each, each.pk, ok=False, error=name, details=said)


def unknown(each: Any, error: str, details: str) -> Outcome:
    """Return the outcome of an object that was sent, and may have been done or not."""
    return Outcome(each, each.pk, ok=False, error=error, details=details, state="unknown")


def is_queue_full(error: ZendeskError) -> bool:
    """Return True if too many jobs are queued; the status of that answer is not documented."""
    if not isinstance(error, ApiError):
        return False
    return error.code == "TooManyJobs" or "jobs are currently queued" in error.description
