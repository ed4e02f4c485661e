"""What comes from elsewhere, or goes there: X, pushed content, Jira, integrations, devices."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.support.kept import keep
from zendesk_orm import (
    BadRequest,
    ChannelResource,
    Comment,
    Integration,
    InvalidValue,
    JiraLink,
    MonitoredTwitterHandle,
    NotFound,
    NpsResponse,
    PushNotificationDevice,
    ResourceCollection,
    Ticket,
    TrialAccount,
    User,
    ValidationError,
)
from zendesk_orm.http.request import Request


TOKEN = "T0KEN-do-not-show"


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def handle(account, emulator):
    """A handle of X's."""
    row = {"id": 211, "screen_name": "@acme", "twitter_user_id": 7, "brand_id": None}
    keep(emulator, MonitoredTwitterHandle, row)
    return MonitoredTwitterHandle.objects.get(211)


def test_a_tweet_becomes_a_ticket(account, handle, count_requests):
    """Zendesk does not tell which."""
    with count_requests(account, 1):
        assert handle.create_ticket(8_605_426_295) is None
    (ticket,) = Ticket.objects.fresh()
    assert "Tweet 8605426295" == ticket.subject


def test_what_became_of_tweets_is_told(account, count_requests):
    """Of a comment, or of several."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    (comment,) = ticket.comments.all()
    with count_requests(account, 2):
        assert [comment.pk] == [
            each["id"] for each in MonitoredTwitterHandle.objects.statuses(comment)
        ]
        several = MonitoredTwitterHandle.objects.statuses(comment.pk, [comment.pk, 5])
    assert [comment.pk, 5] == [each["id"] for each in several]


def test_content_is_pushed(account, count_requests):
    """And each thing has its own outcome."""
    things = [{"external_id": "a", "message": "Hello"}, {"external_id": "b", "message": "Bye"}]
    with count_requests(account, 3):
        found = ChannelResource.objects.push(TOKEN, things)
        ChannelResource.objects.validate_token(TOKEN)
        ChannelResource.objects.report_error(TOKEN, "a", "could not be delivered")
    assert [("a", "success"), ("b", "success")] == [
        (each.external_resource_id, each.status["code"]) for each in found
    ]


def test_nothing_is_not_pushed(account, count_requests):
    """And neither for nobody; before anything is sent, and without a word of the token."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="one resource"):
            ChannelResource.objects.push(TOKEN, [])
        with pytest.raises(InvalidValue, match="instance_push_id"):
            ChannelResource.objects.validate_token("")
        with account.dry_run(quiet=True) as diff:
            ChannelResource.objects.push(TOKEN, [{"external_id": "a"}])
    assert TOKEN not in str(diff)


def test_a_ticket_is_linked_to_an_issue(account, count_requests):
    """And found by either."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    with count_requests(account, 5):
        link = JiraLink.objects.create(
            ticket_id=str(ticket.pk), issue_id="5460", issue_key="TEST-1"
        )
        assert [link] == list(JiraLink.objects.filter(ticket_id=str(ticket.pk)))
        assert [link] == list(JiraLink.objects.filter(issue_id="5460"))
        assert ticket is link.ticket
        # An empty page is the last.
        assert [link] == list(JiraLink.objects.all())

    link.delete()
    assert [] == list(JiraLink.objects.all())


def test_an_integration_is_registered_and_installed(account, count_requests, sent):
    """At the account's host, but not of its API."""
    with count_requests(account, 4):
        integration = Integration.objects.register("acme_orders", "Orders of Acme")
        assert integration is integration.upload_bundle({"name": "x", "resources": {"a": {}}})
        integration.install("spec")
        integration.uninstall("zis:acme_orders:job_spec:spec")

    assert ("acme_orders", "Orders of Acme") == (integration.pk, integration.description)
    assert "/api/services/zis/registry/acme_orders" == sent[0].path
    assert [("job_spec_name", "zis:acme_orders:job_spec:spec")] == list(sent[2].params)
    assert sent[2].params == sent[3].params
    assert integration.zendesk_oauth_client["secret"] not in repr(integration)


