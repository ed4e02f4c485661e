"""The audit log of the account: changes of its settings.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import aware
from zendesk_orm.write.calls import Repeated


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User

_FILTERS = {
    "source_type": "filter[source_type]",
    "source_id": "filter[source_id]",
    "actor": "filter[actor_id]",
    "ip_address": "filter[ip_address]",
    "action": "filter[action]",
}


class AuditLogManager(Manager["AuditLog"]):
    """`AuditLog.objects`."""

    @action("POST", "audit_logs/export")
    def request_export(
        self,
        *,
        source_type: str | None = None,
        source_id: int | None = None,
        actor: support.User | int | None = None,
        ip_address: str | None = None,
        action: str | None = None,
        period: tuple[datetime, datetime] | None = None,
    ) -> None:
        """Request an export of the entries, which Zendesk sends to the caller by e-mail.

        Zendesk allows one export per minute.

        Args:
            source_type: the type of the changed object: `user`, `rule`.
            source_id: its id, which requires `source_type`.
            actor: the user whose changes are exported, or the id.
            ip_address: the IP address of the actor.
            action: the type of change: `create`, `update`, `destroy`, `login`.
            period: the start and the end of the time in which the entries were created.

        Raises:
            InvalidValue: `source_id` is set without `source_type`, or the period ends before
                its start.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/#export-audit-logs
        """
        if source_id is not None and source_type is None:
            raise InvalidValue("source_type must be set if source_id is set")
        filters: dict[str, Any] = {
            "source_type": source_type,
            "source_id": source_id,
            "actor": None if actor is None else self._session.id_of("User", actor, "actor"),
            "ip_address": ip_address,
            "action": action,
        }
        params: dict[str, Any] = {_FILTERS[name]: value for name, value in filters.items()}
        if period is not None:
            params["filter[created_at]"] = Repeated(_check_period(period))
        self._call("request_export", **params)


def _check_period(period: Any) -> tuple[datetime, datetime]:
    """Return a start and an end as aware datetimes.

    Raises:
        InvalidValue: it is no pair, one is naive or no moment, or the period ends before its start.
    """
    if not isinstance(period, (tuple, list)) or len(period) != 2:
        raise InvalidValue(f"period must be (start, end), not {display(period)}")
    start, end = map(aware, period)
    if start > end:
        raise InvalidValue("period must be (start, end), with a start before the end")
    return start, end


class AuditLog(Model):
    """An entry of the account's audit log: a change of a setting, a rule or a user.

    ::

        AuditLog.objects.filter(source_type="user", action__in=["create", "destroy"])
        AuditLog.objects.filter(created_between=(monday, friday))
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
        api = resource("audit_logs", can=SHOW) + listing(
            "audit_logs",
            filters={
                **_FILTERS,
                **{f"{name}__in": f"{parameter}[]" for name, parameter in _FILTERS.items()},
                "created_at__gte": "filter[created_at]",
                "created_at__lte": "filter[created_at]",
            },
            # Whether Zendesk returns the entries of the end itself is not documented.
            tokenized=("created_at",),
            orders=("created_at",),
            offset_orders=("created_at",),
            default_order="-created_at",
            paging=(CURSOR, OFFSET),
        )
