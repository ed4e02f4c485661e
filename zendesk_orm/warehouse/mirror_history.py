"""The history of tickets in a mirror: the table `ticket_history`, and `tickets_as_of(moment)`.

The table has a row for each changed field of an update, from the export of ticket events. The
function of SQL undoes the changes after a moment, as `Ticket.as_of()` does from audits.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from string import Template
from typing import Any

from zendesk_orm.export.types import format_moment
from zendesk_orm.schema.row import Row
from zendesk_orm.support.tickets.history import read_child_events, to_row_value
from zendesk_orm.sync.export_changes import moment_of
from zendesk_orm.warehouse.mirror_columns import MirrorColumn, MirrorColumns
from zendesk_orm.warehouse.mirror_staging import StagedLines, literal, quote
from zendesk_orm.warehouse.mirror_tables import Merged


#: The table of changes, and the function that returns the tickets of a moment.
HISTORY, AS_OF = "ticket_history", "tickets_as_of"
TYPES: Mapping[str, str] = {
    "ticket_id": "BIGINT",
    "update_id": "BIGINT",
    "position": "INTEGER",
    "moment": "TIMESTAMPTZ",
    "updater_id": "BIGINT",
    "field": "VARCHAR",
    "old": "JSON",
    "new": "JSON",
    "is_first": "BOOLEAN",
}
#: The beginning of the history, and whether it is as new as the tickets.
_CREATE_STATE = "CREATE TABLE IF NOT EXISTS _zendesk_history (begins TIMESTAMPTZ, complete BOOLEAN)"
#: Updates are never changed, so that those that are read again replace themselves.
_MERGE = """
DELETE FROM ticket_history WHERE update_id IN (SELECT update_id FROM staged);
INSERT INTO ticket_history BY NAME SELECT * REPLACE (
    CASE WHEN field IS NOT NULL THEN coalesce(old, 'null'::JSON) END AS old
) FROM staged
"""
#: Values that no event changes.
_CONSTANT = frozenset({"id", "url", "created_at", "custom_fields"})
_FIRST = "arg_min(old, (moment, update_id, position)) FILTER (WHERE is_later AND "
_MACRO = Template("""
CREATE OR REPLACE MACRO tickets_as_of(as_of_moment) AS TABLE
WITH changed AS (
    SELECT ticket_id,
        max(moment) FILTER (WHERE NOT is_later) AS updated_at
        $changes
    FROM (SELECT *, moment > as_of_moment AS is_later FROM ticket_history)
    GROUP BY ticket_id HAVING bool_or(is_later)
), changed_custom AS (
    SELECT ticket_id, json_group_object(field, old) AS members FROM (
        SELECT ticket_id, field, arg_min(old, (moment, update_id, position)) AS old
        FROM ticket_history
        WHERE moment > as_of_moment AND NOT is_first AND regexp_full_match(field, '[0-9]+')
        GROUP BY ticket_id, field
    ) GROUP BY ticket_id
)
SELECT t.* REPLACE ($values)
FROM tickets AS t
LEFT JOIN changed AS c ON c.ticket_id = t.id
LEFT JOIN changed_custom AS m ON m.ticket_id = t.id
WHERE t.created_at <= as_of_moment
""")
_MEMBERS = """from_json(t.custom_fields, '[{"id": "BIGINT", "value": "JSON"}]')"""
#: The list of custom fields, in which changed ones have their old value; new ones come last.
_CUSTOM = f"""
CASE WHEN m.members IS NULL THEN t.custom_fields ELSE to_json(list_concat(
    [{{'id': x.id, 'value': coalesce(json_extract(m.members, '$."' || x.id || '"'), x.value)}}
        for x in coalesce({_MEMBERS}, [])],
    [{{'id': k::BIGINT, 'value': json_extract(m.members, '$."' || k || '"')}}
        for k in json_keys(m.members)
        if NOT list_contains([x.id::VARCHAR for x in coalesce({_MEMBERS}, [])], k)]
)) END
"""
#: The statements that return whether there is a history, and its beginning and completeness.
HAS_STATE = "SELECT 1 FROM duckdb_tables() WHERE table_name = '_zendesk_history'"
READ_STATE = """
SELECT coalesce(begins, CASE
    WHEN (SELECT min(created_at) FROM tickets) < (SELECT min(moment) FROM ticket_history)
    THEN (SELECT min(moment) FROM ticket_history) END
), complete FROM _zendesk_history
"""


class StagedHistory(StagedLines):
    """The changes of updates, until a transaction writes them."""

    types = TYPES

    def add(self, rows: Iterable[Row]) -> None:
        """Write the changes of a page of ticket events to the file."""
        self.write(values for row in rows for values in _read_update(row))

    def load(self, cursor: Any) -> None:
        """Load the changes into the temporary table `staged`."""
        self.load_as(cursor, self.types)


def _read_update(update: Row) -> Iterator[dict[str, Any]]:
    """Yield the changes of an update; of one without changes, a row without a field."""
    common = {
        "ticket_id": update["ticket_id"],
        "update_id": update["id"],
        "moment": format_moment(moment_of(update)),
        "updater_id": update.get("updater_id"),
    }
    events = list(read_child_events(update))
    if not events:
        yield {**common, "position": 0, "is_first": False}
    for position, event in enumerate(events):
        yield {
            **common,
            "position": position,
            "field": event.wire,
            "old": to_row_value(event.wire, event.old),
            "new": to_row_value(event.wire, event.new),
            "is_first": event.is_first,
        }


def create_history(cursor: Any, begins: datetime | None) -> None:
    """Create the tables of the history; `begins` is None if all updates are read."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in TYPES.items())
    cursor.execute(f"CREATE TABLE IF NOT EXISTS ticket_history ({columns})")
    cursor.execute(_CREATE_STATE)
    if not cursor.execute("SELECT count(*) FROM _zendesk_history").fetchone()[0]:
        cursor.execute("INSERT INTO _zendesk_history VALUES (?, FALSE)", [begins])


