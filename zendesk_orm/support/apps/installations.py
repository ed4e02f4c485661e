"""Installations of apps, and the objects that apps require.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#list-app-installations
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from zendesk_orm.api.actions import alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnlyRef, Field, Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.apps.jobs import AppInstallationJob


if TYPE_CHECKING:
    from zendesk_orm.support.apps.apps import App

_PATH = "apps/installations"


class AppInstallation(Model):
    """An app that the account uses, with its settings.

    ::

        installation = app.installations.create(settings={"name": "Orders"}).wait()
        installation.settings["name"] = "Shop"
        installation.save()
        for requirement in installation.requirements.all():
            print(requirement.identifier, requirement.target)

    The requirements of the app, such as ticket fields, are created in a job; `wait()` waits for it.
    """

    app: CreateOnlyRef[App]
    app_id: Id[int]
    #: The values by the names of the app's parameters; `name` is one of each app.
    settings: Field[dict[str, Any]]
    settings_objects: ReadOnly[list[dict[str, Any]]]
    enabled: Field[bool]
    group_restrictions: Field[list[Any] | None]
    role_restrictions: Field[list[Any] | None]
    recurring_payment: Field[bool | None]
    product: ReadOnly[str | None]
    collapsible: ReadOnly[bool | None]
    servable: ReadOnly[bool | None]
    paid: ReadOnly[bool | None]
    pending_installation: ReadOnly[bool | None]
    pending_job: ReadOnlyRef[AppInstallationJob | None]
    pending_job_id: Id[str | None]
    has_incomplete_subscription: ReadOnly[bool | None]
    has_unpaid_subscription: ReadOnly[bool | None]
    plan_information: ReadOnly[dict[str, Any] | None]
    redirect_path: ReadOnly[str | None]
    stripe_account: ReadOnly[str | None]
    stripe_publishable_key: ReadOnly[str | None]
    stripe_subscription_id: ReadOnly[str | None]
    #: The time of the app's last update, in digits: `20200305221223`.
    updated: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    requirements: Many[AppRequirement]

    class Meta:
        singular = "installation"
        plural = "installations"
        verbose_name = "installation of an app"
        verbose_name_plural = "installations of apps"
        enveloped = False
        required = ("app", "settings")
        api = resource(_PATH, default_order=None, fits_in_memory=True, paging=(ONCE,))

    @alters_data
    @check_arguments
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the requirements of the app exist, and return the installation.

        Args:
            timeout: seconds to wait at most; `account.job_timeout` by default.

        Raises:
            BulkError: the requirements could not be created; the message states why.
            JobTimeout: the job has not ended in time.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#get-requirements-install-status
        """
        if self.pending_job is not None and self.pending_installation:
            self.pending_job.wait(timeout)
            self.refresh_from_db()
        return self


class AppRequirement(Model):
    """An object that the installation of an app has created, such as a ticket field.

    Its id is that of the object, of the type `requirement_type`.
    """

    installation: ReadOnlyRef[AppInstallation]
    installation_id: Id[int]
    requirement_id: ReadOnly[int]
    #: The plural name of the object's type: `ticket_fields`.
    requirement_type: ReadOnly[str]
    #: The name of the requirement in the app.
    identifier: ReadOnly[str]
    account_id: ReadOnly[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        parent = "installation"
        pk_key = "requirement_id"
        # A ticket field and a target may have the same id.
        unique_ids = False
        plural = "requirements"
        verbose_name = "requirement of an app"
        verbose_name_plural = "requirements of apps"
        api = listing(
            f"{_PATH}/{{installation}}/requirements",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    @property
    def target(self) -> Model | None:
        """The object, whose fields are fetched when they are read; None for an unknown type."""
        models = (model for model in registry.models() if model._meta.app_label == "support")
        for model in models:
            if model._meta.plural == self.requirement_type and not model._meta.filter:
                pk = model._meta.to_id(self.requirement_id)
                return cast("Model", self._session().refer(model, pk))
        return None
