"""Apps: their packages, builds and notifications.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action, alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import DELETE, LIST, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Lookup, ReadOnly
from zendesk_orm.schema.loading import load_int, load_str
from zendesk_orm.session.action_bodies import value_of
from zendesk_orm.support.apps.jobs import AppJob
from zendesk_orm.write.files import File, outgoing
from zendesk_orm.write.forms import send_form


if TYPE_CHECKING:
    from zendesk_orm.support.apps.installations import AppInstallation

#: The field of a form that contains the package.
_PART = "uploaded_data"


class AppManager(Manager["App"]):
    """`App.objects`, which uploads and builds apps."""

    @action("POST", "apps/uploads")
    def upload(self, file: File, *, progress: Progress | None = None) -> int:
        """Upload a package, and return the id of the upload for `start_build()`.

        Args:
            file: the package, a ZIP file: a path, bytes, or a file opened for reading bytes.
            progress: a function called with the bytes sent so far and the total.

        Raises:
            InvalidValue: the file is in text mode or too large.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#upload-app-package
        """
        return send_form(
            self._session,
            self.model,
            "upload",
            outgoing(file, *_name_package(file)),
            part=_PART,
            progress=progress,
            then=lambda row: value_of(row, "id", load_int),
            in_dry_run=0,
        )

    @action("POST", "apps/validate")
    def validate(self, file: File) -> None:
        """Let Zendesk check a package, which is not stored.

        Args:
            file: see `upload()`.

        Raises:
            BadRequest: the package is invalid.
            InvalidValue, OSError: the file is invalid or cannot be read.
            ApiError, TransportError.

        Source: https://github.com/zendesk/zcli/tree/master/packages/zcli-apps
        """
        source = outgoing(file, *_name_package(file))
        send_form(
            self._session,
            self.model,
            "validate",
            source,
            part=_PART,
            then=lambda _: None,
            in_dry_run=None,
        )

    @action("POST", "apps")
    def start_build(
        self, upload: int, *, name: str, short_description: str | None = None
    ) -> AppJob:
        """Start to build a new app from an upload, and return the job.

        `job.wait()` waits for the app: `job.app`.

        Args:
            upload: the id that `upload()` returned.
            name: the name of the app.
            short_description: its description.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#create-app
        """
        body = {"name": name, "upload_id": upload}
        if short_description is not None:
            body["short_description"] = short_description
        session = self._session
        return self._call(
            "start_build",
            body,
            then=lambda data: session.refer(AppJob, value_of(data, "job_id", load_str)),
        )

    @alters_data
    @check_arguments
    def build(self, file: File, *, name: str, short_description: str | None = None) -> App:
        """Upload a package, build a new app from it, and return the app.

        ::

            app = App.objects.build("app.zip", name="Orders")

        Args:
            file, name, short_description: see `upload()` and `start_build()`.

        Raises:
            BulkError: the build failed; the message states why.
            JobTimeout: the build has not ended in time.
            InvalidValue, OSError: the file is invalid or cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        job = self.start_build(
            self.upload(file), name=name, short_description=short_description
        ).wait()
        return self.get(id=job.app_id)