def test_an_integration_that_is_known_is_gone_on_with(account, count_requests):
    """By its name alone."""
    Integration.objects.register("acme_orders")
    with count_requests(account, 1):
        Integration(id="acme_orders").install("spec")
    with pytest.raises(NotFound):
        Integration(id="other").install("spec")


@pytest.mark.parametrize("name", ["Acme", "a b", "", "x" * 65])
def test_a_bad_name_is_refused(account, count_requests, name):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="a-z"):
        Integration.objects.register(name)
    with count_requests(account, 0), pytest.raises(InvalidValue, match="resources"):
        Integration(id="x").upload_bundle({})


def test_devices_hear_no_more(account, count_requests, sent):
    """A hundred in a request; their tokens are not shown."""
    with count_requests(account, 2):
        PushNotificationDevice.objects.unregister(*(f"{TOKEN}{n}" for n in range(101)))
    assert [100, 1] == [len(each.json["push_notification_devices"]) for each in sent]
    assert TOKEN not in repr(sent)

    with pytest.raises(InvalidValue, match="tokens"):
        PushNotificationDevice.objects.unregister()


def test_resources_are_made_changed_and_deleted_together(account):
    """In jobs that are waited for."""
    payload = {"triggers": {"mine": {"title": "x"}}, "ticket_fields": {"own": {"title": "y"}}}
    job = ResourceCollection.objects.install(payload)
    (collection,) = ResourceCollection.objects.all()

    assert ["mine", "own"] == [each["identifier"] for each in job.results]
    assert ["mine", "own"] == [each["identifier"] for each in collection.resources]
    collection.change({"triggers": {"other": {"title": "x"}}})
    assert ["other"] == [each["identifier"] for each in collection.resources]
    assert (1, {"support.ResourceCollection": 1}) == collection.delete()
    assert [] == list(ResourceCollection.objects.all())


@pytest.mark.parametrize("payload", [{}, None, ["triggers"]])
def test_what_describes_no_resources_is_refused(account, count_requests, payload):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="kind and name"):
        ResourceCollection.objects.install(payload)


def test_an_account_is_opened_on_trial(account, count_requests):
    """If its subdomain is free; the owner's password is shown by nothing."""
    owner = {"name": "Ann", "email": "ann@acme.com", "password": TOKEN}
    asked = {"name": "Acme", "subdomain": "acme", "help_desk_size": "Large group"}
    with count_requests(account, 2):
        assert TrialAccount.objects.is_available("acme")
        made = TrialAccount.objects.open(asked, owner=owner, phone="555")
    assert ("Acme", "https://acme.zendesk.com") == (made.name, made.url)

    with account.dry_run(quiet=True) as diff:
        TrialAccount.objects.open(asked, owner=owner, phone="555")
    assert TOKEN not in str(diff)
    assert not TrialAccount.objects.is_available("zendesk")
    with pytest.raises(ValidationError, match="not available"):
        TrialAccount.objects.open({**asked, "subdomain": "zendesk"}, owner=owner, phone="555")
    with pytest.raises(InvalidValue, match="letters and digits"):
        TrialAccount.objects.is_available("a-b")


def test_what_somebody_answered_is_exported(account, emulator, count_requests):
    """Of surveys that are long over."""
    me = User.objects.me()
    row = {
        "id": 1,
        "user_id": me.pk,
        "survey_id": 1,
        "rating": 9,
        "updated_at": "2023-01-01T00:00:00Z",
    }
    keep(emulator, NpsResponse, row)
    since = datetime(2023, 1, 1, tzinfo=timezone.utc)
    with count_requests(account, 1):
        (found,) = NpsResponse.objects.filter(changed_since=since)
    assert (me, 9) == (found.user, found.rating)


def test_a_call_that_lacks_something_is_refused(account):
    """By Zendesk, where only it knows."""
    with pytest.raises(BadRequest):
        account.current().send(Request("POST", "/api/v2/any_channel/push", json={}))
