"""Apps, their installations, and the order of installations."""

from __future__ import annotations

import pytest

from zendesk_orm import BadRequest, BulkError, InvalidValue, TicketField, Unprocessable
from zendesk_orm.emulator.apps.packages import build_package
from zendesk_orm.support import App, AppInstallation, AppJob, AppLocation, AppLocationInstallation


_REQUIREMENTS = {"ticket_fields": {"order": {"type": "text", "title": "Order"}}}


@pytest.fixture
def app(account):
    """Build an app that requires a ticket field."""
    return App.objects.build(build_package("Orders", _REQUIREMENTS), name="Orders")


def test_an_app_is_built_and_rebuilt(account, count_requests):
    """An upload, a build, its job and the app take one request each."""
    with count_requests(account, 4):
        app = App.objects.build(build_package("Orders"), name="Orders", short_description="New")
    assert (app.name, app.version, app.short_description) == ("Orders", "1.0", "New")
    with count_requests(account, 2):
        assert list(App.objects.all()) == list(App.objects.filter(owned=True)) == [app]
    with count_requests(account, 4):
        app.rebuild(build_package("Orders 2"))
    assert app.name == "Orders"
    with count_requests(account, 1):
        app.notify("order_changed", {"order": 5}, agent=7)
    app.delete()
    assert list(App.objects.all()) == []


def test_a_failed_build_raises_with_its_reason(account):
    """The job of a failed build has the status 404, and its message is part of the error."""
    with pytest.raises(BulkError, match="Cannot unzip the package"):
        App.objects.build(b"PK", name="Broken")
    with pytest.raises(BadRequest, match="Cannot unzip the package"):
        App.objects.validate(b"PK")
    App.objects.validate(build_package("Orders"))
    job = App.objects.start_build(App.objects.upload(build_package("Other")), name="Other")
    assert (job.wait().app.name, job.progress, job.total) == ("Other", 1, 1)
    with pytest.raises(AppJob.DoesNotExist):
        AppJob(id="none").wait()


def test_an_installation_creates_its_requirements(account, app, count_requests):
    """An installation is created, awaited, changed and removed, with relations both ways."""
    with count_requests(account, 1):
        installation = app.installations.create(settings={"name": "Shop"})
    assert installation.pending_installation is True
    with count_requests(account, 2):
        assert installation.wait() is installation
    assert (installation.pending_installation, installation.app) == (False, app)
    assert installation.pending_job.installation == installation
    with count_requests(account, 1):
        (requirement,) = installation.requirements.all()
    assert (requirement.identifier, requirement.installation) == ("order", installation)
    assert requirement.target == TicketField.objects.get(title="Order")

    installation.settings["name"] = "Orders"
    installation.enabled = False
    with count_requests(account, 1):
        installation.save()
    (listed,) = AppInstallation.objects.all()
    assert (listed.settings, listed.enabled) == ({"name": "Orders"}, False)
    assert list(app.installations.all()) == [installation]
    installation.delete()
    assert list(app.installations.all()) == []


def test_invalid_installations_raise(account, app):
    """Zendesk rejects the installation of an app that does not exist; events need a name."""
    with pytest.raises(Unprocessable, match="app_id"):
        AppInstallation.objects.create(app=App(id=7), settings={})
    with pytest.raises(InvalidValue, match="name of an event"):
        app.notify("")


def test_installations_are_ordered_at_locations(account, app, count_requests):
    """The order at a location is set in one request, and listed."""
    one, two = (app.installations.create(settings={"name": name}) for name in "ab")
    with count_requests(account, 1):
        order = AppLocationInstallation.objects.reorder("ticket_sidebar", [two, one])

    assert order.installations == [two.pk, one.pk]
    assert list(AppLocationInstallation.objects.all()) == [order]
    assert "ticket_sidebar" in {location.name for location in AppLocation.objects.all()}
