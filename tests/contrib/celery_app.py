"""A Celery application whose worker is started by test_celery.py."""

from __future__ import annotations

import os

from celery import Celery
from redis import Redis

from zendesk_orm import Group, Ticket, connect
from zendesk_orm.contrib.celery import ZendeskTask


app = Celery("tests", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_default_queue=os.environ["CELERY_QUEUE"],
)


def connect_account() -> None:
    """Connect to the emulator of the tests."""
    connect(base_url=os.environ["EMULATOR_URL"], email="me@acme.com", token="emulated")


connect_account()


@app.task(base=ZendeskTask)
def count_groups() -> int:
    """Return the number of groups."""
    return Group.objects.count()


@app.task(base=ZendeskTask, max_rate_limits=1)
def count_groups_twice_at_most() -> int:
    """Return the number of groups; fail after the second rate limit."""
    return Group.objects.count()


@app.task(base=ZendeskTask, bind=True)
def read_tickets(self, key: str) -> None:
    """Add the ids of all tickets to a list; a retry continues after the last ticket of the list."""
    tickets = Ticket.objects.fresh().page_size(10)
    with Redis.from_url(os.environ["REDIS_URL"]) as client:
        for ticket in tickets if self.resume is None else tickets.resume(self.resume):
            client.rpush(key, ticket.pk)


@app.task
def ping() -> str:
    """Return at once."""
    return "pong"
