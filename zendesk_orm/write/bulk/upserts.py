"""Objects that exist already: options of `bulk_create()`, and upserts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.schema.arguments import require_names
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.write.bulk.requests import BuildRequest, Entry, bulk_endpoint, job_items


@frozen
class UpsertRule:
    """The way in which Zendesk creates rows or updates those that exist.

    Attributes:
        path: the path of the request; "" for a job.
        unique: the fields by which rows are identified.
        any_field: whether each row may be identified by any of them.
    """

    path: str
    unique: tuple[str, ...]
    any_field: bool


_UPSERT_RULES: Mapping[str, UpsertRule] = {
    "support.User": UpsertRule(
        "/api/v2/users/create_or_update_many", ("external_id", "email"), any_field=True
    ),
    "support.CustomObjectRecord": UpsertRule("", ("external_id", "name"), any_field=False),
}


def upsert_rule(meta: Options) -> UpsertRule:
    """Return the rule by which rows of a model are created or updated.

    Raises:
        FieldError: Zendesk has no such endpoint for the model.
    """
    rule = _UPSERT_RULES.get(meta.concrete._meta.label)
    if rule is None:
        raise FieldError(
            f"update_conflicts is not supported for {meta.verbose_name_plural}: Zendesk has no "
            "create_or_update_many for them; look them up by in_bulk(), then use bulk_create() "
            "and bulk_update()"
        )
    return rule


def upsert_bodies(meta: Options, unique: Sequence[str]) -> BuildRequest:
    """Return the function that builds requests that create or update objects."""
    rule = upsert_rule(meta)
    if not rule.path:
        endpoint = bulk_endpoint(meta, Verb.CREATE_MANY)
        action = f"create_or_update_by_{unique[0]}"
        return job_items(endpoint, action, lambda entry: entry.payload)

    def build(entries: list[Entry]) -> Request:
        body = {meta.plural: [entry.payload for entry in entries]}
        return Request("POST", rule.path, json=body, once=True)

    return build


@frozen
class Conflicts:
    """The treatment of objects that exist already.

    Attributes:
        ignore: whether they are left as they are.
        update: whether they are updated.
        fields: the fields that are updated; Zendesk updates all fields that are sent.
        unique: the fields by which they are identified.
    """

    ignore: bool = False
    update: bool = False
    fields: tuple[str, ...] | None = None
    unique: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        meta: Options,
        *,
        ignore: bool,
        update: bool = False,
        fields: Iterable[str] | None = None,
        unique: Iterable[str] | None = None,
    ) -> Conflicts:
        """Return Django's arguments of `bulk_create()`, checked.

        Raises:
            FieldError: the arguments exclude each other, a field does not exist, or Zendesk
                does not support them.
        """
        names = [
            column(meta.get_field(name)).name
            for name in require_names("unique_fields", () if unique is None else unique)
        ]
        if ignore and update:
            raise FieldError("ignore_conflicts and update_conflicts exclude each other")
        if (names and not (ignore or update)) or (fields is not None and not update):
            raise FieldError(
                "unique_fields needs ignore_conflicts or update_conflicts, "
                "and update_fields needs update_conflicts"
            )
        if ignore and len(names) > 1:
            raise FieldError(
                "unique_fields must be one field with ignore_conflicts, because objects are "
                "looked up by it"
            )
        if update:
            names = _unique_fields(meta, names)
        updated = None
        if fields is not None:
            listed = require_names("update_fields", fields)
            updated = tuple(column(meta.get_field(name)).name for name in listed)
        return cls(ignore, update, updated, tuple(names))

    def check_upsert(self, record: Record, payload: Mapping[str, object]) -> None:
        """Check that an object can be created or updated by its payload.

        Raises:
            InvalidValue: the object has no value of a unique field.
            FieldError: the payload has fields that are not to be updated.
        """
        if not any(payload.get(name) for name in self.unique):
            raise InvalidValue(
                f"{display(record)} must have {' or '.join(self.unique)}, by which it is identified"
            )
        if self.fields is not None:
            others = sorted(payload.keys() - {*self.fields, *self.unique})
            if others:
                raise FieldError(
                    "update_fields must be omitted or contain all fields that are set: Zendesk "
                    f"also updates {', '.join(others)} of a row that exists"
                )


def _unique_fields(meta: Options, names: list[str]) -> list[str]:
    """Return the fields by which the rows of an upsert are identified.

    Raises:
        FieldError: Zendesk does not identify rows by these fields.
    """
    rule = upsert_rule(meta)
    names = names or [*rule.unique[: None if rule.any_field else 1]]
    if not set(names) <= set(rule.unique):
        raise FieldError(
            f"Zendesk identifies {meta.verbose_name_plural} by {' or '.join(rule.unique)}, "
            f"not by {', '.join(names)}"
        )
    if len(names) > 1 and not rule.any_field:
        raise FieldError(
            f"unique_fields must be one field: Zendesk identifies {meta.verbose_name_plural} by "
            "one at a time"
        )
    return names
