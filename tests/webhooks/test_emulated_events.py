"""Every event that the emulator sends reaches receivers with the right model, id and values."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import (
    Comment,
    Group,
    GroupMembership,
    Organization,
    OrganizationField,
    OrganizationMembership,
    Ticket,
    TicketField,
    Upload,
    User,
    UserField,
    UserIdentity,
    Webhook,
    WebhookReceiver,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)
from zendesk_orm.emulator.webhooks import events, ticket_events
from zendesk_orm.emulator.webhooks.publishing import publish_changes
from zendesk_orm.help_center import Article, Category, PermissionGroup, Post, Section, Topic
from zendesk_orm.support.webhooks.event_names import NAMES, short_name


HOOK = "https://hooks.example.com/zendesk"


class Recorder:
    """The changes that webhooks of the emulator have announced.

    Attributes:
        changes: the changes by the name of the event.
        statuses: the statuses of the responses.
    """

    def __init__(self, emulator):
        self.emulator = emulator
        self.changes = {}
        self.statuses = []
        webhook = Webhook.objects.subscribe(HOOK, sorted(NAMES))
        # The account of the tests makes the changes, which another one receives.
        account = emulator.connect("receiver")
        self._receiver = WebhookReceiver(webhook.signing_secret(), account)
        emulator.receive(HOOK, self._receive)

    def _receive(self, request):
        reply = self._receiver.handle(request.body or b"", request.headers, request.method)
        self.statuses.append(reply.status)
        return reply.status

    def note(self, sender, instance, change, **kwargs):
        """Remember a change, whose object must be the one that it is about."""
        assert (type(instance), instance.pk) == (change.model, change.pk)
        assert sender is change.model
        self.changes[short_name(change.payload["type"])] = change

    def take(self):
        """Return the changes since the last call, by event: kind, model, id and values."""
        self.emulator.wait_for_webhooks()
        changes = {
            name: (change.kind, change.model, change.pk, dict(change.changes))
            for name, change in self.changes.items()
        }
        self.changes.clear()
        assert set(self.statuses) <= {200}
        return changes

    def write(self, record, **values):
        """Change values of a row of the emulator, also those that no request can change."""
        context = self.emulator._context
        meta = record._meta
        with publish_changes(context):
            stored = context.store.get_row(meta.label, record.pk)
            context.write(meta, {**stored.doc, **values}, parent=stored.parent)


@pytest.fixture
def recorder(zendesk):
    """Return a recorder of all events."""
    recorder = Recorder(zendesk)
    receiver([remote_created, remote_changed, remote_deleted])(recorder.note)
    return recorder


#: For each field of an event: a value on the wire, and the new value that receivers get.
MOMENT = "2026-01-02T03:04:05Z"
TICKET_VALUES = {
    "assignee_id": (7, 7),
    "brand_id": (8, 8),
    "custom_status_id": (9, 9),
    "description": ("It burns", "It burns"),
    "external_id": ("A-1", "A-1"),
    "ticket_form_id": (10, 10),
    "group_id": (11, 11),
    "organization_id": (12, 12),
    "priority": ("urgent", "urgent"),
    "problem_id": (13, 13),
    "requester_id": (14, 14),
    "status": ("pending", "pending"),
    "subject": ("Fire", "Fire"),
    "submitter_id": (15, 15),
    "due_at": (MOMENT, datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
    "type": ("incident", "incident"),
}
USER_VALUES = {
    "active": (False, False),
    "alias": ("kay", "kay"),
    "custom_role_id": (7, 7),
    "default_group_id": (8, 8),
    "details": ("d", "d"),
    "external_id": ("U-1", "U-1"),
    "last_login_at": (MOMENT, datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
    "name": ("Kay", "Kay"),
    "notes": ("n", "n"),
    "only_private_comments": (True, True),
    "photo": ({"id": 5}, None),
    "role": ("agent", "agent"),
    "suspended": (True, True),
    "time_zone": ("Berlin", "Berlin"),
}


@pytest.fixture
def ticket(zendesk):
    """Return a ticket."""
    return Ticket.objects.create(subject="x", comment=Comment(body="x"))


@pytest.fixture
def user(zendesk):
    """Return an end user."""
    return User.objects.create(name="Kim", email="kim@example.com")


@pytest.mark.slow
def test_fields_of_tickets(ticket, recorder):
    """Each changed field of a ticket is announced with its old and its new value."""
    old = {name: getattr(ticket, name) for name in TICKET_VALUES}
    assert set(TICKET_VALUES) == set(ticket_events._FIELDS)
    recorder.write(ticket, **{name: wire for name, (wire, _) in TICKET_VALUES.items()})

    expected = {
        f"ticket.{ticket_events._FIELDS[name]}": (
            "changed",
            Ticket,
            ticket.pk,
            {name: (old[name], new)},
        )
        for name, (_, new) in TICKET_VALUES.items()
    }
    assert recorder.take() == expected


@pytest.mark.slow
def test_lists_of_tickets(ticket, recorder, user):
    """Tags have all members before and after; followers and CCs the difference."""
    recorder.write(ticket, tags=["a", "b"], email_cc_ids=[7], follower_ids=[8, 9])
    recorder.take()
    recorder.write(ticket, tags=["b", "c"], email_cc_ids=[], follower_ids=[9, user.pk])

    assert {name: change[3] for name, change in recorder.take().items()} == {
        "ticket.tags_changed": {"tags": (["b", "a"], ["b", "c"])},
        "ticket.email_ccs_changed": {"email_cc_ids": ([7], [])},
        "ticket.followers_changed": {"follower_ids": ([8], [user.pk])},
    }


def test_custom_fields(ticket, user, recorder):
    """Custom fields are announced by their titles, and as part of all fields of a ticket."""
    field = TicketField.objects.create(title="Floor", type="integer")
    UserField.objects.create(title="Since", key="since", type="date")
    OrganizationField.objects.create(title="VIP", key="vip", type="checkbox")
    organization = Organization.objects.create(name="Acme")
    recorder.take()
    ticket.custom["Floor"] = 5
    ticket.save()
    floors = recorder.take()["ticket.custom_field_changed"]
    recorder.write(user, user_fields={"since": "2026-01-02"})
    recorder.write(organization, organization_fields={"vip": True})
    others = recorder.take()

    assert floors == (
        "changed",
        Ticket,
        ticket.pk,
        {
            "custom_fields": ([{"id": field.pk, "value": None}], [{"id": field.pk, "value": 5}]),
            "Floor": (None, 5),
        },
    )
    assert others["user.custom_field_changed"][3]["Since"][1].isoformat() == "2026-01-02"
    assert others["organization.custom_field_changed"][3] == {"VIP": (False, True)}


@pytest.mark.slow
def test_the_life_of_a_ticket(zendesk, recorder):
    """Creation, comments, deletion and restoration of a ticket are announced."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    assert recorder.take() == {"ticket.created": ("created", Ticket, ticket.pk, {})}

    added = ticket.comments.create(body="my secret")
    comments = recorder.take()["ticket.comment_added"]
    comment = ticket.comments.all()[1]
    comment.redact("secret")
    redacted = recorder.take()["ticket.comment_redacted"][3]["comment"]
    comment.make_private()
    private = recorder.take()["ticket.comment_made_private"][3]["comment"]
    assert added is not None
    assert comments == (
        "changed",
        Ticket,
        ticket.pk,
        {
            "comment": (
                None,
                {
                    "id": comment.pk,
                    "body": "my secret",
                    "public": True,
                    "author_id": comment.author_id,
                },
            )
        },
    )
    assert redacted[1]["body"].startswith("my ▇")
    assert (private[0]["public"], private[1]["public"]) == (True, False)

    recorder.write(ticket, satisfaction_rating={"score": "offered"})
    recorder.write(ticket, satisfaction_rating={"score": "good"})
    assert set(recorder.take()) == {"ticket.csat_requested", "ticket.csat_received"}

    ticket.delete()
    assert recorder.take() == {"ticket.soft_deleted": ("deleted", Ticket, ticket.pk, {})}
    Ticket.deleted.all()[0].restore()
    restored = recorder.take()["ticket.undeleted"]
    assert restored == ("changed", Ticket, ticket.pk, {"status": ("deleted", "new")})
    Ticket.objects.get(ticket.pk).delete()
    recorder.take()
    Ticket.deleted.all()[0].destroy()
    assert recorder.take() == {"ticket.permanently_deleted": ("deleted", Ticket, ticket.pk, {})}


