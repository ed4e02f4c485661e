"""Tasks for zenpy: those of its user guide, and the kinds of calls that programs use."""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tasks import Tasks


url = urlsplit(sys.argv[1])
os.environ |= {"ZENPY_FORCE_NETLOC": url.netloc, "ZENPY_FORCE_SCHEME": url.scheme}

from zenpy import Zenpy  # noqa: E402 - it reads the environment
from zenpy.lib.api_objects import (  # noqa: E402
    Automation,
    Brand,
    Comment,
    Group,
    GroupMembership,
    Identity,
    Macro,
    Organization,
    OrganizationField,
    OrganizationMembership,
    RecipientAddress,
    Request,
    Ticket,
    TicketField,
    Trigger,
    User,
    UserField,
    View,
    Webhook,
)
from zenpy.lib.api_objects.help_centre_objects import (  # noqa: E402
    Article,
    Category,
    Section,
    Topic,
    Translation,
)
from zenpy.lib.exception import APIException, RecordNotFoundException  # noqa: E402


z = Zenpy(subdomain="emulator", email="owner@example.com", token="emulated")
# Cached objects hide the changes that other calls make.
z.disable_caching()
tasks = Tasks()
now = dt.datetime.now(dt.timezone.utc)
month = now - dt.timedelta(days=30)
state = {}


def finish(job):
    """Wait for a job, and return its results; [] if they are no list."""
    for _ in range(100):
        status = z.job_status(id=job.id)
        if status.status == "completed":
            results = status.to_dict()["results"]
            return results if isinstance(results, list) else []
        assert status.status in {"queued", "working"}, status.status
        time.sleep(0.1)
    raise AssertionError("the job does not end")


def check(value):
    """Fail unless a value is true."""
    assert value, repr(value)
    return value


# -- the guide ----------------------------------------------------------------


@tasks.add
def search_between():
    """Search tickets created between two dates, with a negated word."""
    results = z.search(
        "printer",
        created_between=[month, now],
        type="ticket",
        minus="negated",
        sort_by="created_at",
    )
    rows = list(results)
    check(rows)
    check(all("printer" in f"{row.subject} {row.description}".lower() for row in rows))


@tasks.add
def search_sorted():
    """Search in an order."""
    rows = list(z.search(type="ticket", status="open", sort_by="created_at", sort_order="asc"))
    dates = [row.created_at for row in rows]
    check(dates == sorted(dates))
    check(len(rows) == z.search(type="ticket", status="open").count)


@tasks.add
def search_comparisons():
    """Search with comparisons of times, status and priority."""
    for words in (
        {"created_after": month},
        {"created_before": month},
        {"status_less_than": "solved"},
        {"priority_greater_than": "normal"},
        {"tags": ["printer", "hardware"]},
    ):
        check(z.search(type="ticket", **words).count)


@tasks.add
def search_count_and_export():
    """Count results, and export them."""
    count = z.search_export("printer", type="ticket")
    check(len(list(count)) == z.search("printer", type="ticket").count)


@tasks.add
def list_all():
    """Read all users, organizations, groups, tickets and views."""
    check(len(list(z.users())) == 400)
    check(len(list(z.organizations())) >= 60)
    check(len(list(z.groups())) >= 8)
    check(len(list(z.tickets())) > 2000)
    check(list(z.views()))


@tasks.add
def by_ids():
    """Read objects by one id and by several."""
    users = [user.id for user in list(z.users())[:5]]
    check(z.users(id=users[0]).id == users[0])
    check([user.id for user in z.users(ids=users)] == users)
    check(len(list(z.tickets(ids=[1, 2, 3]))) == 3)
    state["users"] = users


@tasks.add
def filtered_users():
    """Read users of a role."""
    check({user.role for user in z.users(role=["agent", "admin"])} == {"agent", "admin"})


@tasks.add
def secondary_lists():
    """Read comments, audits, metrics and users of a ticket, and the organizations of a user."""
    ticket = z.tickets(id=2999)
    check([comment.body for comment in z.tickets.comments(ticket=ticket.id)])
    check(list(z.tickets.audits(ticket.id)))
    check(z.tickets.metrics(ticket.id))
    check(ticket.requester.id == ticket.requester_id)
    list(z.users.organizations(ticket.requester_id))
    check(list(z.users.requested(ticket.requester_id)))
    list(z.users.assigned(state["users"][0]))
    list(z.users.cced(state["users"][0]))
    list(z.users.groups(state["users"][1]))


