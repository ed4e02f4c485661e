"""The custom fields and custom objects that an account has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from zendesk_orm.account import Account
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.row import Row
from zendesk_orm.schema_changes.owners import Owner
from zendesk_orm.support import CustomObject, CustomObjectField


@frozen
class AccountSchema:
    """The fields of some owners, and the custom objects.

    Attributes:
        fields: the fields of each owner that exists.
        objects: the rows of the custom objects by key; empty if they were not read.
    """

    fields: Mapping[Owner, Definitions] = field(factory=dict)
    objects: Mapping[str, Row] = field(factory=dict)

    def get_definitions(self, owner: Owner) -> Definitions:
        """Return the fields of an owner; none if it does not exist yet."""
        return self.fields.get(owner) or Definitions((), owner.model._meta.verbose_name_plural)


def read_account(account: Account, owners: Iterable[Owner], *, with_objects: bool) -> AccountSchema:
    """Read the fields of owners, and the custom objects.

    Sends a request for each owner that exists, and one for the custom objects.

    Args:
        account: the account.
        owners: the owners.
        with_objects: whether the custom objects are read.

    Raises:
        ApiError, TransportError.
    """
    objects: dict[str, Row] = {}
    fields: dict[Owner, Definitions] = {}
    with account.session():
        if with_objects:
            rows = [item._row for item in CustomObject.objects.using(account.alias).fresh()]
            objects = {str(row["key"]): row for row in rows}
        for owner in owners:
            if not owner.custom_object or owner.custom_object in objects:
                fields[owner] = _read_fields(account, owner)
    return AccountSchema(fields, objects)


def _read_fields(account: Account, owner: Owner) -> Definitions:
    """Request the fields of an owner."""
    rows = owner.model.objects.using(account.alias).fresh()
    if owner.model is CustomObjectField:
        rows = rows.filter(custom_object=owner.custom_object)
    definitions = (owner.parse(row._row) for row in rows)
    return Definitions(
        (definition for definition in definitions if definition is not None),
        owner.model._meta.verbose_name_plural,
    )
