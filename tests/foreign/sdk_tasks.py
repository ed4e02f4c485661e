"""Tasks for python-zendesk-sdk, which is asynchronous."""

from __future__ import annotations

import sys

from tasks import Tasks
from zendesk_sdk import ZendeskClient, ZendeskConfig


class Config(ZendeskConfig):
    """The settings for an emulator: the library derives the address from the subdomain."""

    @property
    def endpoint(self):
        return f"{sys.argv[1]}/api/v2"


client = ZendeskClient(Config(subdomain="emulator", email="owner@example.com", token="emulated"))
tasks = Tasks()
state = {}


async def read(pages, limit=None):
    """Return the rows of a paginator."""
    rows = []
    async for row in pages:
        rows.append(row)
        if limit and len(rows) >= limit:
            break
    return rows


def check(value):
    """Fail unless a value is true."""
    assert value, repr(value)
    return value


@tasks.add
async def me():
    """Read the user of the credentials."""
    check((await client.users.me()).email == "owner@example.com")


@tasks.add
async def lists():
    """Read lists of users, tickets, organizations, groups, views and fields."""
    check(len(await read(client.users.list())) >= 400)
    check(len(await read(client.tickets.list(limit=250))) == 250)
    check(len(await read(client.organizations.list())) >= 60)
    check(len(await read(client.groups.list())) >= 8)
    check(await read(client.groups.list_assignable()))
    check(await read(client.groups.list_memberships()) is not None)
    check(await read(client.views.list()))
    check(await read(client.ticket_fields.list()))


@tasks.add
async def users():
    """Create, update, suspend, find and delete a user."""
    user = await client.users.create("Sdk Person", email="sdk@example.net", role="end-user")
    user = await client.users.update(user.id, name="Sdk Person 2")
    check(user.name == "Sdk Person 2")
    check((await client.users.suspend(user.id)).suspended)
    check(not (await client.users.unsuspend(user.id)).suspended)
    again = await client.users.create_or_update("Sdk Person 3", email="sdk@example.net")
    check(again.id == user.id)
    check((await client.users.get_many([user.id]))[user.id].id == user.id)
    check((await client.users.by_email("sdk@example.net")).id == user.id)
    other = await client.users.create("Twin", email="twin@example.net")
    await client.users.merge(other.id, user.id)
    await client.users.delete(user.id)
    await client.users.permanently_delete(user.id)


@tasks.add
async def bulk_users():
    """Create, update and delete users in jobs."""
    check(await client.users.create_many([{"name": "A", "email": "sdk-a@example.net"}]))
    rows = [row.id for row in await read(client.users.list(limit=3))]
    check(await client.users.update_many(rows, tags=["sdk"]))


@tasks.add
async def tickets():
    """Create, update and comment a ticket, and change its tags."""
    ticket = await client.tickets.create("Help", subject="Sdk", priority="high", tags=["a"])
    await client.tickets.update(ticket.id, status="open")
    await client.tickets.comments.add(ticket.id, "Note", public=False)
    comments = await read(client.tickets.comments.list(ticket.id))
    check([comment.body for comment in comments] == ["Help", "Note"])
    comment, _ = await client.tickets.comments.get_last(ticket.id)
    check(comment.body == "Note")
    check(await client.tickets.comments.redact(ticket.id, comments[0].id, "Help"))
    check(await client.tickets.comments.make_private(ticket.id, comments[0].id))
    check("b" in await client.tickets.tags.add(ticket.id, ["b"]))
    check(await client.tickets.tags.set(ticket.id, ["c"]) == ["c"])
    check(await client.tickets.tags.remove(ticket.id, ["c"]) == [])
    check((await client.tickets.get_many([ticket.id]))[ticket.id].subject == "Sdk")
    check((await client.tickets.get_enriched(ticket.id)).comments)
    check((await client.ticket_metrics.for_ticket(ticket.id)).ticket_id == ticket.id)
    await client.tickets.delete(ticket.id)


@tasks.add
async def relations():
    """Read the tickets of a user and of an organization."""
    ticket = await client.tickets.get(2990)
    check(await read(client.tickets.for_user(ticket.requester_id)))
    organizations = await read(client.organizations.list(limit=1))
    await read(client.tickets.for_organization(organizations[0].id))


@tasks.add
async def search():
    """Search and export tickets, users and organizations."""
    check(await read(client.search.tickets("status:open", limit=150)))
    check(await read(client.search.users("role:agent")))
    check(await read(client.search.organizations("foods")))
    check(await read(client.search.all("printer", limit=10)))
    check(len(await read(client.search.export_tickets("status:open"))) > 100)
    check(await read(client.search.export_users("role:agent")))
    check(await read(client.search.export_organizations("foods")))


@tasks.add
async def organizations():
    """Create, update, upsert and delete an organization."""
    created = await client.organizations.create("Sdk Inc", external_id="sdk-1")
    check((await client.organizations.update(created.id, notes="n")).notes == "n")
    again = await client.organizations.create_or_update("Sdk Inc", external_id="sdk-1")
    check(again.id == created.id)
    await client.organizations.delete(created.id)


@tasks.add
async def groups():
    """Create, update, count and delete groups."""
    created = await client.groups.create("Sdk", description="d")
    check((await client.groups.update(created.id, name="Sdk 2")).name == "Sdk 2")
    check(await client.groups.count() >= 9)
    await read(client.groups.list_group_members(created.id))
    await client.groups.delete(created.id)


@tasks.add
async def views():
    """Count and read views."""
    rows = await read(client.views.list())
    check(await client.views.count(rows[0].id))
    check(await client.views.count_many([row.id for row in rows]))
    check(await client.views.get_many([row.id for row in rows]))
    await read(client.views.tickets(rows[0].id))


@tasks.add
async def attachments():
    """Upload a file, attach it and download it."""
    token = await client.attachments.upload(b"bytes", "sdk.bin")
    ticket = await client.tickets.create("See file", subject="File", uploads=[token])
    comment = (await read(client.tickets.comments.list(ticket.id)))[0]
    check(await client.attachments.download(comment.attachments[0].content_url) == b"bytes")


@tasks.add
async def help_center():
    """Create, read, search and delete categories, sections and articles."""
    center = client.help_center
    category = await center.categories.create("Sdk")
    section = await center.sections.create(category.id, "Sdk")
    state["permission"] = None
    check(section.id in {row.id for row in await read(center.sections.for_category(category.id))})
    rows = await client.http_client.get("guide/permission_groups.json")
    group = check(rows["permission_groups"])[0]["id"]
    article = await center.articles.create(
        section.id, "Sdk", body="Text", permission_group_id=group, user_segment_id=None
    )
    await center.articles.update(article.id, promoted=True)
    check(article.id in {row.id for row in await read(center.articles.for_section(section.id))})
    check(await read(center.articles.list()))
    await center.articles.search("Sdk")
    await center.articles.delete(article.id)
    await center.sections.delete(section.id, force=True)
    await center.categories.delete(category.id, force=True)


tasks.run()
