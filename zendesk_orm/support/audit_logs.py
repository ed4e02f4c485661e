"""The audit log of the account: who changed which setting.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.users import User

_FILTERS = {
    "source_type": "filter[source_type]",
    "source_id": "filter[source_id]",
    "actor": "filter[actor_id]",
    "ip_address": "filter[ip_address]",
    "action": "filter[action]",
}


class AuditLogManager(Manager["AuditLog"]):
    """`AuditLog.objects`."""

    def export(
        self,
        *,
        source_type: str | None = None,
        source_id: int | None = None,
        actor: User | int | None = None,
        ip_address: str | None = None,
        action: str | None = None,
    ) -> None:
        """Let Zendesk write the entries into a file and mail it to the caller.

        It does so once a minute at most.

        Args:
            source_type: what was changed: `user`, `rule`.
            source_id: which of these; wants `source_type` beside it.
            actor: who changed it; a user, or the id of one.
            ip_address: from where.
            action: how: `create`, `update`, `destroy`, `login`.

        Raises:
            InvalidValue: a `source_id` without its type.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/#export-audit-logs
        """
        if source_id is not None and source_type is None:
            raise InvalidValue("source_id wants source_type beside it, which tells whose id it is")
        given: dict[str, Any] = {
            "source_type": source_type,
            "source_id": source_id,
            "actor": None if actor is None else self._session.id_of("User", actor, "actor"),
            "ip_address": ip_address,
            "action": action,
        }
        params: dict[str, Any] = {_FILTERS[name]: value for name, value in given.items()}
        self._call("export", **params)


class AuditLog(Model):
    """An entry of the account's audit log: somebody changed a setting, a rule or a user.

    ::

        AuditLog.objects.filter(source_type="user", action="destroy")
    """

    objects = AuditLogManager.as_manager()

    url: ReadOnly[str]
    action: ReadOnly[str]
    action_label: ReadOnly[str | None]
    actor: ReadOnlyRef[User | None]
    actor_id: Id[int | None]
    actor_name: ReadOnly[str | None]
    source_type: ReadOnly[str]
    source_id: ReadOnly[int | None]
    source_label: ReadOnly[str | None]
    change_description: ReadOnly[str | None]
    ip_address: ReadOnly[str | None]
    created_at: ReadOnly[datetime]

    class Meta:
        ordering = "-created_at"
        api = (
            resource("audit_logs", can="show")
            + listed(
                "audit_logs",
                takes=_FILTERS,
                orders="created_at",
                offset_orders="created_at",
                natural="-created_at",
                paging=(CURSOR, OFFSET),
            )
            + action("export", "POST", "audit_logs/export")
        )
