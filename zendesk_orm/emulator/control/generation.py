"""Accounts with many rows: the function that builds a row from its number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.generated import (
    DERIVED,
    GeneratedRows,
    GetValues,
    check_values,
)
from zendesk_orm.emulator.storage.sequences import name_sequence, reserve_ids
from zendesk_orm.emulator.storage.store import STEP
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.support import Ticket, User


#: The largest number of generated rows.
MAX_ROWS = 1_000_000_000
_DAY = 86_400

Build = Callable[[int], Mapping[str, Any]]


def generate(context: Context, model: Any, count: int, build: Build | None, days: Any) -> range:
    """Let an account have generated rows of a model, and return their ids.

    Args:
        context: the account.
        model: the model.
        count: the number of rows.
        build: returns the values of the row with a number; None for default values.
        days: the number of days, until now, over which the rows were created.

    Raises:
        ConfigurationError: the model has generated rows already, or a value is invalid.
    """
    meta = require_model("generate()", model)._meta
    if type(count) is not int or not 0 < count <= MAX_ROWS:
        raise ConfigurationError(
            f"generate() needs a number of rows from 1 to {MAX_ROWS:,}, not {display(count)}"
        )
    if not isinstance(days, (int, float)) or not 0 <= days <= 36_500:
        raise ConfigurationError(f"days must be a number from 0 to 36500, not {display(days)}")
    if meta.pk_key != "id" or meta.fields["id"].kind.name != "int" or meta.parent:
        raise ConfigurationError(
            f"rows of {meta.label} cannot be generated: the model has other ids than numbers, or "
            "its rows belong to others"
        )
    if meta.label in context.store.generated:
        raise ConfigurationError(f"rows of {meta.label} were generated already: call reset() first")
    name = name_sequence(meta)
    first = context.store.next_id(name)
    builder = _Builder(context, model, build, count, days, first)
    step = 1 if name else STEP
    rows = GeneratedRows(
        meta.label, count, first, step, builder, builder.format_time, builder.find_getter
    )
    # A mistake of the function is reported now.
    builder(1)
    reserve_ids(context.store, meta, rows.get_id(count))
    context.store.generated[meta.label] = rows
    return range(first, rows.get_id(count) + 1, rows.step)


#: Keys whose values follow from the number of a row, or from other keys.
_NUMBERED = DERIVED | {"custom_status_id", "raw_subject"}


class _Builder:
    """Builds the rows of a model."""

    def __init__(
        self, context: Context, model: Any, build: Build | None, count: int, days: float, first: int
    ) -> None:
        self._meta = model._meta
        self._build = build
        self._first = first
        self._step = 1 if name_sequence(self._meta) else STEP
        self._end = context.now()
        self._interval = days * _DAY / count
        self._count = count
        self._template = defaults.build_row(self._meta)
        # The address of a row contains its id only.
        has_url = "url" in self._template
        self._url = defaults.build_url(self._meta, {"id": "{}"}) if has_url else None
        if model is Ticket:
            owner = {"requester_id": context.owner_id, "submitter_id": context.owner_id}
            self._template |= {**owner, "brand_id": context.brand_id, "subject": "Ticket"}
        elif model is User:
            self._template |= {"name": "Person", "verified": True}

    def format_time(self, number: int) -> str:
        """Return the timestamp of a row."""
        return format_timestamp(self._end - (self._count - number) * self._interval)

    def find_getter(self, keys: Collection[str]) -> GetValues | None:
        """Return a function for the values of some keys, which is faster than building rows.

        Args:
            keys: the keys.

        Returns:
            None, if some of the values follow from the number.
        """
        if not _NUMBERED.isdisjoint(keys):
            return None
        build, defaults_ = self._build, [(key, self._template.get(key)) for key in keys]
        if build is None:
            constant = tuple(value for _, value in defaults_)
            return lambda _: constant

        def get_values(number: int) -> tuple[Any, ...]:
            get = build(number).get
            return tuple([get(key, default) for key, default in defaults_])

        return get_values

    def __call__(self, number: int) -> dict[str, Any]:
        """Return the row with a number.

        Raises:
            ConfigurationError: the function returns invalid values.
        """
        row = dict(self._template)
        row["id"] = self._first + (number - 1) * self._step
        timestamp = self.format_time(number)
        for name in ("created_at", "updated_at"):
            if name in row:
                row[name] = timestamp
        if self._build is not None:
            row |= check_values(self._build(number))
        if self._meta.label == Ticket._meta.label:
            row["generated_timestamp"] = int(self._end - (self._count - number) * self._interval)
            row["custom_status_id"] = defaults.CUSTOM_STATUS_IDS.get(row["status"])
            row["raw_subject"] = row["subject"]
        if self._url:
            row["url"] = self._url.format(row["id"])
        return row