def merge_history(cursor: Any) -> Merged:
    """Write the staged changes."""
    cursor.execute(_MERGE)
    return Merged(cursor.execute("SELECT count(*) FROM staged").fetchone()[0])


def set_complete(cursor: Any, *, complete: bool) -> None:
    """Note whether the history contains every change of the tickets in the mirror."""
    cursor.execute("UPDATE _zendesk_history SET complete = ? WHERE complete <> ?", [complete] * 2)


def create_function(cursor: Any, columns: MirrorColumns) -> None:
    """Create the function that returns the tickets of a moment."""
    changing = [
        *(item for item in columns.fields if item.name not in _CONSTANT),
        *columns.custom,
    ]
    changes = "".join(
        f",\n        {_FIRST}NOT is_first AND field = {literal(str(item.wire))}) AS v{number}"
        for number, item in enumerate(changing)
        if item.name not in _COMPUTED
    )
    values = [
        f"{_COMPUTED.get(item.name) or _to_value(item, number)} AS {quote(item.name)}"
        for number, item in enumerate(changing)
    ]
    status = next(number for number, item in enumerate(changing) if item.name == "status")
    values += [
        f"{_CUSTOM} AS custom_fields",
        f"if(c.v{status} IS NULL, t._deleted, c.v{status}->>'$' = 'deleted') AS _deleted",
    ]
    cursor.execute(_MACRO.substitute(changes=changes, values=",\n    ".join(values)))


#: Values that follow from the moments of updates.
_COMPUTED: Mapping[str, str] = {
    "updated_at": "CASE WHEN c.ticket_id IS NULL THEN t.updated_at "
    "ELSE coalesce(c.updated_at, t.created_at) END",
    "generated_timestamp": "CASE WHEN c.ticket_id IS NULL THEN t.generated_timestamp END",
}


def _to_value(column: MirrorColumn, number: int) -> str:
    """Return the value of a column at the moment."""
    old = f"c.v{number}"
    if column.sql_type == "VARCHAR":
        value = f"{old}->>'$'"
    elif column.sql_type == "JSON":
        value = f"nullif({old}, 'null'::JSON)"
    else:
        value = f"TRY_CAST({old} AS {column.sql_type})"
    return f"CASE WHEN {old} IS NULL THEN t.{quote(column.name)} ELSE {value} END"


def has_history(cursor: Any) -> bool:
    """Return whether a mirror has a history."""
    return bool(cursor.execute(HAS_STATE).fetchall())
