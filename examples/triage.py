"""Support triage: escalates new tickets, and notifies the team by receivers.

The program runs on the embedded Zendesk. For a real account, replace `connect("emulator://...")` by
`connect(subdomain=..., oauth=...)`. With `--oauth`, the embedded Zendesk listens on a socket and
rejects requests without a valid token, and the program signs in.
"""

from __future__ import annotations

import sys
from typing import Any

from zendesk_orm import (
    ClientCredentials,
    Comment,
    Group,
    Organization,
    Q,
    Ticket,
    User,
    connect,
    post_bulk,
    post_save,
    receiver,
)
from zendesk_orm.emulator import Emulator


@receiver(post_save, sender=Ticket, when=Q(priority="urgent"))
def page_someone(sender: Any, instance: Ticket, changes: dict[str, Any], **kwargs: Any) -> None:
    """Page an agent when a ticket becomes urgent."""
    if "priority" in changes:
        before, now = changes["priority"]
        print(f"  paged: {instance.subject!r} went from {before} to {now}")


@receiver(post_bulk, sender=Ticket)
def report(sender: Any, action: str, result: Any, **kwargs: Any) -> None:
    """Print the result of a bulk operation, which sends one signal for all rows."""
    print(f"  {action}: {len(result)} tickets in {len(result.jobs)} jobs")


def triage() -> None:
    """Escalate tickets of VIP customers, and assign printer tickets to Hardware."""
    new = Ticket.objects.filter(status="new")
    for ticket in new.select_related("requester", "organization"):
        if ticket.organization and "vip" in ticket.organization.tags:
            ticket.priority = "urgent"
            ticket.comment = Comment(body=f"{ticket.requester.name} is waiting.", public=False)
            ticket.save()

    hardware = Group.objects.get(name="Hardware")
    misrouted = Ticket.objects.filter(tags="printer", status__in=["open", "pending", "hold"])
    misrouted.exclude(group=hardware).update(group=hardware)


def naive(using: str) -> None:
    """Do the same with one request per link and per ticket."""
    for ticket in Ticket.objects.using(using).filter(status="new").page_size(100):
        requester = User.objects.using(using).get(ticket.requester_id)
        if ticket.organization_id is None:
            continue
        if "vip" in Organization.objects.using(using).get(ticket.organization_id).tags:
            ticket.priority = "urgent"
            ticket.comment = Comment(body=f"{requester.name} is waiting.", public=False)
            ticket.save()

    hardware = Group.objects.using(using).get(name="Hardware")
    misrouted = Ticket.objects.using(using).filter(
        tags="printer", status__in=["open", "pending", "hold"]
    )
    for ticket in misrouted.exclude(group=hardware).page_size(100):
        ticket.group = hardware
        ticket.save()


def main() -> None:
    """Triage an inbox and a copy of it, and compare the number of requests."""
    if "--oauth" in sys.argv[1:]:
        triage_as_server()
        return
    account = connect("emulator://?seed=demo")
    print("Query for new tickets:")
    print(Ticket.objects.filter(status="new").select_related("requester").explain())
    print("\nTriage:")
    triage()

    loop = connect("emulator://?seed=demo", alias="naive", cache_seconds={User: 0, Organization: 0})
    with post_save.muted():
        naive("naive")
    print(f"\n{account.requests_sent} requests; a naive loop makes {loop.requests_sent}.")


def triage_as_server() -> None:
    """Triage over a socket, on an emulator that checks tokens, as an OAuth client."""
    with Emulator(seed="demo", oauth="strict") as zendesk, zendesk.serve(port=0) as server:
        client = zendesk.oauth_client
        account = connect(
            base_url=server.url,
            oauth=ClientCredentials(client.identifier, client.secret, scope="read write"),
        )
        print(f"Triage at {server.url} as {account.transport.credentials!r}:")
        triage()
        tokens = len(zendesk.token_requests)
        print(f"\n{account.requests_sent} API requests and {tokens} token requests.")


if __name__ == "__main__":
    main()
