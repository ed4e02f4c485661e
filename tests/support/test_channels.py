"""Channels and integrations:

X, pushed content, Jira, ZIS, devices, resource collections, trials.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.support.seeding import seed_rows
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
def handle(account, emulator):
    """Create a monitored handle of X."""
    row = {"id": 211, "screen_name": "@acme", "twitter_user_id": 7, "brand_id": None}
    seed_rows(emulator, MonitoredTwitterHandle, row)
    return MonitoredTwitterHandle.objects.get(211)


def test_a_tweet_becomes_a_ticket(account, handle, count_requests):
    """`create_ticket()` creates a ticket from a tweet; Zendesk does not return the ticket."""
    with count_requests(account, 1):
        assert handle.create_ticket(8_605_426_295) is None
    (ticket,) = Ticket.objects.fresh()
    assert ticket.subject == "Tweet 8605426295"


def test_statuses_of_tweets_are_returned(account, count_requests):
    """`statuses()` returns the statuses of one comment or of several."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    (comment,) = ticket.comments.all()
    with count_requests(account, 2):
        assert [status["id"] for status in MonitoredTwitterHandle.objects.statuses(comment)] == [
            comment.pk
        ]
        several = MonitoredTwitterHandle.objects.statuses(comment.pk, [comment.pk, 5])
    assert [row["id"] for row in several] == [comment.pk, 5]


def test_each_pushed_resource_has_an_outcome(account, count_requests):
    """Pushing resources returns an outcome for each of them."""
    resources = [{"external_id": "a", "message": "Hello"}, {"external_id": "b", "message": "Bye"}]
    with count_requests(account, 3):
        outcomes = ChannelResource.objects.push(TOKEN, resources)
        ChannelResource.objects.validate_token(TOKEN)
        ChannelResource.objects.report_error(TOKEN, "a", "could not be delivered")
    assert [(outcome.external_resource_id, outcome.status["code"]) for outcome in outcomes] == [
        ("a", "success"),
        ("b", "success"),
    ]


def test_a_push_requires_resources_and_a_token(account, count_requests):
    """Missing resources or an empty token raise `InvalidValue`, and a dry run hides the token."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="one resource"):
            ChannelResource.objects.push(TOKEN, [])
        with pytest.raises(InvalidValue, match="instance_push_id"):
            ChannelResource.objects.validate_token("")
        with account.dry_run(quiet=True) as diff:
            ChannelResource.objects.push(TOKEN, [{"external_id": "a"}])
    assert TOKEN not in str(diff)


def test_a_ticket_is_linked_to_an_issue(account, count_requests):
    """A link between ticket and Jira issue is found by either of them."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    with count_requests(account, 5):
        link = JiraLink.objects.create(
            ticket_id=str(ticket.pk), issue_id="5460", issue_key="TEST-1"
        )
        assert list(JiraLink.objects.filter(ticket_id=str(ticket.pk))) == [link]
        assert list(JiraLink.objects.filter(issue_id="5460")) == [link]
        assert link.ticket is ticket
        # An empty page ends the list, so this takes two requests.
        assert list(JiraLink.objects.all()) == [link]

    link.delete()
    assert list(JiraLink.objects.all()) == []


def test_an_integration_is_registered_and_installed(account, count_requests, sent):
    """Integrations are registered and installed on the account's host, outside `/api/v2`."""
    with count_requests(account, 4):
        integration = Integration.objects.register("acme_orders", "Orders of Acme")
        assert integration.upload_bundle({"name": "x", "resources": {"a": {}}}) is integration
        integration.install("spec")
        integration.uninstall("zis:acme_orders:job_spec:spec")

    assert (integration.pk, integration.description) == ("acme_orders", "Orders of Acme")
    assert sent[0].path == "/api/services/zis/registry/acme_orders"
    assert list(sent[2].params) == [("job_spec_name", "zis:acme_orders:job_spec:spec")]
    assert sent[2].params == sent[3].params
    assert integration.zendesk_oauth_client["secret"] not in repr(integration)


