"""Jobs that build apps, and jobs that install the requirements of apps.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#get-job-status
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import SHOW, resource
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.polled_jobs import PolledJob


if TYPE_CHECKING:
    from zendesk_orm.support.apps.apps import App
    from zendesk_orm.support.apps.installations import AppInstallation


class AppJob(PolledJob):
    """A job that builds an app from an upload: `job.wait().app`."""

    app: ReadOnlyRef[App | None]
    app_id: Id[int | None]
    app_url: ReadOnly[str | None]
    message: ReadOnly[str | None]
    progress: ReadOnly[int | None]
    total: ReadOnly[int | None]
    retry_in: ReadOnly[int | None]
    url: ReadOnly[str | None]

    class Meta:
        enveloped = False
        verbose_name = "job of an app"
        verbose_name_plural = "jobs of apps"
        api = resource("apps/job_statuses", can=SHOW)


class AppInstallationJob(PolledJob):
    """A job that creates the requirements of an installation."""

    installation: ReadOnlyRef[AppInstallation | None]
    installation_id: Id[int | None]
    message: ReadOnly[str | None]
    progress: ReadOnly[int | None]
    total: ReadOnly[int | None]
    url: ReadOnly[str | None]

    class Meta:
        enveloped = False
        verbose_name = "job of an installation"
        verbose_name_plural = "jobs of installations"
        api = resource("apps/installations/job_statuses", can=SHOW)
