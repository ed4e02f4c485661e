"""Addresses of Zendesk's servers.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/public_ips/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import SHOW, singleton
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class PublicIPs(Model):
    """The IP addresses from which Zendesk sends requests, and to which it receives them.

    ::

        PublicIPs.objects.get().egress["all"]

    A server that receives webhooks has to accept the addresses of `egress`.
    """

    #: The ranges as lists under `all`; those under `specific` may disappear.
    egress: ReadOnly[dict[str, Any]]
    ingress: ReadOnly[dict[str, Any]]

    class Meta:
        singular = "ips"
        plural = "ips"
        verbose_name = "public IP addresses"
        verbose_name_plural = "public IP addresses"
        pk_key = ""
        api = singleton("/ips", "ips", can=SHOW)