@tasks.add
def create_update_user():
    """Create a user, and update it."""
    user = z.users.create(User(name="John Doe", email="john@doe.example"))
    user.role, user.phone = "agent", "123 434 333"
    check(z.users.update(user).role == "agent")
    state["john"] = user.id


@tasks.add
def assign_results_of_a_search():
    """Assign new tickets to a user, and get audits."""
    user = z.users(id=state["john"])
    rows = [
        ticket for ticket, _ in zip(z.search(type="ticket", status="new"), range(3), strict=False)
    ]
    for ticket in check(rows):
        ticket.assignee = user
        audit = z.tickets.update(ticket)
        check(audit.ticket.assignee_id == user.id)
        check(audit.audit.events)


@tasks.add
def delete_assigned():
    """Delete the tickets of an assignee, which are results by name."""
    for ticket in check(list(z.search(type="ticket", assignee="John Doe"))):
        z.tickets.delete(ticket)
    check([ticket.id for ticket, _ in zip(z.tickets.deleted(), range(3), strict=False)])


@tasks.add
def bulk():
    """Create, update and delete tickets in jobs."""
    job = z.tickets.create([Ticket(subject=f"T{n}", description="Bulk") for n in range(20)])
    ids = [result["id"] for result in finish(job)]
    check(len(ids) == 20)
    rows = list(z.tickets(ids=ids))
    for ticket in rows:
        ticket.priority = "urgent"
    finish(z.tickets.update(rows))
    check({ticket.priority for ticket in z.tickets(ids=ids)} == {"urgent"})
    z.tickets.delete(rows)
    check(z.job_status())


@tasks.add
def incremental():
    """Export users, organizations and tickets by time and by cursor."""
    users = z.users.incremental(start_time=month - dt.timedelta(days=300))
    check(len(list(users)) >= 399)
    organizations = z.organizations.incremental(start_time=1)
    check(len(list(organizations)) >= 60)
    check(organizations.end_time)
    tickets = z.tickets.incremental(start_time=month, paginate_by_time=True)
    check(list(tickets))
    check(tickets.end_time)
    rows = z.tickets.incremental(start_time=month, paginate_by_time=False)
    check(list(rows))
    list(z.tickets.incremental(cursor=check(rows.after_cursor), paginate_by_time=False))


@tasks.add
def slices():
    """Read slices of a list by number."""
    rows = z.tickets(cursor_pagination=False)
    check(
        [ticket.id for ticket in rows[200:210]]
        == [ticket.id for ticket in list(z.tickets())[200:210]]
    )


@tasks.add
def audits_by_cursor():
    """Read the audits of all tickets from a cursor, in both directions."""
    audits = z.tickets.audits(cursor_pagination=False)
    first = [audit.id for audit, _ in zip(audits, range(50), strict=False)]
    check(len(set(first)) == 50)


@tasks.add
def sideloads():
    """Side-load users, whose objects cost no request."""
    check([ticket.submitter.name for ticket in list(z.tickets(include=["users"]))[:3]])
    check(z.tickets(id=2998, include="users").requester.name)


@tasks.add
def me():
    """Read the user of the credentials, twice."""
    check(z.users(id=z.users.me().id).email == "owner@example.com")


# -- tickets ------------------------------------------------------------------


@tasks.add
def new_requester():
    """Create a ticket for an unknown requester, with custom fields and tags."""
    field = next(field for field in z.ticket_fields() if field.type == "text")
    audit = z.tickets.create(
        Ticket(
            subject="Hello",
            comment=Comment(body="Help", public=True),
            requester=User(name="New Person", email="new.person@example.net"),
            custom_fields=[{"id": field.id, "value": "A-1"}],
            tags=["one", "two"],
        )
    )
    ticket = z.tickets(id=audit.ticket.id)
    check(ticket.requester.email == "new.person@example.net")
    check({item["id"]: item["value"] for item in ticket.custom_fields}[field.id] == "A-1")
    check(ticket.tags == ["one", "two"])
    state["ticket"] = ticket.id