def test_an_integration_is_used_by_its_name(account, count_requests):
    """An integration that is registered is used without being fetched first."""
    Integration.objects.register("acme_orders")
    with count_requests(account, 1):
        Integration(id="acme_orders").install("spec")
    with pytest.raises(NotFound):
        Integration(id="other").install("spec")


@pytest.mark.parametrize("name", ["Acme", "a b", "", "x" * 65])
def test_an_invalid_integration_is_rejected(account, count_requests, name):
    """An invalid name or an empty bundle raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="name"):
        Integration.objects.register(name)
    with count_requests(account, 0), pytest.raises(InvalidValue, match="resources"):
        Integration(id="x").upload_bundle({})


def test_devices_are_unregistered_in_chunks(account, count_requests, sent):
    """Devices are unregistered in chunks of a hundred, and no repr shows their tokens."""
    with count_requests(account, 2):
        PushNotificationDevice.objects.unregister(*(f"{TOKEN}{n}" for n in range(101)))
    assert [len(request.json["push_notification_devices"]) for request in sent] == [100, 1]
    assert TOKEN not in repr(sent)

    with pytest.raises(InvalidValue, match="token of"):
        PushNotificationDevice.objects.unregister()


def test_a_resource_collection_is_managed_by_jobs(account):
    """A resource collection is installed, changed and deleted by jobs that are waited for."""
    payload = {"triggers": {"mine": {"title": "x"}}, "ticket_fields": {"own": {"title": "y"}}}
    job = ResourceCollection.objects.install(payload)
    (collection,) = ResourceCollection.objects.all()

    assert [result["identifier"] for result in job.results] == ["mine", "own"]
    assert [resource["identifier"] for resource in collection.resources] == ["mine", "own"]
    collection.change({"triggers": {"other": {"title": "x"}}})
    assert [resource["identifier"] for resource in collection.resources] == ["other"]
    assert collection.delete() == (1, {"support.ResourceCollection": 1})
    assert list(ResourceCollection.objects.all()) == []


@pytest.mark.parametrize("payload", [{}, None, ["triggers"]])
def test_an_invalid_resource_collection_is_rejected(account, count_requests, payload):
    """A payload without resources raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="payload must be"):
        ResourceCollection.objects.install(payload)


def test_a_trial_account_is_opened(account, count_requests):
    """A trial account needs an available subdomain, and a dry run hides the owner's password."""
    owner = {"name": "Ann", "email": "ann@acme.com", "password": TOKEN}
    values = {"name": "Acme", "subdomain": "acme", "help_desk_size": "Large group"}
    with count_requests(account, 2):
        assert TrialAccount.objects.is_available("acme")
        trial = TrialAccount.objects.open(values, owner=owner, phone="555")
    assert (trial.name, trial.url) == ("Acme", "https://acme.zendesk.com")

    with account.dry_run(quiet=True) as diff:
        TrialAccount.objects.open(values, owner=owner, phone="555")
    assert TOKEN not in str(diff)
    assert not TrialAccount.objects.is_available("zendesk")
    with pytest.raises(ValidationError, match="not available"):
        TrialAccount.objects.open({**values, "subdomain": "zendesk"}, owner=owner, phone="555")
    with pytest.raises(InvalidValue, match="letters and digits"):
        TrialAccount.objects.is_available("a-b")


def test_responses_to_nps_surveys_are_exported(account, emulator, count_requests):
    """Responses to NPS surveys are exported since a time, with their users."""
    me = User.objects.me()
    row = {
        "id": 1,
        "user_id": me.pk,
        "survey_id": 1,
        "rating": 9,
        "updated_at": "2023-01-01T00:00:00Z",
    }
    seed_rows(emulator, NpsResponse, row)
    since = datetime(2023, 1, 1, tzinfo=timezone.utc)
    with count_requests(account, 1):
        (response,) = NpsResponse.objects.filter(changed_since=since)
    assert (response.user, response.rating) == (me, 9)


def test_zendesk_rejects_an_incomplete_push(account):
    """A push without the required keys raises `BadRequest`."""
    with pytest.raises(BadRequest):
        account.current().send(Request("POST", "/api/v2/any_channel/push", json={}))
