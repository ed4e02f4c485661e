"""What jobs there are, by the name of their work."""

from __future__ import annotations

from collections.abc import Mapping

from zendesk_orm.emulator import (
    account_collections,
    assets,
    bulk,
    deleted,
    imports,
    job_queue,
    record_jobs,
    ruling_routing,
    spam,
    ticket_merge,
    ticket_suspended,
    upserts,
)
from zendesk_orm.emulator.job_queue import Work
from zendesk_orm.emulator.world import World


WORKS: Mapping[str, Work] = {
    account_collections.WORK: account_collections.work,
    assets.WORK: assets.work,
    "bulk": bulk.work,
    "import": imports.work,
    "merge": ticket_merge.work,
    "purge": deleted.purge,
    "records": record_jobs.work,
    ruling_routing.WORK: ruling_routing.work,
    "spam": spam.work,
    ticket_suspended.WORK: ticket_suspended.work,
    "upsert users": upserts.work,
}


def settle(world: World) -> None:
    """Bring the jobs up to now."""
    job_queue.settle(world, WORKS)
