"""Addresses of Zendesk's servers: those of the reference's example.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/public_ips/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import PublicIPs


_EGRESS = ("102.16.12.41/32", "102.16.90.41/32")
_INGRESS = ("102.16.41.41/32", "102.16.54.41/32", "102.16.28.41/32")


@route("GET", "~/ips", PublicIPs)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return the addresses."""
    lists = {"egress": _EGRESS, "ingress": _INGRESS}
    ips = {name: {"all": ranges, "specific": ranges} for name, ranges in lists.items()}
    return Response(text=dump_json({"ips": ips}))
