"""Zendesk Integration Services: integrations that run at Zendesk.

Source: https://developer.zendesk.com/api-reference/integration-services/registry/integrations/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


if TYPE_CHECKING:
    from typing_extensions import Self

_REGISTRY = "/api/services/zis/registry"
_NAME = re.compile(r"[a-z0-9_-]{1,64}")


class IntegrationManager(Manager["Integration"]):
    """`Integration.objects`."""

    def register(self, name: str, description: str = "") -> Integration:
        """Register an integration, and return it; its name cannot be taken back.

        ::

            integration = Integration.objects.register("acme_orders", "Orders of Acme")
            integration.upload_bundle(bundle)
            integration.install("acme_orders_spec")

        Args:
            name: up to 64 small letters, digits, dashes and underscores; no other account
                may have it.
            description: what it does.

        Returns:
            The integration, with the OAuth client that was made for it.

        Raises:
            InvalidValue: the name is none.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/integrations/#create-integration
        """
        if not _NAME.fullmatch(name):
            raise InvalidValue(
                f"an integration's name has up to 64 of a-z, 0-9, dash and underscore, not {name!r}"
            )
        row = self._call("register", {"description": description}, {"name": name})
        return self._made([{"name": name, **(row or {})}])[0]


class Integration(Model):
    """An integration with another system that runs at Zendesk; its id is its name.

    It cannot be listed, nor deleted; uninstalling its job specs puts it to rest. One that was
    registered before is `Integration(id="acme_orders")`.
    """

    objects = IntegrationManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the name, in the place of an id
    name: ReadOnly[str]
    description: ReadOnly[str | None]
    jwt_public_key: ReadOnly[str | None]
    zendesk_oauth_client: ReadOnly[dict[str, Any] | None]

    class Meta:
        known_by = "name"
        bare = True
        api = (
            action("register", "POST", f"{_REGISTRY}/{{name}}")
            + action("upload_bundle", "POST", f"{_REGISTRY}/{{id}}/bundles")
            + action("install", "POST", f"{_REGISTRY}/job_specs/install")
            + action("uninstall", "DELETE", f"{_REGISTRY}/job_specs/install")
        )

    def upload_bundle(self, bundle: Mapping[str, Any]) -> Self:
        """Send what the integration is made of: flows, actions and job specs.

        Args:
            bundle: `name`, `description`, `zis_template_version` and `resources`.

        Raises:
            InvalidValue: it is no dictionary, or has no resources.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/bundles/
        """
        given: Any = bundle
        if not isinstance(given, Mapping) or not given.get("resources"):
            raise InvalidValue("upload_bundle() wants a dictionary with name and resources")
        self._call("upload_bundle", dict(bundle))
        return self

    def install(self, job_spec: str) -> Self:
        """Let a job spec of the integration react to events.

        Args:
            job_spec: the name of the job spec, or `zis:integration:job_spec:name`.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/jobspecs/#install-job-spec
        """
        self._call("install", job_spec_name=self._whole_name(job_spec))
        return self

    def uninstall(self, job_spec: str) -> Self:
        """Let a job spec of the integration react to nothing any more.

        Args:
            job_spec: the name of the job spec, or `zis:integration:job_spec:name`.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/integration-services/registry/jobspecs/#uninstall-job-spec
        """
        self._call("uninstall", job_spec_name=self._whole_name(job_spec))
        return self

    def _whole_name(self, job_spec: str) -> str:
        return job_spec if job_spec.startswith("zis:") else f"zis:{self.pk}:job_spec:{job_spec}"
