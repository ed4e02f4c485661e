"""The numbers of custom objects, and of their fields, that an account may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from zendesk_orm.account import Account
from zendesk_orm.messages import display
from zendesk_orm.schema_changes.account_schema import AccountSchema
from zendesk_orm.schema_changes.plan import Step
from zendesk_orm.support import CustomObject, CustomObjectField
from zendesk_orm.support.custom_data.custom_object_limits import Limit


def check_limits(steps: Iterable[Step], existing: AccountSchema, account: Account) -> list[str]:
    """Return a problem for each limit that steps would exceed.

    Sends a request if objects are created, and one for each existing object in which fields are
    created. The limit of fields is the same for all objects of an account, so that of an existing
    object is used for new ones.

    Raises:
        ApiError, TransportError.

    Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/#custom-objects-limit
    """
    objects = 0
    fields: Counter[str] = Counter()
    for step in steps:
        key = getattr(step.record, "custom_object_id", "")
        number = -1 if step.is_deletion else int(step.record.pk is None)
        if isinstance(step.record, CustomObject):
            objects += -1 if step.is_deletion else bool(step.creates)
        elif isinstance(step.record, CustomObjectField):
            fields[str(key)] += number
    problems = []
    if objects > 0:
        limit = CustomObject.objects.using(account.alias).limit()
        problems += _compare("the account", "custom objects", objects, limit)
    return problems + _check_fields(fields, existing, account)


def _check_fields(fields: Counter[str], existing: AccountSchema, account: Account) -> list[str]:
    """Return a problem for each object that would have too many fields."""
    problems = []
    limit: Limit | None = None
    for key in sorted(fields, key=lambda key: key not in existing.objects):
        if fields[key] <= 0:
            continue
        if key in existing.objects:
            record = CustomObject.from_row(existing.objects[key], account.current())
            limit = record.field_limit()
            problems += _compare(f"custom object {display(key)}", "fields", fields[key], limit)
        elif limit is not None:
            new = Limit(0, limit.limit)
            problems += _compare(f"custom object {display(key)}", "fields", fields[key], new)
    return problems


def _compare(subject: str, what: str, number: int, limit: Limit) -> list[str]:
    """Return the problem of a limit that is exceeded, if it is."""
    if number <= limit.left:
        return []
    excess = number - limit.left
    problem = f"{subject} has {limit.count:,} {what} and can have {limit.limit:,}"
    return [f"{problem}: {number:,} more are {excess:,} too many"]