class App(Model):
    """An app of the marketplace, or a private app of the account.

    ::

        app = App.objects.build("app.zip", name="Orders")
        installation = app.installations.create(settings={"name": "Orders"})
        app.rebuild("app-2.zip")
        app.notify("order_changed", {"order": 5})
    """

    objects = AppManager.as_manager()

    name: ReadOnly[str]
    version: ReadOnly[str | None]
    short_description: ReadOnly[str | None]
    long_description: ReadOnly[str | None]
    raw_long_description: ReadOnly[str | None]
    installation_instructions: ReadOnly[str | None]
    raw_installation_instructions: ReadOnly[str | None]
    remote_installation_url: ReadOnly[str | None]
    author_name: ReadOnly[str | None]
    author_email: ReadOnly[str | None]
    author_url: ReadOnly[str | None]
    app_organization: ReadOnly[dict[str, Any] | None]
    #: The id of the developer, who is no user of the account.
    owner_id: ReadOnly[int | None]
    visibility: ReadOnly[str | None]
    state: ReadOnly[str | None]
    default_locale: ReadOnly[str | None]
    framework_version: ReadOnly[str | None]
    #: The settings of installations, with `name`, `kind`, `required` and `default_value`.
    parameters: ReadOnly[list[dict[str, Any]]]
    #: The ids of `AppLocation`.
    locations: ReadOnly[list[int]]
    products: ReadOnly[list[str]]
    categories: ReadOnly[list[Any]]
    collections: ReadOnly[list[Any]]
    plans: ReadOnly[list[dict[str, Any]]]
    rating: ReadOnly[dict[str, Any] | None]
    screenshots: ReadOnly[list[Any]]
    large_icon: ReadOnly[str | None]
    small_icon: ReadOnly[str | None]
    feature_color: ReadOnly[str | None]
    installable: ReadOnly[bool]
    installation_count: ReadOnly[int | None]
    single_install: ReadOnly[bool]
    deprecated: ReadOnly[bool]
    obsolete: ReadOnly[bool]
    featured: ReadOnly[bool]
    promoted: ReadOnly[bool]
    marketing_only: ReadOnly[bool]
    paid: ReadOnly[bool]
    google_analytics_code: ReadOnly[str | None]
    stripe_publishable_key: ReadOnly[str | None]
    terms_conditions_url: ReadOnly[str | None]
    third_party_pricing: ReadOnly[dict[str, Any] | None]
    date_published: ReadOnly[datetime | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    installations: Many[AppInstallation]

    #: Only the apps that the account owns.
    owned: Lookup[Literal[True]]

    class Meta:
        enveloped = False
        api = listing(
            "apps/owned",
            key="apps",
            required=("owned",),
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        ) + resource(
            "apps",
            can=LIST | SHOW | DELETE,
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    @action("PUT", "apps/{id}")
    def start_rebuild(self, upload: int) -> AppJob:
        """Start to build the app again from an upload, and return the job.

        Args:
            upload: the id that `App.objects.upload()` returned.

        Raises:
            InvalidValue: the app was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#update-app
        """
        session = self._session()
        return self._call(
            "start_rebuild",
            {"upload_id": upload},
            then=lambda data: session.refer(AppJob, value_of(data, "job_id", load_str)),
        )

    @alters_data
    def rebuild(self, file: File) -> Self:
        """Upload a package, build the app again from it, and return the app.

        Args:
            file: see `AppManager.upload()`.

        Raises:
            BulkError: the build failed; the message states why.
            JobTimeout: the build has not ended in time.
            InvalidValue, OSError: the file is invalid or cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        upload = App.objects.using(self._session().alias).upload(file)
        self.start_rebuild(upload).wait()
        self.refresh_from_db()
        return self

    @action("POST", "apps/notify")
    def notify(
        self, event: str, body: Any = None, *, agent: support.User | int | None = None
    ) -> None:
        """Send an event to the open instances of the app.

        Args:
            event: the name of the event.
            body: a value that JSON can hold, which the app receives.
            agent: the agent, or the id, whose instances receive it; by default all.

        Raises:
            InvalidValue: the event has no name, or the agent was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#send-notification-to-app
        """
        values: dict[str, Any] = {"app_id": self.pk, "event": event}
        if agent is not None:
            values["agent_id"] = self._session().id_of("User", agent, "notify")
        if not event or not isinstance(event, str):
            raise InvalidValue("notify() requires the name of an event")
        if body is not None:
            values["body"] = body
        self._call("notify", values)


def _name_package(file: File) -> tuple[str | None, str]:
    """Return the name of a package without a path, and its MIME type."""
    return (
        "app.zip" if isinstance(file, (bytes, bytearray, memoryview)) else None
    ), "application/zip"
