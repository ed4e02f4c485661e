"""Integrations: links to Jira issues, and integrations of Zendesk Integration Services.

Source: https://developer.zendesk.com/api-reference/integration-services/registry/integrations/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import parse_number
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Integration, JiraLink


#: Links on a page.
_MAX_LINKS = 1000
_META = Integration._meta


@route("GET", "~/api/services/jira/links", JiraLink)
def list_links(context: Context, request: Request, target: Target) -> Response:
    """Return the links between tickets and issues whose ids are greater than `since_id`."""
    where = Where("state < ?", (DELETED,))
    for name in ("ticket_id", "issue_id"):
        if name in request.params:
            where &= where_equal(name, request.params[name])
    if "since_id" in request.params:
        where &= Where("id > ?", (parse_number(request, "since_id"),))
    rows = context.store.select_texts(JiraLink._meta.label, where, limit=_MAX_LINKS)
    return Response(text=f'{{"links":[{",".join(row[0] for row in rows)}]}}')


@route("POST", "~/api/services/zis/registry/{name}", Integration)
def create_integration(context: Context, request: Request, target: Target) -> Response:
    """Create an integration with an OAuth client, and return it."""
    name = str(target.args[0])
    client: dict[str, Any] = {
        "id": context.store.next_id(),
        "identifier": f"zis_{name}",
        "secret": f"integration-secret-{context.store.next_id('secret')}",
    }
    row = {
        "description": request.body.get("description"),
        "jwt_public_key": None,
        "zendesk_oauth_client": client,
    }
    context.write(_META, {"name": name, **row})
    return Response(text=dump_json(row))


@route("POST", "~/api/services/zis/registry/{id}/bundles", Integration)
def upload_bundle(context: Context, request: Request, target: Target) -> Response:
    """Accept the bundle of an integration, without storing it.

    Raises:
        HTTPError: 404, if the integration does not exist.
    """
    resources.get(context, _META, target.args[0])
    return Response(200)


@route("POST", "~/api/services/zis/registry/job_specs/install", Integration)
@route("DELETE", "~/api/services/zis/registry/job_specs/install", Integration)
def install_job_spec(context: Context, request: Request, target: Target) -> Response:
    """Install or uninstall a job spec of an integration, without storing it.

    Raises:
        HTTPError: 404, if the integration does not exist.
    """
    _, _, names = request.params.get("job_spec_name", "").partition(":")
    resources.get(context, _META, names.partition(":")[0])
    return Response(204 if request.method == "DELETE" else 200)