@tasks.add
def private_comment():
    """Add a private comment with an attachment, and read both."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "note.txt")
        path.write_text("attached")
        upload = z.attachments.upload(str(path), target_name="note.txt")
        ticket = z.tickets(id=state["ticket"])
        ticket.comment = Comment(body="See file", public=False, uploads=[upload.token])
        z.tickets.update(ticket)
        comment = list(z.tickets.comments(ticket=ticket.id))[-1]
        check(not comment.public)
        attachment = check(comment.attachments)[0]
        target = z.attachments.download(attachment.id, folder)
        check(Path(target).read_text() == "attached")


@tasks.add
def tags():
    """Add, set and remove tags of a ticket, and of a user."""
    for api, pk in ((z.tickets, state["ticket"]), (z.users, state["john"])):
        check("c" in [str(tag) for tag in api.add_tags(pk, ["c"])])
        check([str(tag) for tag in api.set_tags(pk, ["d", "e"])] == ["d", "e"])
        check([str(tag) for tag in api.delete_tags(pk, ["d"])] == ["e"])


@tasks.add
def merge():
    """Merge tickets."""
    other = z.tickets.create(Ticket(subject="Twin", description="Same")).ticket
    job = z.tickets.merge(target=state["ticket"], source=[other.id])
    finish(job)
    check(z.tickets(id=other.id).status == "closed")


@tasks.add
def spam_and_restore():
    """Delete, restore and permanently delete a ticket."""
    ticket = z.tickets.create(Ticket(subject="Spam", description="Buy")).ticket
    z.tickets.delete(ticket)
    z.tickets.restore(ticket.id)
    check(z.tickets(id=ticket.id).subject == "Spam")
    z.tickets.delete(ticket)
    finish(z.tickets.permanently_delete(ticket))


@tasks.add
def ticket_lists():
    """Read tickets of organizations, recent ones, incidents, collaborators, skips and fields."""
    organization = next(iter(z.organizations()))
    list(z.tickets.organizations(organization.id))
    list(z.tickets.recent())
    list(z.tickets.incidents(2500))
    list(z.ticket_metrics())
    list(z.tickets.metrics_incremental(start_time=month))
    list(z.skips())
    check(list(z.ticket_fields()))
    check(list(z.ticket_forms()))
    check(z.tickets.events(start_time=month, include=["comment_events"]))


@tasks.add
def events():
    """Export ticket events with comments."""
    check(next(iter(z.tickets.events(start_time=month, include="comment_events"))).child_events)


@tasks.add
def imports():
    """Import a ticket, and several."""
    check(
        z.ticket_import.create(
            Ticket(subject="Old", requester_id=z.users.me().id, description="Old")
        )
    )
    job = z.ticket_import.create(
        [Ticket(subject=f"Old {n}", requester_id=z.users.me().id, description="x") for n in (1, 2)]
    )
    check(len(finish(job)) == 2)


@tasks.add
def requests_():
    """Create a request, and read its comments."""
    request = z.requests.create(
        Request(
            subject="Please",
            comment={"body": "Help me"},
        )
    )
    check([comment.body for comment in z.requests.comments(request.id)])
    list(z.requests.open())
    list(z.requests.solved())
    list(z.requests.search("Please"))
    request.comment = Comment(body="More")
    check(z.requests.update(request))


@tasks.add
def suspended():
    """Read suspended tickets."""
    list(z.suspended_tickets())


@tasks.add
def ratings():
    """Read satisfaction ratings."""
    list(z.satisfaction_ratings())
    list(z.satisfaction_ratings(score="received", sort_order="desc"))


# -- people -------------------------------------------------------------------


@tasks.add
def users_in_bulk():
    """Create users in a job, create or update one, and delete them."""
    job = z.users.create([User(name=f"Bulk {n}", email=f"bulk{n}@example.net") for n in range(5)])
    ids = [result["id"] for result in finish(job)]
    again = z.users.create_or_update(User(name="Bulk zero", email="bulk0@example.net"))
    check(again.id == ids[0])
    finish(z.users.delete(list(z.users(ids=ids))))
    check(ids[1] in {user.id for user in z.users.deleted()})
    z.users.permanently_delete(ids[1])


@tasks.add
def user_details():
    """Read memberships, requests, tags, related counts and identities of a user."""
    pk = state["john"]
    list(z.users.group_memberships(pk))
    list(z.users.organization_memberships(pk))
    list(z.users.requests(id=pk))
    check(z.users.related(pk))
    identity = z.users.identities.create(pk, Identity(type="email", value="j2@doe.example"))
    z.users.identities.verify(pk, identity.id)
    z.users.identities.make_primary(pk, identity.id)
    rows = list(z.users.identities(id=pk))
    check({row.value: row.primary for row in rows})
    check(len(rows) == len(z.users.identities(id=pk)))
    check(identity.id in {row.id for row in rows if row.primary})
    check(z.users.identities.show(pk, identity.id).value == "j2@doe.example")


@tasks.add
def user_search():
    """Search users by text and by external id."""
    check([user.id for user in z.users.search("j2@doe.example")] == [state["john"]])
    check(list(z.users.search(external_id="user-100")))


@tasks.add
def merge_users():
    """Merge two end users."""
    one, two = (
        z.users.create(User(name=f"Merge {n}", email=f"merge{n}@example.net")) for n in (1, 2)
    )
    check(z.users.merge(one, two).id == two.id)


@tasks.add
def organizations():
    """Create, find, update and delete organizations."""
    created = z.organizations.create(
        Organization(name="Foreign Inc", external_id="f-1", domain_names=["f.example"])
    )
    check([row.id for row in z.organizations(external_ids=["f-1"])] == [created.id])
    created.notes = "Note"
    check(z.organizations.update(created).notes == "Note")
    check(
        z.organizations.create_or_update(Organization(name="Foreign Inc", external_id="f-1")).id
        == created.id
    )
    list(z.organizations.organization_memberships(created.id))
    list(z.organizations.requests(id=created.id))
    list(z.organizations.users(created.id)) if hasattr(z.organizations, "users") else None
    state["organization"] = created.id
    job = z.organizations.create([Organization(name=f"Bulk {n}") for n in range(3)])
    check(len(finish(job)) == 3)


@tasks.add
def memberships():
    """Create and delete memberships of groups and organizations."""
    group = z.groups.create(Group(name="Foreign", description="x"))
    created = z.group_memberships.create(GroupMembership(user_id=state["john"], group_id=group.id))
    check(created.id in {item.id for item in z.group_memberships()})
    z.group_memberships.delete(created)
    user = z.users.create(User(name="Member", email="member@example.net"))
    created = z.organization_memberships.create(
        OrganizationMembership(user_id=user.id, organization_id=state["organization"])
    )
    z.organization_memberships.delete(created)
    list(z.groups.memberships(group.id)) if hasattr(z.groups, "memberships") else None
    z.groups.delete(group)


@tasks.add
def fields():
    """Create, update and delete fields of tickets, users and organizations."""
    for api, kind in (
        (z.ticket_fields, TicketField),
        (z.user_fields, UserField),
        (z.organization_fields, OrganizationField),
    ):
        created = api.create(kind(type="text", title="Foreign", key="foreign"))
        created.title = "Foreign 2"
        check(api.update(created).title == "Foreign 2")
        api.delete(created)


# -- rules --------------------------------------------------------------------


CONDITIONS = {"all": [{"field": "status", "operator": "is", "value": "new"}], "any": []}
ACTIONS = [{"field": "priority", "value": "high"}]


@tasks.add
def rules():
    """Create, update and delete triggers, automations, macros and views."""
    hours = [
        {"field": "status", "operator": "is", "value": "pending"},
        {"field": "PENDING", "operator": "is", "value": "24"},
    ]
    for api, created in (
        (z.triggers, Trigger(title="Foreign", conditions=CONDITIONS, actions=ACTIONS)),
        (
            z.automations,
            Automation(title="Foreign", all=hours, actions=[{"field": "status", "value": "open"}]),
        ),
        (z.macros, Macro(title="Foreign", actions=ACTIONS)),
        (z.views, View(title="Foreign", all=CONDITIONS["all"], output={"columns": ["status"]})),
    ):
        row = api.create(created)
        row.title = "Foreign 2"
        check(api.update(row).title == "Foreign 2")
        check(row.id in {item.id for item in api()})
        api.delete(row)


@tasks.add
def views():
    """Read active and compact views, and execute, count and export one."""
    view = next(iter(z.views.active()))
    list(z.views.compact())
    check(z.views.execute(view.id) is not None)
    list(z.views.tickets(view.id))
    z.views.count(view.id)
    list(z.views.search("tickets"))
    z.views.export(view.id)


@tasks.add
def macros_applied():
    """Show the changes of a macro to a ticket."""
    macro = z.macros.create(Macro(title="Apply", actions=ACTIONS))
    effect = z.tickets.show_macro_effect(state["ticket"], macro.id)
    check(effect.ticket.priority == "high")


@tasks.add
def dynamic_content():
    """Read dynamic content, and the definitions of SLA policies."""
    list(z.dynamic_content())
    list(z.sla_policies())
    z.sla_policies.definitions()


@tasks.add
def webhooks():
    """Create, update, test and delete a webhook."""
    created = z.webhooks.create(
        Webhook(
            name="Foreign",
            endpoint="https://example.com/hook",
            http_method="POST",
            request_format="json",
            status="inactive",
            subscriptions=["conditional_ticket_events"],
        )
    )
    created.name = "Foreign 2"
    z.webhooks.update(created.id, created)
    check(z.webhooks(id=created.id).name == "Foreign 2")
    check(z.webhooks.show_secret(created).secret)
    check(list(z.webhooks(filter="Foreign")))
    z.webhooks.delete(created)


@tasks.add
def account_lists():
    """Read brands, locales, roles, statuses, tags, jobs, schedules and other lists."""
    for name in (
        *("activities", "automations", "brands", "custom_agent_roles", "custom_statuses"),
        *("locales", "organization_fields", "recipient_addresses"),
        *("sharing_agreements", "tags", "targets", "user_fields"),
    ):
        list(getattr(z, name)())


@tasks.add
def brand():
    """Create, update and delete a brand and a support address."""
    created = z.brands.create(Brand(name="Foreign", subdomain="foreign1"))
    created.name = "Foreign 2"
    check(z.brands.update(created).name == "Foreign 2")
    address = z.recipient_addresses.create(
        RecipientAddress(name="Help", email="help@foreign1.zendesk.com", brand_id=created.id)
    )
    z.recipient_addresses.delete(address)
    z.brands.delete(created)


# -- other products -------------------------------------------------------------


@tasks.add
def help_center():
    """Create categories, sections, articles and translations, and read them."""
    center = z.help_center
    category = center.categories.create(Category(name="Foreign", locale="en-us"))
    section = center.sections.create(
        Section(name="Foreign", locale="en-us", category_id=category.id)
    )
    group = next(iter(center.permission_groups())) if hasattr(center, "permission_groups") else None
    article = center.articles.create(
        section.id,
        Article(
            title="Foreign",
            body="<p>Text</p>",
            locale="en-us",
            permission_group_id=group.id if group else None,
        ),
    )
    article.title = "Foreign 2"
    center.articles.update(article)
    translation = Translation(title="Foreign 3", locale="en-us")
    center.articles.update_translation(article.id, translation)
    check(next(iter(center.articles.translations(article.id))).title == "Foreign 3")
    check(article.id in {row.id for row in center.articles()})
    check(article.id in {row.id for row in center.sections.articles(section)})
    list(center.categories.sections(category.id))
    list(center.articles.incremental(start_time=month))
    list(center.articles.search("Foreign"))
    list(center.articles.comments(article.id))
    list(center.articles.labels(article))
    list(center.labels())
    list(center.user_segments())
    center.sections.delete(section)
    center.categories.delete(category)


@tasks.add
def community():
    """Create a topic, and read topics and posts."""
    topic = z.help_center.topics.create(Topic(name="Foreign"))
    check(topic.id in {row.id for row in z.help_center.topics()})
    list(z.help_center.posts())
    z.help_center.topics.delete(topic)


@tasks.add
def talk():
    """Read phone numbers, and the incremental exports of calls and legs."""
    list(z.talk.phone_numbers())
    # It follows the link of the last page, which Zendesk sends, too, for ever.
    check(next(iter(z.talk.calls.incremental(start_time=month))).id)
    check(next(iter(z.talk.legs.incremental(start_time=month))).id)
    z.talk.current_queue_activity()
    z.talk.account_overview()
    list(z.talk.agents_activity())


@tasks.add
def errors():
    """Raise errors for missing objects and too many values."""
    try:
        z.tickets(id=99_999_999)
    except RecordNotFoundException:
        pass
    else:
        raise AssertionError("no error for a missing ticket")
    try:
        z.tickets.create([Ticket(subject="x", description="y") for _ in range(101)])
    except APIException:
        return
    raise AssertionError("no error for 101 tickets")


tasks.run()
