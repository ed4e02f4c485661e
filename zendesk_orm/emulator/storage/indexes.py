"""The SQL indexes of the fields of rows."""

from __future__ import annotations

from zendesk_orm.emulator.storage.sql import Where, json_value


#: Fields by which rows are often looked up or ordered; rows of one value are ordered by their id.
_FIELDS = ("assignee_id", "created_at", "organization_id", "requester_id", "updated_at")
#: Fields that are looked up ignoring case.
_FOLDED = ("email", "external_id", "name")
#: Columns of one index: searches by these alone do not read the rows.
_SEARCHED = (*map(json_value, ("status", "priority", "created_at")), "state", "id")

#: The condition for tickets that only AI agents worked on; its constant is that of an index.
AI_AGENTS_ONLY = Where(f"{json_value('support_type')} = 'ai_agent'")

#: The columns of each index, by its name.
_COLUMNS = {
    **{f"rows_{name}": f"{json_value(name)}, id" for name in _FIELDS},
    **{f"rows_folded_{name}": f"folded({json_value(name)}), id" for name in _FOLDED},
    "rows_status": ", ".join(_SEARCHED),
}
#: The statements that create the indexes.
STATEMENTS = (
    *(
        f"CREATE INDEX IF NOT EXISTS {name} ON rows (kind, {columns})"
        for name, columns in _COLUMNS.items()
    ),
    f"CREATE INDEX IF NOT EXISTS rows_ai_agents ON rows (kind, id) WHERE {AI_AGENTS_ONLY.sql}",
)
