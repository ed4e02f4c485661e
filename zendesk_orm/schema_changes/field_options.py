"""Differences between declared options and those of a drop-down field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.row import Row
from zendesk_orm.schema_changes.changes import SchemaChange
from zendesk_orm.schema_changes.declarations import DeclaredField


#: The maximum number of options of a field. It is documented for ticket fields; that others have
#: the same is unconfirmed.
#: Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-or-update-ticket-field-option
MAX_OPTIONS = 2000
#: The keys of an option that are sent; Zendesk sets the others.
_SENT = ("id", "name", "raw_name", "value", "default", "allow_solving")


def build_options(declared: DeclaredField) -> list[dict[str, Any]]:
    """Return the options of a new field.

    Raises:
        InvalidValue: a tag is invalid, or there are too many options.
    """
    return _merge_options(declared, [], set())


class OptionChanges:
    """The changes of the options of a field.

    Args:
        declared: the declaration.
        subject: the field for people.
        row: the row of the field.
        allow_deletions: whether options that are not declared are deleted.

    Raises:
        InvalidValue: a new tag is invalid, or there are too many options.
    """

    def __init__(
        self, declared: DeclaredField, subject: str, row: Row, *, allow_deletions: bool
    ) -> None:
        self._declared, self._subject = declared, subject
        self._titles = declared.options or {}
        listed = row.get("custom_field_options")
        self._current: list[Mapping[str, Any]] = listed if isinstance(listed, list) else []
        tags = [str(option["value"]) for option in self._current]
        undeclared = set() if declared.options is None else {*tags}.difference(self._titles)
        self._removed = undeclared if allow_deletions else set()
        #: Deletions that are not allowed.
        self.skipped = [
            self._describe(option, "delete")
            for option in self._current
            if option["value"] in undeclared - self._removed
        ]
        #: The options after the changes.
        self.options = _merge_options(declared, self._current, self._removed)

    def __iter__(self) -> Iterator[SchemaChange]:
        """Yield the changes, deletions first."""
        current = {str(option["value"]): option for option in self._current}
        for tag, option in current.items():
            if tag in self._removed:
                yield self._describe(option, "delete")
        for option in self.options:
            tag = option["value"]
            if tag not in current:
                yield self._describe(option, "create")
            elif current[tag]["name"] != option["name"]:
                subject = f"option {display(tag)} of {self._subject}"
                yield self._change(subject, "name", current[tag]["name"], option["name"])
        yield from self._compare_default()
        yield from self._compare_order(list(current))

    def _compare_default(self) -> Iterator[SchemaChange]:
        """Yield the change of the default option."""
        default = self._declared.default
        defaults = [str(option["value"]) for option in self._current if option.get("default")]
        if default and defaults != [default]:
            yield self._change(self._subject, "default", ", ".join(defaults) or None, default)

    def _compare_order(self, tags: list[str]) -> Iterator[SchemaChange]:
        """Yield the change of the order of declared options."""
        if self._declared.is_ordered:
            before = [tag for tag in tags if tag in self._titles]
            after = [tag for tag in self._titles if tag in tags]
            if before != after:
                yield self._change(self._subject, "option order", before, after)

    def _describe(self, option: Mapping[str, Any], action: Any) -> SchemaChange:
        """Return the creation or the deletion of an option."""
        subject = f"option {display(option['value'])} of {self._subject}"
        details = display(option.get("name"))
        return SchemaChange(action, subject, details=details, place=self._declared.place)

    def _change(self, subject: str, attribute: str, old: Any, new: Any) -> SchemaChange:
        """Return the change of an attribute."""
        return SchemaChange("change", subject, attribute, old, new, place=self._declared.place)


def _merge_options(
    declared: DeclaredField, current: Iterable[Mapping[str, Any]], removed: set[str]
) -> list[dict[str, Any]]:
    """Return the options after the changes, in their order.

    An option that is not declared stays behind the one that it follows now.

    Raises:
        InvalidValue: a new tag is invalid, or there are too many options.
    """
    titles = declared.options or {}
    options = {str(o["value"]): o for o in current if str(o["value"]) not in removed}
    for tag in titles:
        if tag not in options:
            _check_tag(tag)
    if len({**options, **titles}) > max(MAX_OPTIONS, len(options)):
        raise InvalidValue(
            f"a field can have at most {MAX_OPTIONS:,} options, not "
            f"{len({**options, **titles}):,}; use a lookup field to a custom object instead"
        )
    order = _order_tags(list(options), titles, is_ordered=declared.is_ordered)
    merged = [_update_option(tag, titles.get(tag, ""), options.get(tag)) for tag in order]
    if declared.default:
        for option in merged:
            option["default"] = option["value"] == declared.default
    return merged


def _order_tags(tags: list[str], titles: Mapping[str, str], *, is_ordered: bool) -> list[str]:
    """Return all tags in their order after the changes."""
    if not is_ordered:
        return list(dict.fromkeys((*tags, *titles)))
    followers: dict[str, list[str]] = {}
    previous = ""
    for tag in tags:
        if tag in titles:
            previous = tag
        else:
            followers.setdefault(previous, []).append(tag)
    order = followers.get("", [])
    for tag in titles:
        order += [tag, *followers.get(tag, ())]
    return order


def _update_option(tag: str, title: str, option: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an option with its declared title; its dynamic content stays if it is the title."""
    if option is None:
        return {"name": title or tag, "value": tag}
    sent = {name: option[name] for name in _SENT if name in option}
    if title and title not in (option.get("name"), option.get("raw_name")):
        sent["name"] = title
        sent.pop("raw_name", None)
    return sent


def _check_tag(tag: str) -> None:
    """Check the tag of a new option, which becomes a tag of tickets.

    Raises:
        InvalidValue: the tag would become another one, or several.
    """
    normalized = "_".join(tag.lower().replace(",", " ").split())
    if tag != normalized or not tag:
        raise InvalidValue(
            f"the tag {display(tag)} of an option must be in lower case, without blanks and "
            f"commas: {display(normalized or 'option_1')}"
        )
