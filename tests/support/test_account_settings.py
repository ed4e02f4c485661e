"""Account settings, languages, countries and the audit log."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.support.seeding import seed_rows
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


def test_only_changed_settings_are_sent(account, count_requests):
    """The settings are one row, of which only changed parts are sent."""
    with count_requests(account, 2):
        settings = AccountSettings.objects.get()
        settings.branding["header_color"] = "17494D"
        settings.save()
    assert AccountSettings.objects.get().branding["header_color"] == "17494D"


def test_email_settings_are_saved(account, count_requests):
    """Email settings are read and saved in one request each."""
    with count_requests(account, 2):
        settings = EmailSettings.objects.get()
        settings.email = {"personalized_replies": False}
        settings.save()
    assert EmailSettings.objects.get().email["personalized_replies"] is False


def test_security_settings_are_read_only(account, count_requests):
    """Security settings can be read, and an assignment raises `FieldError`."""
    with count_requests(account, 1):
        settings = SecuritySettings.objects.get()
        assert settings.authentication["agent"]["zendesk_login"] is True
    with pytest.raises(FieldError, match="set by Zendesk"):
        settings.assumable = True


def test_remote_authentications_are_listed(account, emulator, count_requests):
    """Remote authentications are listed with their brand."""
    row = {"id": 1, "name": "JWT", "brand_id": None, "auth_mode_name": "jwt"}
    seed_rows(emulator, RemoteAuthentication, row)
    with count_requests(account, 1):
        (authentication,) = RemoteAuthentication.objects.all()
    assert (authentication.name, authentication.auth_mode_name, authentication.brand) == (
        "JWT",
        "jwt",
        None,
    )


def test_locales_are_listed(account, count_requests):
    """Locales are listed for the account, the public and agents, and the caller's is found."""
    with count_requests(account, 5):
        every = list(Locale.objects.fresh())
        assert every == Locale.objects.public() == Locale.objects.agent()
        assert Locale.objects.current().locale == "en-US"
        assert Locale.objects.detect_best() in every
    with count_requests(account, 0):
        assert {row.rtl for row in every if row.locale == "ar"} == {True}


def test_countries_are_filtered_client_side(account, count_requests):
    """A filtered list of countries is read in one request."""
    with count_requests(account, 1):
        assert Country.objects.get(code="DE").calling_code == "49"


def test_sharing_agreements_are_filtered_client_side(account, count_requests):
    """The list of sharing agreements is read in one request and filtered by the library."""
    pending = SharingAgreement.objects.create(name="Foo", type="inbound", status="pending")
    SharingAgreement.objects.create(name="Bar", type="outbound", status="accepted")
    with count_requests(account, 1):
        assert list(SharingAgreement.objects.filter(status="pending")) == [pending]
    assert pending.get_status_display() == "Pending"


def test_a_deletion_schedule_is_saved(account, count_requests):
    """A deletion schedule is created, changed and deleted like any object."""
    older_than_a_year = {
        "field": "duration_since_last_update",
        "operator": "greater_than",
        "value": "P1Y",
    }
    with count_requests(account, 2):
        schedule = DeletionSchedule.objects.create(
            title="Old", conditions={"all": [older_than_a_year], "any": []}
        )
        schedule.title = "Older"
        schedule.save()
    schedule.delete()
    assert list(DeletionSchedule.objects.all()) == []


def test_the_audit_log_is_filtered_by_zendesk(account, emulator, count_requests):
    """Zendesk filters the audit log by action and actor, and lists the newest entry first."""
    me = User.objects.me()
    rows = [
        {"id": n, "action": action, "source_type": "user", "source_id": 5, "actor_id": me.pk,
         "created_at": f"2026-01-0{n}T00:00:00Z"}
        for n, action in ((1, "create"), (2, "destroy"))
    ]  # fmt: skip
    seed_rows(emulator, AuditLog, *rows)
    with count_requests(account, 3):
        assert [log.pk for log in AuditLog.objects.all()] == [2, 1]
        (entry,) = AuditLog.objects.filter(action="destroy", actor=me)
        assert AuditLog.objects.get(2) == entry
    assert entry.actor == me


def test_an_export_of_the_audit_log_sends_its_filters(account, count_requests, sent):
    """An export of the audit log is requested with the filters of the list."""
    with count_requests(account, 1):
        AuditLog.objects.request_export(source_type="user", source_id=5, actor=7)
    assert dict(sent[-1].params) == {
        "filter[source_type]": "user",
        "filter[source_id]": "5",
        "filter[actor_id]": "7",
    }


def test_an_export_of_the_audit_log_is_limited_to_a_period(account, count_requests, sent):
    """The parameter of a period is sent twice: its start, and its end, which is not earlier."""
    start, end = (datetime(2026, 1, day, tzinfo=timezone.utc) for day in (1, 31))
    with count_requests(account, 1):
        AuditLog.objects.request_export(period=(start, end))
        with pytest.raises(InvalidValue, match="period"):
            AuditLog.objects.request_export(period=(end, start))
    assert list(sent[-1].params) == [
        ("filter[created_at]", "2026-01-01T00:00:00Z"),
        ("filter[created_at]", "2026-01-31T00:00:00Z"),
    ]


def test_an_export_by_id_requires_a_type(account, count_requests):
    """`source_id` without `source_type` raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="source_type"):
        AuditLog.objects.request_export(source_id=5)
