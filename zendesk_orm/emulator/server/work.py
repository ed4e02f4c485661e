"""Work that an account does by itself as time passes: jobs and automations."""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import jobs
from zendesk_orm.emulator.rules.automations import run_due_automations
from zendesk_orm.emulator.webhooks.publishing import publish_changes


def run_due_work(context: Context) -> None:
    """Run the jobs and automations that are due."""
    if context.now() < context.automations_due_at and not jobs.has_pending(context):
        return
    with publish_changes(context):
        jobs.run_due_jobs(context)
        run_due_automations(context)
