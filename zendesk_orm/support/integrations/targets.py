"""Targets, which notify other systems of tickets, and their failures.

Source: https://developer.zendesk.com/api-reference/ticketing/targets/targets/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.schema.secret_fields import SecretField
from zendesk_orm.schema.values import CaseInsensitiveStr


class Target(Model):
    """An external system that triggers and automations notify; replaced by webhooks.

    Its fields depend on its type: an `email_target` has `email` and `subject`, a
    `url_target_v2` has `target_url`, `method` and `content_type`.
    """

    title: Field[str]
    type: Field[str]
    active: Field[bool]
    created_at: ReadOnly[datetime]
    account_name: Field[str | None]
    api_id: Field[str | None]
    api_token: SecretField[str | None]
    attribute: Field[str | None]
    content_type: Field[str | None]
    email: Field[CaseInsensitiveStr | None]
    from_: Field[str | None]
    group_id: Field[str | None]
    message_id: Field[str | None]
    method: Field[str | None]
    owner_by: Field[str | None]
    password: SecretField[str | None]
    preserve_format: Field[bool | None]
    project_id: Field[str | None]
    requested_by: Field[str | None]
    resource: Field[str | None]
    room: Field[str | None]
    secret: SecretField[str | None]
    ssl: Field[bool | None]
    story_labels: Field[str | None]
    story_title: Field[str | None]
    story_type: Field[str | None]
    subdomain: Field[str | None]
    subject: Field[str | None]
    target_url: Field[str | None]
    to: Field[str | None]
    todo_list_id: Field[str | None]
    token: SecretField[str | None]
    us_small_business_account: Field[str | None]
    username: Field[str | None]

    class Meta:
        required = ("title", "type")
        api = resource("targets", default_order=None, fits_in_memory=True, paging=(ONCE,))


class TargetFailure(Model):
    """A failed notification of a target; Zendesk stores the last 25 of each target."""

    url: ReadOnly[str]
    target_name: ReadOnly[str]
    status_code: ReadOnly[int]
    consecutive_failure_count: ReadOnly[int]
    raw_request: ReadOnly[str | None]
    raw_response: ReadOnly[str | None]
    created_at: ReadOnly[datetime]

    class Meta:
        api = resource(
            "target_failures", can=READ, default_order=None, fits_in_memory=True, paging=(ONCE,)
        )
