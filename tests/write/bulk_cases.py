"""The bulk calls of the library, each with objects that it can be called with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from tests.support.seeding import build_suspended_row, seed_rows
from tests.tokens import signed_in_session
from zendesk_orm import (
    Asset,
    AssetStatus,
    AssetType,
    Automation,
    Comment,
    CustomObject,
    CustomObjectRecord,
    Group,
    GroupMembership,
    Macro,
    Organization,
    OrganizationMembership,
    RoutingAttribute,
    RoutingAttributeValue,
    SuspendedTicket,
    Ticket,
    TicketForm,
    Trigger,
    User,
    View,
)
from zendesk_orm.support import ObjectTrigger, Workspace


#: Arguments of rules.
_CONDITION = {"field": "status", "operator": "is", "value": "new"}
_OPEN = [{"field": "status", "value": "open"}]


@frozen
class BulkCase:
    """A bulk call.

    Attributes:
        name: the model and the method.
        make: returns the objects of the call in an account of an emulator.
        call: calls the method with the objects and the options.
        action: the action of `post_bulk`.
        by_query: whether the call changes the rows of a query, which cannot contain another model.
    """

    name: str
    make: Callable[[Any, Any], list[Any]]
    call: Callable[..., Any]
    action: str
    by_query: bool = False


def _tickets(account: Any, emulator: Any) -> list[Any]:
    return [Ticket.objects.create(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]


def _new_tickets(account: Any, emulator: Any) -> list[Any]:
    return [Ticket(subject=f"N{n}", comment=Comment(body="x")) for n in range(3)]


def _deleted_tickets(account: Any, emulator: Any) -> list[Any]:
    tickets = _tickets(account, emulator)
    for ticket in tickets:
        ticket.delete()
    return list(Ticket.deleted.all())


def _suspended_tickets(account: Any, emulator: Any) -> list[Any]:
    rows = [build_suspended_row(pk, subject=f"S{pk}") for pk in (1, 2, 3)]
    seed_rows(emulator, SuspendedTicket, *rows)
    return list(SuspendedTicket.objects.all())


def _users(account: Any, emulator: Any) -> list[Any]:
    agents = {"role": "agent"}
    return [
        User.objects.create(name=f"U{n}", email=f"u{n}@example.com", **agents) for n in range(3)
    ]


def _new_users(account: Any, emulator: Any) -> list[Any]:
    return [User(name=f"U{n}", email=f"u{n}@example.com") for n in range(3)]


def _organizations(account: Any, emulator: Any) -> list[Any]:
    return [Organization.objects.create(name=f"O{n}") for n in range(3)]


def _new_organizations(account: Any, emulator: Any) -> list[Any]:
    return [Organization(name=f"O{n}") for n in range(3)]


def _car(account: Any, emulator: Any) -> Any:
    return CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")


def _new_records(account: Any, emulator: Any) -> list[Any]:
    _car(account, emulator)
    key = "car"
    return [
        CustomObjectRecord(custom_object_key=key, name=f"C{n}", external_id=f"c{n}")
        for n in range(3)
    ]


def _records(account: Any, emulator: Any) -> list[Any]:
    records = _new_records(account, emulator)
    for record in records:
        record.save()
    return records


def _new_assets(account: Any, emulator: Any) -> list[Any]:
    url = "https://emulator.zendesk.com/api/v2/it_asset_management/asset_types"
    body = {"asset_type": {"name": "Hardware"}}
    root = signed_in_session(emulator).post(url, json=body).json()["asset_type"]
    kind = AssetType.objects.create(name="Laptops", parent_id=root["id"])
    status = AssetStatus.objects.create(name="Available", category="available")
    return [
        Asset(name=f"A{n}", asset_type=kind, status=status, external_id=f"a{n}") for n in range(3)
    ]


def _assets(account: Any, emulator: Any) -> list[Any]:
    assets = _new_assets(account, emulator)
    for asset in assets:
        asset.save()
    return assets


def _rules(model: Any) -> Callable[[Any, Any], list[Any]]:
    def make(account: Any, emulator: Any) -> list[Any]:
        values = {} if model is View else {"actions": _OPEN}
        rules = []
        for n in range(3):
            # Zendesk requires different automations.
            other = {"field": "group_id", "operator": "is_not", "value": f"{n}"}
            conditions = {} if model is Macro else {"all": [_CONDITION, other]}
            rules.append(model.objects.create(title=f"R{n}", **values, **conditions))
        return rules

    return make


def _object_triggers(account: Any, emulator: Any) -> list[Any]:
    car = _car(account, emulator)
    nothing: dict[str, Any] = {"all": [], "any": []}
    actions = [{"field": "notification_target", "value": ["1", "x"]}]
    return [
        ObjectTrigger.objects.create(
            custom_object=car, title=f"R{n}", conditions=nothing, actions=actions
        )
        for n in range(3)
    ]


def _workspaces(account: Any, emulator: Any) -> list[Any]:
    macro = Macro.objects.create(title="x", actions=_OPEN)
    nothing: dict[str, Any] = {"all": [], "any": []}
    form = TicketForm.objects.get()
    return [
        Workspace.objects.create(
            title=f"W{n}", conditions=nothing, macros=[macro.pk], ticket_form=form
        )
        for n in range(3)
    ]


def _new_memberships(account: Any, emulator: Any) -> list[Any]:
    group = Group.objects.create(name="G")
    return [GroupMembership(user=user, group=group) for user in _users(account, emulator)]


def _memberships(account: Any, emulator: Any) -> list[Any]:
    memberships = _new_memberships(account, emulator)
    for membership in memberships:
        membership.save()
    return memberships


def _new_organization_memberships(account: Any, emulator: Any) -> list[Any]:
    acme = Organization.objects.create(name="Acme")
    return [
        OrganizationMembership(user=user, organization=acme) for user in _users(account, emulator)
    ]


def _routing_value() -> Any:
    attribute = RoutingAttribute.objects.create(name="Language")
    return attribute.values.create(name="French")


def _agents(account: Any, emulator: Any) -> list[Any]:
    _routing_value()
    return _users(account, emulator)


def _value() -> Any:
    return list(RoutingAttribute.objects.get().values.all())


def _create(model: Any, make: Any, **arguments: Any) -> BulkCase:
    """Return the case of `bulk_create()`."""
    name = f"{model.__name__}.bulk_create({', '.join(arguments)})"
    return BulkCase(
        name,
        make,
        lambda objs, **how: model.objects.bulk_create(objs, **arguments, **how),
        "create",
    )


def _update(model: Any, make: Any, **values: Any) -> Iterator[BulkCase]:
    """Yield the cases of `bulk_update()` and `update()`."""

    def edit_all(account: Any, emulator: Any) -> list[Any]:
        objects = make(account, emulator)
        for obj in objects:
            for name, value in values.items():
                setattr(obj, name, value)
        return objects

    yield BulkCase(
        f"{model.__name__}.bulk_update",
        edit_all,
        lambda objs, **how: model.objects.bulk_update(objs, **how),
        "update",
    )
    yield BulkCase(
        f"{model.__name__}.update",
        make,
        lambda objs, **how: _query(model, objs).update(**values, **how),
        "update",
        by_query=True,
    )


def _delete(model: Any, make: Any) -> BulkCase:
    """Return the case of `delete()` of a query."""
    return BulkCase(
        f"{model.__name__}.delete",
        make,
        lambda objs, **how: _query(model, objs).delete(**how),
        "delete",
        by_query=True,
    )


def _query(model: Any, objects: list[Any]) -> Any:
    query = model.objects.filter(id__in=[obj.pk for obj in objects])
    if model is Macro:
        return model.objects.all()
    if model is CustomObjectRecord:
        return query.filter(custom_object_key="car")
    return query.filter(custom_object="car") if model is ObjectTrigger else query


CASES = [
    _create(Ticket, _new_tickets),
    *_update(Ticket, _tickets, priority="high"),
    _delete(Ticket, _tickets),
    BulkCase(
        "Ticket.import_many",
        _new_tickets,
        lambda objs, **how: Ticket.objects.import_many(objs, **how),
        "create",
    ),
    BulkCase(
        "Ticket.mark_many_as_spam",
        _tickets,
        lambda objs, **how: Ticket.objects.mark_many_as_spam(objs, **how),
        "delete",
    ),
    BulkCase(
        "DeletedTicket.restore",
        _deleted_tickets,
        lambda objs, **how: Ticket.deleted.restore(objs, **how),
        "restore",
    ),
    BulkCase(
        "DeletedTicket.destroy",
        _deleted_tickets,
        lambda objs, **how: Ticket.deleted.destroy(objs, **how),
        "delete",
    ),
    BulkCase(
        "SuspendedTicket.bulk_recover",
        _suspended_tickets,
        lambda objs, **how: SuspendedTicket.objects.bulk_recover(objs, **how),
        "recover",
    ),
    BulkCase(
        "SuspendedTicket.destroy_many",
        _suspended_tickets,
        lambda objs, **how: SuspendedTicket.objects.destroy_many(objs, **how),
        "delete",
    ),
    _delete(SuspendedTicket, _suspended_tickets),
    _create(User, _new_users),
    _create(User, _new_users, update_conflicts=True),
    *_update(User, _users, notes="x"),
    _delete(User, _users),
    BulkCase(
        "User.logout_many",
        _users,
        lambda objs, **how: User.objects.logout_many(objs, **how),
        "logout",
    ),
    _create(Organization, _new_organizations),
    *_update(Organization, _organizations, notes="x"),
    _delete(Organization, _organizations),
    _create(CustomObjectRecord, _new_records),
    _create(CustomObjectRecord, _new_records, update_conflicts=True),
    *_update(CustomObjectRecord, _records, name="x"),
    _delete(CustomObjectRecord, _records),
    _create(Asset, _new_assets),
    *_update(Asset, _assets, notes="x"),
    _delete(Asset, _assets),
    BulkCase(
        "Asset.delete_by_external_id",
        _assets,
        lambda objs, **how: Asset.objects.delete_by_external_id(
            [asset.external_id for asset in objs], **how
        ),
        "delete",
        by_query=True,
    ),
    _create(GroupMembership, _new_memberships),
    _delete(GroupMembership, _memberships),
    _create(OrganizationMembership, _new_organization_memberships),
    *(
        case
        for model in (Automation, Macro, Trigger, View)
        for case in _update(model, _rules(model), active=False)
    ),
    _delete(Trigger, _rules(Trigger)),
    *_update(ObjectTrigger, _object_triggers, active=False),
    _delete(ObjectTrigger, _object_triggers),
    _delete(Workspace, _workspaces),
    *(
        BulkCase(
            f"RoutingAttributeValue.{name}",
            _agents,
            lambda objs, name=name, **how: getattr(RoutingAttributeValue.objects, name)(
                objs, _value(), **how
            ),
            "add_to_agents",
        )
        for name in ("add_to_agents", "set_of_agents", "remove_from_agents")
    ),
]
