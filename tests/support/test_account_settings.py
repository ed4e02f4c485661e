"""Settings, languages, countries, and the log of who changed what."""

from __future__ import annotations

import pytest

from tests.support.kept import keep
from zendesk_orm import (
    AccountSettings,
    AuditLog,
    Country,
    DeletionSchedule,
    EmailSettings,
    FieldError,
    InvalidValue,
    Locale,
    RemoteAuthentication,
    SecuritySettings,
    SharingAgreement,
    User,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def test_settings_are_changed_part_by_part(account, count_requests):
    """Of which there is one row; the parts that did not change are not sent."""
    with count_requests(account, 2):
        settings = AccountSettings.objects.get()
        settings.branding["header_color"] = "03363D"
        settings.save()
    assert {"header_color": "03363D"} == AccountSettings.objects.get().branding


def test_settings_of_mail_are_changed(account, count_requests):
    """By a call of their own."""
    with count_requests(account, 2):
        settings = EmailSettings.objects.get()
        settings.email = {"personalized_replies": True}
        settings.save()
    assert EmailSettings.objects.get().email["personalized_replies"]


def test_security_settings_are_read(account, count_requests):
    """And not changed."""
    with count_requests(account, 1):
        settings = SecuritySettings.objects.get()
        assert {} == settings.authentication
    with pytest.raises(FieldError, match="set by Zendesk"):
        settings.assumable = True


def test_sign_in_services_are_listed(account, emulator, count_requests):
    """With the brand that they are for."""
    row = {"id": 1, "name": "JWT", "brand_id": None, "auth_mode_name": "jwt"}
    keep(emulator, RemoteAuthentication, row)
    with count_requests(account, 1):
        (found,) = RemoteAuthentication.objects.all()
    assert ("JWT", "jwt", None) == (found.name, found.auth_mode_name, found.brand)


def test_languages_are_listed(account, count_requests):
    """Of the account, of all, and of agents; and that of the caller."""
    with count_requests(account, 5):
        every = list(Locale.objects.fresh())
        assert every == Locale.objects.public() == Locale.objects.agent()
        assert "en-US" == Locale.objects.current().locale
        assert Locale.objects.detect_best() in every
    with count_requests(account, 0):
        assert {True} == {each.rtl for each in every if each.locale == "ar"}


def test_countries_are_kept(account, count_requests):
    """They are filtered here, and read once in a while."""
    with count_requests(account, 1):
        assert "49" == Country.objects.get(code="DE").calling_code


def test_agreements_are_filtered_here(account, count_requests):
    """The list is given whole."""
    made = SharingAgreement.objects.create(name="Foo", type="inbound", status="pending")
    SharingAgreement.objects.create(name="Bar", type="outbound", status="accepted")
    with count_requests(account, 1):
        assert [made] == list(SharingAgreement.objects.filter(status="pending"))
    assert "Pending" == made.get_status_display()


def test_a_schedule_deletes_by_itself(account, count_requests):
    """Its title and conditions are changed as those of any object."""
    ago = {"field": "duration_since_last_update", "operator": "greater_than", "value": "P1Y"}
    with count_requests(account, 2):
        made = DeletionSchedule.objects.create(title="Old", conditions={"all": [ago], "any": []})
        made.title = "Older"
        made.save()
    made.delete()
    assert [] == list(DeletionSchedule.objects.all())


def test_the_audit_log_is_filtered_by_zendesk(account, emulator, count_requests):
    """By what was changed, and who did it; the newest first."""
    me = User.objects.me()
    rows = [
        {"id": n, "action": action, "source_type": "user", "source_id": 5, "actor_id": me.pk,
         "created_at": f"2026-01-0{n}T00:00:00Z"}
        for n, action in ((1, "create"), (2, "destroy"))
    ]  # fmt: skip
    keep(emulator, AuditLog, *rows)
    with count_requests(account, 3):
        assert [2, 1] == [each.pk for each in AuditLog.objects.all()]
        (found,) = AuditLog.objects.filter(action="destroy", actor=me)
        assert found == AuditLog.objects.get(2)
    assert me == found.actor


def test_the_audit_log_is_mailed(account, count_requests, sent):
    """What shall be in it is asked as in a list."""
    with count_requests(account, 1):
        AuditLog.objects.export(source_type="user", source_id=5, actor=7)
    assert {
        "filter[source_type]": "user",
        "filter[source_id]": "5",
        "filter[actor_id]": "7",
    } == dict(sent[-1].params)


def test_an_id_without_its_type_is_refused(account, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="source_type"):
        AuditLog.objects.export(source_id=5)