def test_attachments(zendesk, ticket, recorder):
    """The attachment of a new comment is announced with the comment."""
    upload = Upload.objects.upload(b"text", filename="a.txt")
    ticket.comments.create(body="see", uploads=[upload])
    comment = ticket.comments.all()[1]

    change = recorder.take()["ticket.attachment_linked_to_comment"][3]["comment"][1]
    assert change["id"] == comment.pk
    assert change["attachment"]["filename"] == "a.txt"
    assert change["attachment"]["id"] == comment.attachments[0].pk


@pytest.mark.slow
def test_users(zendesk, user, recorder):
    """Each changed field of a user, and its identities and memberships, are announced."""
    assert set(USER_VALUES) == set(events._USER_FIELDS)
    recorder.write(user, **{name: wire for name, (wire, _) in USER_VALUES.items()})
    changes = recorder.take()
    assert set(changes) == {f"user.{name}" for name in events._USER_FIELDS.values()}
    for name, (_, new) in USER_VALUES.items():
        kind, model, pk, values = changes[f"user.{events._USER_FIELDS[name]}"]
        assert (kind, model, pk, list(values)) == ("changed", User, user.pk, [name])
        assert name == "photo" or values[name][1] == new

    recorder.write(user, tags=["vip"])
    assert recorder.take() == {
        "user.tags_changed": ("changed", User, user.pk, {"tags": ([], ["vip"])})
    }
    recorder.write(user, active=True, role="end-user", suspended=False)
    recorder.take()

    organization = Organization.objects.create(name="Acme")
    group, agent = (
        Group.objects.create(name="G"),
        User.objects.create(name="Ada", email="ada@example.com", role="agent"),
    )
    recorder.take()
    membership = OrganizationMembership.objects.create(user=user, organization=organization)
    seat = GroupMembership.objects.create(user=agent, group=group)
    identity = UserIdentity.objects.create(user=user, type="email", value="kay@example.com")
    seen = recorder.take()
    membership.delete()
    seat.delete()
    identity.delete()
    seen |= recorder.take()
    user.delete()
    seen |= recorder.take()
    assert {
        "user.organization_membership_created",
        "user.organization_membership_deleted",
        "user.group_membership_created",
        "user.group_membership_deleted",
        "user.identity_created",
        "user.identity_deleted",
    } <= set(seen)
    assert seen["user.deleted"] == ("deleted", User, user.pk, {})
    assert seen["user.group_membership_created"][2] == agent.pk


