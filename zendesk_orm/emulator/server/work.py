"""Work that an account does by itself as time passes: jobs, automations and the aging of rows."""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import jobs
from zendesk_orm.emulator.people import organizations
from zendesk_orm.emulator.rules.automations import run_due_automations
from zendesk_orm.emulator.ticket_rules.aging import age_tickets
from zendesk_orm.emulator.webhooks.publishing import publish_changes


def run_due_work(context: Context) -> None:
    """Run the jobs, merges and automations that are due, and age tickets once an hour."""
    has_hour_passed = context.now() >= context.automations_due_at
    is_merging = organizations.has_running_merges(context)
    if not (has_hour_passed or is_merging or jobs.has_pending(context)):
        return
    with publish_changes(context):
        jobs.run_due_jobs(context)
        if is_merging:
            organizations.run_due_merges(context)
        if has_hour_passed:
            run_due_automations(context)
            age_tickets(context)
