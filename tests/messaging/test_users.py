"""Users, their clients and devices, and apps with their integrations and keys."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import (
    BadRequest,
    Conflict,
    FieldError,
    InvalidValue,
    PermissionDenied,
)
from zendesk_orm import (
    User as SupportUser,
)
from zendesk_orm.emulator.seeds import new_account
from zendesk_orm.messaging import (
    App,
    AppKey,
    Device,
    Integration,
    User,
)


def test_users_are_found_by_ids_of_other_systems(account, user, count_requests):
    """A user is found by the id, the external id or the e-mail address, in one request each."""
    user.profile.email = "ann@example.com"
    user.save()

    with count_requests(account, 3):
        assert User.objects.get(id=user.pk) == user
        assert User.objects.get(external_id="42") == user
        assert User.objects.get(email="ann@example.com") == user
    for values in ({"id": "5c93"}, {"external_id": "43"}):
        with pytest.raises(User.DoesNotExist):
            User.objects.get(**values)


def test_users_are_created_once(account, user, count_requests):
    """`get_or_create()` and `update_or_create()` find users by their external ids."""
    with count_requests(account, 1):
        assert User.objects.get_or_create(external_id="42") == (user, False)
    created, is_new = User.objects.get_or_create(external_id="43")
    assert (created.external_id, is_new) == ("43", True)

    changed, is_new = User.objects.update_or_create(
        external_id="43", defaults={"metadata": {"plan": "gold"}}
    )

    assert (changed, changed.metadata, is_new) == (created, {"plan": "gold"}, False)


def test_parts_of_a_profile_are_changed(user, sent):
    """The edit of a value in the profile sends the profile, in camel case."""
    user.profile.avatar_url = "https://example.com/ann.png"
    user.save()

    assert sent[-1].json == {
        "profile": {
            "givenName": "Ann",
            "surname": "Lee",
            "avatarUrl": "https://example.com/ann.png",
        }
    }
    assert User.objects.get(id=user.pk).profile.given_name == "Ann"
    with pytest.raises(FieldError, match="given_name"):
        user.profile.givenName = "x"


def test_an_external_id_belongs_to_one_user(user):
    """A second user with the same external id is a conflict; the id cannot be changed."""
    with pytest.raises(Conflict):
        User.objects.create(external_id="42")
    with pytest.raises(FieldError):
        user.external_id = "43"


def test_personal_information_is_deleted(account, user, count_requests):
    """The profile, the metadata and the identities of a user are deleted with one request."""
    with count_requests(account, 1):
        user.delete_personal_information()

    assert user.profile.given_name is None
    assert user.external_id == "42"


def test_a_user_leads_to_the_user_of_support(emulator, account):
    """A user with an id of Zendesk Support leads to that user; others lead to none."""
    agent = SupportUser.objects.first()
    row = {"externalId": "1", "zendeskId": str(agent.pk)}
    created = new_account.create_row(emulator._context, User._meta, id="5c93", **row)
    user = User.from_row(created, account.current())

    assert (user.support_user, user.support_user.name) == (agent, agent.name)
    assert User(external_id="2").support_user is None


def test_clients_belong_to_a_user(account, user, conversation, bot, count_requests):
    """Clients are created with criteria, listed below their user, and deleted."""
    with count_requests(account, 2):
        client = user.clients.create(
            match_criteria={"type": "twilio", "integrationId": bot.pk, "phoneNumber": "+15145555"},
            confirmation={"type": "immediate"},
            target={"conversationId": conversation.pk},
        )
        assert list(user.clients.all()) == [client]

    assert (client.status, client.integration, client.user) == ("active", bot, user)
    assert client.delete() == (1, {"messaging.Client": 1})
    assert list(user.clients.all()) == []


def test_devices_are_read(emulator, account, user):
    """The devices of a user are listed and shown."""
    new_account.create_row(
        emulator._context, Device._meta, id="5c94", userId=user.pk, appVersion="2.1"
    )
    with emulator._store.transaction():
        stored = emulator._store.get_row("messaging.Device", "5c94")
        emulator._context.write(Device._meta, stored.doc, parent=user.pk)

    (device,) = user.devices.all()

    assert (device.app_version, device.user) == ("2.1", user)
    assert user.devices.get(id="5c94") == device


def test_the_app_of_the_account_is_read_and_changed(account, count_requests):
    """`App.objects.current()` is the app of `connect(messaging=)`; its settings are fields."""
    with count_requests(account, 1):
        app = App.objects.current()
    assert app in App.objects.all()

    app.settings = {"multi_convo_enabled": True}
    app.save()

    assert App.objects.get(id=app.pk).settings.multi_convo_enabled is True


def test_integrations_are_listed_by_type(account, bot, count_requests):
    """Integrations have values of their type, and are listed by type."""
    web = Integration.objects.create(
        type="web", display_name="Web", configuration={"brandColor": "65758e"}
    )

    with count_requests(account, 1):
        assert list(Integration.objects.filter(type="custom")) == [bot]
    assert Integration.objects.get(id=web.pk).extra == {"brandColor": "65758e"}
    with pytest.raises(InvalidValue, match="displayName"):
        Integration.objects.create(
            type="web", display_name="Web", configuration={"displayName": "x"}
        )


def test_external_ids_are_compared(account, user):
    """A user whose id is the external id that is searched for is not returned."""
    assert User.objects.filter(external_id=user.pk).first() is None
    with pytest.raises(User.DoesNotExist):
        User.objects.get(external_id=user.pk)
    other, created = User.objects.get_or_create(external_id=user.pk)
    assert (created, other == user) == (True, False)


def test_webhooks_belong_to_custom_integrations(bot):
    """Custom integrations have webhooks and keys, and other integrations do not."""
    webhook = bot.webhooks.create(
        target="https://example.com", triggers=["conversation:message"], include_full_user=True
    )
    assert (webhook.integration, webhook.version, webhook.include_full_user) == (bot, "v2", True)
    assert list(bot.webhooks.all()) == [webhook]

    with pytest.raises(InvalidValue, match="conversation:message"):
        bot.webhooks.create(target="https://example.com", triggers=["conversation:messages"])
    web = Integration.objects.create(type="web")
    with pytest.raises(PermissionDenied):
        web.webhooks.create(target="https://example.com", triggers=["user:merge"])
    with pytest.raises(BadRequest):
        web.keys.create(display_name="Key")


def test_secrets_are_hidden_and_cannot_be_assigned(bot):
    """Secrets of keys and webhooks are in no representation and in no pickle."""
    webhook = bot.webhooks.create(target="https://example.com", triggers=["user:merge"])
    for row in (
        webhook,
        AppKey.objects.create(display_name="a"),
        bot.keys.create(display_name="b"),
    ):
        assert len(row.secret) > 20
        assert row.secret not in repr(row)
        assert row.secret.encode() not in pickle.dumps(row)
        with pytest.raises(FieldError):
            row.secret = "x"