def test_organizations(zendesk, recorder):
    """The life of an organization is announced."""
    organization = Organization.objects.create(name="Acme")
    created = recorder.take()
    organization.name, organization.external_id = "Apex", "O-1"
    organization.tags.append("vip")
    organization.save()
    changed = recorder.take()
    organization.delete()

    pk = organization.pk
    assert created == {"organization.created": ("created", Organization, pk, {})}
    assert {name: change[3] for name, change in changed.items()} == {
        "organization.name_changed": {"name": ("Acme", "Apex")},
        "organization.external_id_changed": {"external_id": (None, "O-1")},
        "organization.tags_changed": {"tags": ([], ["vip"])},
    }
    assert recorder.take() == {"organization.deleted": ("deleted", Organization, pk, {})}


@pytest.mark.slow
def test_help_centers(zendesk, recorder):
    """Articles and posts, with their comments, votes and subscriptions, are announced."""
    category = Category.objects.create(name="General", locale="en-us")
    section = Section.objects.create(category=category, name="FAQ", locale="en-us")
    permissions = PermissionGroup.objects.create(name="Writers")
    article = Article.objects.create(
        section=section, title="Printers", locale="en-us", draft=True, permission_group=permissions
    )
    recorder.take()
    recorder.write(article, draft=False)
    recorder.write(article, author_id=7)
    changed = recorder.take()
    assert changed["article.published"] == (
        "changed",
        Article,
        article.pk,
        {"draft": (True, False)},
    )
    assert changed["article.author_changed"][3] == {"author_id": (article.author_id, 7)}
    about = follow(article, recorder, {"locale": "en-us"}, {"source_locale": "en-us"})
    recorder.write(article, draft=True)
    about |= recorder.take()
    assert about["article.unpublished"][3] == {"draft": (False, True)}
    assert set(about) >= {
        f"article.{name}"
        for name in (
            "comment_created",
            "comment_changed",
            "comment_unpublished",
            "vote_created",
            "vote_changed",
            "vote_removed",
            "subscription_created",
            "unpublished",
        )
    }

    topic = Topic.objects.create(name="Cameras")
    post = topic.posts.create(title="Which tripod?", details="For low light")
    assert recorder.take()["community_post.created"] == ("created", Post, post.pk, {})
    post.title = "Which?"
    post.save()
    about = follow(post, recorder, {}, {})
    post.delete()
    about |= recorder.take()
    assert set(about) >= {
        f"community_post.{name}"
        for name in (
            "changed",
            "comment_created",
            "comment_changed",
            "comment_unpublished",
            "vote_created",
            "vote_changed",
            "vote_removed",
            "subscription_created",
            "unpublished",
        )
    }
    assert {change[1:3] for change in about.values()} == {(Post, post.pk)}


def follow(item, recorder, comment_values, subscription):
    """Comment on an article or a post, vote for it, subscribe to it, and return the changes."""
    comment = item.comments.create(body="Thanks", **comment_values)
    comment.body = "Thank you"
    comment.save()
    comment.delete()
    item.vote_up()
    item.vote_down().delete()
    item.subscriptions.create(**subscription)
    return recorder.take()
