"""A field of conditions or actions in definitions, and its forms in responses.

Titles and forms are those of the examples in Zendesk's OpenAPI files.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.support import TicketField


#: A value with its title.
Choice = tuple[str, str]
#: The titles of operators. Source: OpenAPI, `TriggerDefinitionResponseExample` and others
_TITLES: Mapping[str, str] = {
    "is": "Is",
    "is_not": "Is not",
    "less_than": "Less than",
    "less_than_equal": "Less than or equal to",
    "greater_than": "Greater than",
    "greater_than_equal": "Greater than or equal to",
    "changed": "Changed",
    "value": "Changed to",
    "value_previous": "Changed from",
    "not_changed": "Not changed",
    "not_value": "Not changed to",
    "not_value_previous": "Not changed from",
    "present": "Present",
    "not_present": "Not present",
    "matches": "Matches",
    "not_matches": "Does not match",
    "includes": "Contains at least one of the following",
    "not_includes": "Contains none of the following",
    "includes_words": "Contains at least one of the following words",
    "not_includes_words": "Contains none of the following words",
    "includes_string": "Contains the following string",
    "not_includes_string": "Does not contain the following string",
    "within_previous_n_days": "Is within the previous",
    "within_next_n_days": "Is within the next",
}
#: The titles of operators that compare dates.
_DATE_TITLES = {
    "less_than": "Before",
    "less_than_equal": "Before or on",
    "greater_than": "After",
    "greater_than_equal": "After or on",
}
#: Operators without a value.
_TERMINAL = frozenset({"changed", "not_changed", "present", "not_present"})

IS = ("is", "is_not")
CHANGES = (
    "changed",
    "value",
    "value_previous",
    "not_changed",
    "not_value",
    "not_value_previous",
)
_PRESENCE = ("present", "not_present")
_ORDERS = ("less_than", "less_than_equal", "greater_than", "greater_than_equal")
_DAYS = ("within_previous_n_days", "within_next_n_days")
_TEXT = ("includes_words", "not_includes_words", "includes_string", "not_includes_string")
_CHECKED = (("true", "Checked"), ("false", "Unchecked"))

#: The type in definitions, and the operators, of custom fields by their type.
#: Source: OpenAPI, `ObjectTriggerDefinitionsResponse`
_CUSTOM_TYPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "checkbox": ("list", ("is",)),
    "date": ("date", (*IS, *_PRESENCE, *_ORDERS, *_DAYS)),
    "decimal": ("text", ("is", *_ORDERS, "is_not", *_PRESENCE)),
    "dropdown": ("list", (*IS, *_PRESENCE)),
    "integer": ("text", ("is", *_ORDERS, "is_not", *_PRESENCE)),
    "lookup": ("autocomplete", (*IS, *_PRESENCE)),
    "multiselect": ("list", ("includes", "not_includes", *_PRESENCE)),
    "tagger": ("list", (*IS, *_PRESENCE)),
}
_OTHER_TYPE = ("text", (*IS, *_PRESENCE, *_TEXT))


@frozen
class DefinedField:
    """A field of conditions or actions.

    Attributes:
        name: its name in rules.
        title: its title.
        operators: the operators of conditions.
        type: `list` of values, `autocomplete` for the id of a row, or `text`.
        choices: its values and their titles.
        find_choices: returns further values, such as the groups of the account.
        nullable: whether the value may be empty.
        repeatable: whether a rule may have several conditions or actions of the field.
        group: the group of fields to which it belongs.
        metadata: where the values of `autocomplete` are found.
    """

    name: str
    title: str
    operators: tuple[str, ...] = IS
    type: str = "list"
    choices: tuple[Choice, ...] = ()
    find_choices: Callable[[Context], Iterable[Choice]] | None = None
    nullable: bool = False
    repeatable: bool = False
    group: str = "ticket"
    metadata: Mapping[str, Any] | None = None

    def render_action(self, context: Context) -> dict[str, Any]:
        """Return the definition of an action."""
        row: dict[str, Any] = {
            "subject": self.name,
            "title": self.title,
            "type": self.type,
            "group": self.group,
            "nullable": self.nullable,
            "repeatable": self.repeatable,
        }
        if choices := self.list_choices(context):
            row["values"] = [
                {"value": value, "title": title, "enabled": True} for value, title in choices
            ]
        return row

    def render_condition(self, context: Context) -> dict[str, Any]:
        """Return the definition of a condition."""
        row = {**self.render_action(context), "operators": self._render_operators()}
        return {**row, "metadata": dict(self.metadata)} if self.metadata else row

    def render_filter(self, context: Context) -> dict[str, Any]:
        """Return the definition of a filter of SLA policies.

        Source: OpenAPI, `SLAPolicyFilterDefinitionResponse`
        """
        choices = self.list_choices(context)
        return {
            "value": self.name,
            "title": self.title,
            "group": self.group,
            "target": None,
            "operators": [_render_operator(name, {}) for name in self.operators],
            "values": {
                "type": self.type,
                "list": [{"value": value, "title": title} for value, title in choices],
            },
        }

    def list_choices(self, context: Context) -> list[Choice]:
        """Return the values and their titles."""
        others = () if self.find_choices is None else self.find_choices(context)
        return [*self.choices, *others]

    def _render_operators(self) -> list[dict[str, Any]]:
        is_date = self.type == "date"
        titles = _DATE_TITLES if is_date else {}
        return [
            {
                **_render_operator(name, titles),
                "terminal": name in _TERMINAL,
                **({"format": "integer" if "_n_" in name else "date"} if is_date else {}),
            }
            for name in self.operators
        ]


def _render_operator(name: str, titles: Mapping[str, str]) -> dict[str, Any]:
    return {"value": name, "title": titles.get(name) or _TITLES[name]}


def build_title(name: str) -> str:
    """Return the title of a value: `pending` -> `Pending`."""
    return name.replace("_", " ").capitalize()


def restrict_operators(
    fields: Iterable[DefinedField], operators: Iterable[str]
) -> list[DefinedField]:
    """Return the fields that have some of the operators, with these alone."""
    allowed = frozenset(operators)
    restricted = (
        evolve(field, operators=tuple(name for name in field.operators if name in allowed))
        for field in fields
    )
    return [field for field in restricted if field.operators]


def define_custom_field(
    name: str, row: Mapping[str, Any], *, group: str, changes: bool = False
) -> DefinedField:
    """Return the definition of a custom field of tickets or records.

    Args:
        name: its name in rules.
        row: the row of the field.
        group: the group of fields to which it belongs.
        changes: whether conditions may compare the field with its previous value.
    """
    type_, operators = _CUSTOM_TYPES.get(row["type"], _OTHER_TYPE)
    choices = [
        (option["value"], option["name"]) for option in row.get("custom_field_options") or ()
    ]
    return DefinedField(
        name,
        row["title"],
        (*operators, *(CHANGES if changes and type_ == "list" else ())),
        type_,
        _CHECKED if row["type"] == "checkbox" else tuple(choices),
        nullable=True,
        group=group,
    )


def list_custom_fields(context: Context) -> list[DefinedField]:
    """Return the active custom fields of tickets."""
    rows = context.store.find(TicketField._meta.label, "removable", 1)
    return [
        define_custom_field(f"custom_fields_{row['id']}", row, group="ticket", changes=True)
        for row in rows
        if row["active"]
    ]


def describe_rows(plural: str) -> dict[str, Any]:
    """Return the metadata of a field whose value is the id of a row."""
    return {
        "collection_key": plural,
        "item_key": plural.removesuffix("s"),
        "url": f"api/v2/{plural}/autocomplete",
        "source": None,
        "field_id": None,
    }


def render_conditions(
    context: Context, fields: Iterable[DefinedField]
) -> dict[str, list[dict[str, Any]]]:
    """Return the definitions of conditions, which are the same in `all` and `any`."""
    conditions = [field.render_condition(context) for field in fields]
    return {"conditions_all": conditions, "conditions_any": conditions}
