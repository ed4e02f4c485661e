"""Memberships of users in groups and in organizations, of which one is a user's default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Response, Target
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in, where_in_rows
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.ticket_rules.system_changes import change_tickets
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.support import User


#: Statuses of tickets that are updated when a member leaves.
_UNSOLVED = ("new", "open", "pending", "hold")


@frozen
class Memberships:
    """The memberships in groups, or those in organizations.

    The user has the id of the default group or organization. Users with such an
    id and without the membership become members when memberships are read: `materialize()`.

    Attributes:
        model: the model of the memberships.
        container: the model of the groups or organizations.
        create_row: creates the row of a membership from the ids of user and container.
        default_key: the field of users with the id of the default container.
        default_off: the value of `default` in other memberships: False or None.
        sort_key: the key by which the memberships of a user are ordered.
        member_key: the field of tickets that refers to the member.
        reset_key: the field of tickets that is set to None when the member leaves.
        replaceable: whether a new default ends the membership in the previous default container,
            unless the account is configured otherwise.
    """

    model: type[Record]
    container: type[Record]
    create_row: Callable[[Context, Any, Any], dict[str, Any]]
    default_key: str
    default_off: bool | None
    sort_key: Callable[[dict[str, Any]], Any]
    member_key: str
    reset_key: str
    replaceable: bool

    @property
    def meta(self) -> Options:
        """The options of the model."""
        return self.model._meta

    @property
    def container_key(self) -> str:
        """The field of memberships with the id of the container."""
        return f"{self.container._meta.singular}_id"

    def materialize(self, context: Context) -> None:
        """Create the memberships that follow from the default containers of users.

        They should have existed before, so that they have no events.
        """
        with context.changes.pause():
            self._materialize(context, self._select_missing(context, Where()))

    def add_default(self, context: Context, user: Any) -> None:
        """Create the membership that follows from a new default container of a user."""
        self._materialize(context, self._select_missing(context, Where("users.id = ?", (user,))))

    def _materialize(self, context: Context, missing: list[tuple[Any, ...]]) -> None:
        """Create default memberships, given the ids of users and containers."""
        for user, container in missing:
            if context.store.get(self.container._meta.label, container) is None:
                continue
            row = self.find(context, user, container)
            if row is None:
                if self.replaceable and context.switches.organization_replaced:
                    self._delete_default(context, user)
                row = self.create_row(context, user, container)
            self.set_default(context, row)

    def set_default(self, context: Context, row: dict[str, Any]) -> dict[str, Any]:
        """Make a membership the default one of its user, and return its row."""
        for other in self.select(context, row["user_id"]):
            default = True if other["id"] == row["id"] else self.default_off
            if other["default"] is not default:
                values = {"default": default, "updated_at": context.timestamp()}
                context.write(self.meta, {**other, **values})
        self._update_user(context, row["user_id"], row[self.container_key])
        return resources.get(context, self.meta, row["id"]).doc

    def make_default(self, context: Context, target: Target) -> Response:
        """Make a membership the default one, and return all memberships of its user.

        Raises:
            HTTPError: 404, if the user has no such membership.
        """
        user, pk = target.args
        row = resources.get(context, self.meta, pk, {"user_id": user}).doc
        self.set_default(context, row)
        return Response(text=dump_json({self.meta.plural: self.select(context, user)}))

    def delete(self, context: Context, stored: StoredRow) -> WriteResult:
        """Delete a membership, reset the member's unsolved tickets, and choose a new default."""
        row = stored.doc
        result = resources.delete(context, self.meta, stored)
        where = (
            where_equal(self.member_key, row["user_id"])
            & where_equal(self.container_key, row[self.container_key])
            & where_in(json_value("status"), _UNSOLVED)
        )
        is_audited = self.reset_key == "assignee_id"
        change_tickets(context, self.reset_key, None, where, is_audited=is_audited)
        if row["default"]:
            remaining = self.select(context, row["user_id"])
            if remaining:
                self.set_default(context, remaining[0])
            else:
                self._update_user(context, row["user_id"], None)
        return result

    def select(self, context: Context, user: Any) -> list[dict[str, Any]]:
        """Return the memberships of a user, in their order."""
        return sorted(context.store.find(self.meta.label, "user_id", user), key=self.sort_key)

    def find(self, context: Context, user: Any, container: Any) -> dict[str, Any] | None:
        """Return the membership of a user in a container, or None if it does not exist."""
        rows = self.select(context, user)
        return next((row for row in rows if row[self.container_key] == container), None)

    def where_members(self, context: Context, container: Any) -> Where:
        """Return the condition for the members of a container."""
        resources.get(context, self.container._meta, container)
        return self._where_in_memberships(context, "user_id", self.container_key, container)

    def where_containers(self, context: Context, user: Any) -> Where:
        """Return the condition for the containers of which a user is a member."""
        resources.get(context, User._meta, user)
        return self._where_in_memberships(context, self.container_key, "user_id", user)

    def _where_in_memberships(self, context: Context, key: str, other_key: str, pk: Any) -> Where:
        self.materialize(context)
        where = Where("state < ?", (DELETED,)) & where_equal(other_key, pk)
        return where_in_rows("id", self.meta.label, where, json_value(key))

    def _select_missing(self, context: Context, of_users: Where) -> list[tuple[Any, ...]]:
        """Return ids of user and container for each default without a default membership.

        Args:
            context: the account.
            of_users: the condition for the users.
        """
        default = json_value(self.default_key, "users.doc")
        return context.store.execute(
            f"SELECT id, {default} FROM rows AS users "  # noqa: S608 - values are bound
            f"WHERE kind = ? AND state < ? AND {of_users.sql} AND {default} IS NOT NULL "
            "AND NOT EXISTS ("
            "SELECT 1 FROM rows AS memberships "
            "WHERE memberships.kind = ? AND memberships.state < ? "
            f"AND {json_value('user_id', 'memberships.doc')} = users.id "
            f"AND {json_value('default', 'memberships.doc')} = 1 "
            f"AND {json_value(self.container_key, 'memberships.doc')} = {default})",
            (User._meta.label, DELETED, *of_users.values, self.meta.label, DELETED),
        )

    def _delete_default(self, context: Context, user: Any) -> None:
        for row in self.select(context, user):
            if row["default"]:
                resources.delete(context, self.meta, resources.get(context, self.meta, row["id"]))

    def _update_user(self, context: Context, pk: Any, container: Any) -> None:
        """Set the default container of a user."""
        stored = resources.get(context, User._meta, pk)
        if stored.doc[self.default_key] != container:
            values = {self.default_key: container, "updated_at": context.timestamp()}
            context.write(User._meta, {**stored.doc, **values}, state=stored.state)
