"""Support triage: sort the new tickets out, and let receivers tell the team.

Runs on the embedded Zendesk. On a real account, `connect(subdomain=..., oauth=...)` takes the
place of `connect("emulator://...")`, and nothing else changes: with `--oauth`, the embedded Zendesk
listens on a socket, refuses requests without a living token, and the program signs in.
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
    """Somebody has to look at an urgent ticket now."""
    if "priority" in changes:
        before, now = changes["priority"]
        print(f"  paged: {instance.subject!r} went from {before} to {now}")


@receiver(post_bulk, sender=Ticket)
def report(sender: Any, action: str, result: Any, **kwargs: Any) -> None:
    """Bulk operations are announced once, not for each row."""
    print(f"  {action}: {len(result)} tickets in {len(result.jobs)} jobs")


def triage() -> None:
    """Escalate what important customers wrote, and hand printers to their group."""
    new = Ticket.objects.filter(status="new")
    for ticket in new.select_related("requester", "organization"):
        if ticket.organization and "vip" in ticket.organization.tags:
            ticket.priority = "urgent"
            ticket.comment = Comment(body=f"{ticket.requester.name} waits.", public=False)
            ticket.save()

    hardware = Group.objects.get(name="Hardware")
    stray = Ticket.objects.filter(tags="printer", status__in=["open", "pending", "hold"])
    stray.exclude(group=hardware).update(group=hardware)


def naive(using: str) -> None:
    """Do the same without looking ahead: follow each link, save each ticket."""
    for ticket in Ticket.objects.using(using).filter(status="new").page_size(100):
        requester = User.objects.using(using).get(ticket.requester_id)
        if ticket.organization_id is None:
            continue
        if "vip" in Organization.objects.using(using).get(ticket.organization_id).tags:
            ticket.priority = "urgent"
            ticket.comment = Comment(body=f"{requester.name} waits.", public=False)
            ticket.save()

    hardware = Group.objects.using(using).get(name="Hardware")
    stray = Ticket.objects.using(using).filter(
        tags="printer", status__in=["open", "pending", "hold"]
    )
    for ticket in stray.exclude(group=hardware).page_size(100):
        ticket.group = hardware
        ticket.save()


def main() -> None:
    """Triage one inbox, then a copy of it naively, and compare the requests."""
    if "--oauth" in sys.argv[1:]:
        triage_as_server()
        return
    account = connect("emulator://?seed=demo")
    print("How the new tickets will be asked for:")
    print(Ticket.objects.filter(status="new").select_related("requester").explain())
    print("\nTriage:")
    triage()

    loop = connect("emulator://?seed=demo", alias="naive", keep={User: 0, Organization: 0})
    with post_save.muted():
        naive("naive")
    print(f"\n{account.requests_sent} requests; a naive loop makes {loop.requests_sent}.")


def triage_as_server() -> None:
    """Do it over a socket, at a Zendesk that is strict, with the credentials of an OAuth client."""
    with Emulator(seed="demo", oauth="strict") as zendesk, zendesk.serve(port=0) as server:
        client = zendesk.oauth_client
        account = connect(
            base_url=server.url,
            oauth=ClientCredentials(client.identifier, client.secret, scope="read write"),
        )
        print(f"Triage at {server.url} as {account.transport.credentials!r}:")
        triage()
        tokens = len(zendesk.token_requests)
        print(f"\n{account.requests_sent} API requests, and {tokens} for tokens.")


if __name__ == "__main__":
    main()
