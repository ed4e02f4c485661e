"""Themes of help centers, and the jobs that import, update and export them.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.polled_jobs import PolledJob


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

_PATH = "guide/theming/themes"
_JOBS = "guide/theming/jobs"


class ThemeManager(Manager["Theme"]):
    """`Theme.objects`, which starts imports."""

    @action("POST", f"{_JOBS}/themes/imports", key="job")
    def start_import(self, brand: support.Brand | int) -> ThemeJob:
        """Start the import of a theme for a brand, and return its job.

        The job waits for a form with the fields `job.data["upload"]["parameters"]` and, at the
        end, the file, at `job.data["upload"]["url"]`. Send it without the credentials of the
        account: the address belongs to a storage of files.

        Args:
            brand: the brand, or its id.

        Raises:
            InvalidValue: the brand was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/#create-theme-import-job
        """
        pk = self._session.id_of("Brand", brand, "start_import")
        attributes = {"brand_id": str(pk), "format": "zip"}

        def read_job(data: Any) -> ThemeJob:
            job: ThemeJob = self._session.materialize(ThemeJob, [data["job"]])[0]
            return job

        return self._call("start_import", {"job": {"attributes": attributes}}, then=read_job)


class Theme(StringIdModel):
    """The design of a help center; the live theme of a brand cannot be deleted.

    ::

        theme = Theme.objects.get(brand=brand, live=False)
        theme.publish()
        job = theme.start_export()
    """

    objects = ThemeManager.as_manager()

    name: ReadOnly[str]
    version: ReadOnly[str]
    author: ReadOnly[str]
    live: ReadOnly[bool]
    brand: ReadOnlyRef[Brand]
    brand_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        string_ids = "brand"
        api = resource(_PATH, can=SHOW | DELETE) + listing(
            _PATH,
            filters={"brand": "brand_id"},
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    @action("POST", f"{_PATH}/{{id}}/publish", key="theme")
    def publish(self) -> Self:
        """Make the theme the live one of its brand, and return the theme.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/#publish-theme
        """
        return self._call_and_update("publish", {})

    @action("POST", f"{_JOBS}/themes/updates", key="job")
    def start_update(self, *, replace_settings: bool = False) -> ThemeJob:
        """Start an update from a file, and return its job; see `ThemeManager.start_import()`.

        Args:
            replace_settings: whether the settings of the file replace those of the theme.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/#create-theme-update-job
        """
        return self._start("start_update", replace_settings=replace_settings)

    @action("POST", f"{_JOBS}/themes/exports", key="job")
    def start_export(self) -> ThemeJob:
        """Start an export, and return its job: `job.data["download"]["url"]` is its file.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/#create-theme-export-job
        """
        return self._start("start_export")

    def _start(self, name: str, **options: Any) -> ThemeJob:
        attributes = {"theme_id": self.pk, **options, "format": "zip"}
        session = self._session()

        def read_job(data: Any) -> ThemeJob:
            job: ThemeJob = session.materialize(ThemeJob, [data["job"]])[0]
            return job

        return self._call(name, {"job": {"attributes": attributes}}, then=read_job)


class ThemeJob(PolledJob):
    """A job that imports, updates or exports a theme: `job.wait()`."""

    errors: ReadOnly[list[dict[str, Any]] | None]
    data: ReadOnly[dict[str, Any] | None]

    class Meta:
        singular = "job"
        api = resource(_JOBS, can=SHOW)
