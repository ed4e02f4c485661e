"""Creation and update of SLA policies for tickets and for groups.

Sources: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
and https://support.zendesk.com/hc/en-us/articles/4408829459866
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.rules.writes import next_position
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.emulator.tickets.history import GROUP_METRICS
from zendesk_orm.schema.options import Options
from zendesk_orm.support import GroupSlaPolicy, SlaPolicy


#: The metrics of the policies of tickets.
_METRICS = (
    "agent_work_time",
    "first_reply_time",
    "next_reply_time",
    "pausable_update_time",
    "periodic_update_time",
    "requester_wait_time",
    "total_resolution_time",
)
#: The shortest target in seconds, as documented.
MIN_SECONDS = 15


@creates(SlaPolicy)
@creates(GroupSlaPolicy)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a policy, by default at the last position.

    Raises:
        HTTPError: 422, if the title is blank or a target is invalid.
    """
    values = _parse(meta, {"title": None, **payload})
    if payload.get("position") is None:
        values["position"] = next_position(context, meta)
    return resources.create(context, meta, payload, path, values)


@updates(SlaPolicy)
@updates(GroupSlaPolicy)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a policy.

    Raises:
        HTTPError: 422, if the title would be blank or a target is invalid.
    """
    return resources.update(context, meta, stored, payload, _parse(meta, payload))


def _parse(meta: Options, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the targets in a payload, in minutes and in seconds."""
    if "title" in payload and not str(payload["title"] or "").strip():
        raise invalid_record({"title": [field_error("Title: cannot be blank", "BlankValue")]})
    if not isinstance(payload.get("policy_metrics"), list):
        return {}
    names = GROUP_METRICS if meta is GroupSlaPolicy._meta else _METRICS
    return {"policy_metrics": list(_parse_metrics(payload["policy_metrics"], names))}


def _parse_metrics(items: list[Any], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for item in items:
        if not isinstance(item, Mapping):
            raise _invalid("a target must be an object")
        for key, choices in (("metric", names), ("priority", RANKS["priority"])):
            if item.get(key) not in choices:
                raise _invalid(f"{item.get(key)} is not a {key}")
        seconds, minutes = item.get("target_in_seconds"), item.get("target")
        if seconds is None and isinstance(minutes, int):
            seconds = minutes * 60
        if not isinstance(seconds, int) or seconds < MIN_SECONDS:
            raise _invalid(f"a target must have at least {MIN_SECONDS} seconds")
        yield {**item, "target": seconds // 60, "target_in_seconds": seconds}


def _invalid(reason: str) -> Exception:
    text = f"Policy metrics: {reason}"
    return invalid_record({"policy_metrics": [field_error(text, "InvalidValue")]})
