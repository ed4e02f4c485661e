"""Tags of ticket fields, which must differ between fields.

Zendesk does not check tags when a field is created, but fields that share one may not be editable.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-ticket-field
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zendesk_orm.messages import display
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema_changes.plan import Step
from zendesk_orm.support import TicketField


def find_shared_tags(steps: Iterable[Step], definitions: Definitions) -> Iterator[str]:
    """Yield a problem for each tag that steps add to a ticket field although another has it.

    Args:
        steps: the steps of a plan.
        definitions: the ticket fields of the account.
    """
    fields = [step for step in steps if isinstance(step.record, TicketField)]
    deleted = {step.record.pk for step in fields if step.is_deletion}
    #: The id of the field, or its declaration, and the title, by tag.
    owners: dict[str, tuple[Any, str]] = {}
    for definition in definitions:
        if definition.id not in deleted:
            owner = (definition.id, definition.title)
            owners.update(dict.fromkeys(_list_tags(definition.row), owner))
    for step in fields:
        place = step.changes[0].place
        owner = (step.record.pk or place, str(getattr(step.record, "title", "")))
        new = [] if step.is_deletion else _list_tags(_values_of(step))
        for tag in sorted({*new} - _list_tags(step.record._row)):
            pk, title = owners.setdefault(tag, owner)
            if pk != owner[0]:
                yield (
                    f"{place}: the tag {display(tag)} belongs to the ticket field "
                    f"{display(title)}, too, and Zendesk requires different ones: choose another"
                )


def _values_of(step: Step) -> Mapping[str, Any]:
    """Return the options and the tag of a field after a step."""
    return {name: getattr(step.record, name, None) for name in ("custom_field_options", "tag")}


def _list_tags(row: Mapping[str, Any]) -> set[str]:
    """Return the tags of the options of a field, and that of its checkbox."""
    options = row.get("custom_field_options")
    tags = {str(option["value"]) for option in (options if isinstance(options, list) else ())}
    return {*tags, str(row["tag"])} if row.get("tag") else tags
