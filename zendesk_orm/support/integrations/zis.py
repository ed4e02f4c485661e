"""Zendesk Integration Services: integrations that run at Zendesk.

Source: https://developer.zendesk.com/api-reference/integration-services/registry/integrations/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.action_bodies import object_of


_REGISTRY = "/api/services/zis/registry"
_NAME = re.compile(r"[a-z0-9_-]{1,64}")


class IntegrationManager(Manager["Integration"]):
    """`Integration.objects`."""

    @action("POST", f"{_REGISTRY}/{{name}}")
    def register(self, name: str, description: str = "") -> Integration:
        """Register an integration, and return it; it cannot be unregistered.

        ::

            integration = Integration.objects.register("acme_orders", "Orders of Acme")
            integration.upload_bundle(bundle)
            integration.install("acme_orders_spec")

        Args:
            name: up to 64 lower-case letters, digits, hyphens and underscores; the name must be
                unique among all accounts.
            description: a description of its purpose.

        Returns:
            The integration, with its new OAuth client.

        Raises:
            InvalidValue: the name is invalid.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/integrations/#create-integration
        """
        if not _NAME.fullmatch(require_text("name", name)):
            raise InvalidValue(
                "the name of an integration must have 1 to 64 of a-z, 0-9, hyphen and underscore, "
                f"not {display(name)}"
            )
        return self._call(
            "register",
            {"description": description},
            {"name": name},
            then=lambda data: self._from_rows([{"name": name, **object_of(data or {})}])[0],
            in_dry_run=self.model.from_row({"name": name}),
        )


class Integration(StringIdModel):
    """An integration with another system that runs at Zendesk; its id is its name.

    Integrations cannot be listed or deleted, but uninstalling the job specs deactivates one.
    `Integration(id="acme_orders")` is an integration that was registered before.
    """

    objects = IntegrationManager.as_manager()

    name: ReadOnly[str]
    description: ReadOnly[str | None]
    jwt_public_key: ReadOnly[str | None]
    zendesk_oauth_client: ReadOnly[dict[str, Any] | None]

    class Meta:
        pk_key = "name"
        enveloped = False

    @action("POST", f"{_REGISTRY}/{{id}}/bundles")
    def upload_bundle(self, bundle: Mapping[str, Any]) -> Self:
        """Upload the flows, actions and job specs of the integration.

        Args:
            bundle: `name`, `description`, `zis_template_version` and `resources`.

        Raises:
            InvalidValue: `bundle` is not a mapping, or has no resources.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/bundles/
        """
        value: Any = bundle
        if not isinstance(value, Mapping) or not value.get("resources"):
            raise InvalidValue("bundle must be a dictionary with name and resources")
        self._call("upload_bundle", dict(bundle))
        return self

    @action("POST", f"{_REGISTRY}/job_specs/install")
    def install(self, job_spec: str) -> Self:
        """Install a job spec of the integration, which then reacts to events.

        Args:
            job_spec: the name of the job spec, or `zis:integration:job_spec:name`.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/jobspecs/#install-job-spec
        """
        self._call("install", job_spec_name=self._qualify_name(job_spec))
        return self

    @action("DELETE", f"{_REGISTRY}/job_specs/install")
    def uninstall(self, job_spec: str) -> Self:
        """Uninstall a job spec of the integration, which then no longer reacts to events.

        Args:
            job_spec: the name of the job spec, or `zis:integration:job_spec:name`.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/jobspecs/#uninstall-job-spec
        """
        self._call("uninstall", job_spec_name=self._qualify_name(job_spec))
        return self

    def _qualify_name(self, job_spec: str) -> str:
        return job_spec if job_spec.startswith("zis:") else f"zis:{self.pk}:job_spec:{job_spec}"
