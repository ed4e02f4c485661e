"""What an emulator begins with: a new account, or one that has been in use for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import demo, views
from zendesk_orm.emulator.plain import begin, prepare
from zendesk_orm.emulator.store import Store
from zendesk_orm.emulator.templates import CUSTOM_STATUS, FORM, blank
from zendesk_orm.emulator.world import World
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.schema.options import Options
from zendesk_orm.suggestions import suggestion
from zendesk_orm.support import Brand, CustomStatus, Group, TicketField, TicketForm, User, View


#: The e-mail of the user whose account it is.
OWNER = "owner@example.com"

#: What an emulator can be filled with.
SEEDS: Mapping[str, Callable[[World], None]] = {"demo": demo.fill}

_SYSTEM_FIELDS = {
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "tickettype": "Type",
    "priority": "Priority",
    "group": "Group",
    "assignee": "Assignee",
}
#: What agents, and end users, call the custom statuses of a new account, by category.
_STATUSES = {
    "new": ("New", "Open"),
    "open": ("Open", "Open"),
    "pending": ("Pending", "Awaiting your reply"),
    "hold": ("On-hold", "Open"),
    "solved": ("Solved", "Solved"),
}
#: The views of a new account, as recorded: title, position, conditions, and what they sort by.
_VIEWS = (
    ("Your unsolved tickets", 0, "status<solved assignee_id=current_user", "nice_id"),
    ("Unassigned tickets", 1, "assignee_id= status<solved", "created"),
    ("All unsolved tickets", 2, "status<solved", "nice_id"),
    ("Recently updated tickets", 3, "updated_at<24 status<closed", "updated"),
    ("Pending tickets", 9999, "status=pending", "nice_id"),
    ("Recently solved tickets", 9999, "status=solved", "solved"),
)

#: What was made for the machine's own time, by seed: copied, not made again, so that
#: every test can have an account of its own.
_MADE: dict[str, Store] = {}


def fill(world: World, seed: str | None, *, copied: bool = False) -> None:
    """Make the account, unless the store has one already.

    Args:
        world: where.
        seed: what to fill it with besides; None for nothing.
        copied: whether the rows may be some minutes old, made for another emulator.

    Raises:
        ConfigurationError: there is no such seed.
    """
    if seed is not None and seed not in SEEDS:
        raise ConfigurationError(f"the emulator has no seed {seed!r}" + suggestion(seed, SEEDS))
    if seed and copied and seed in _MADE:
        world.store.copy_from(_MADE[seed])
    with world.store.transaction():
        if not world.store.find(User._meta.label, "email", OWNER):
            _account(world)
            if seed:
                SEEDS[seed](world)
            _views(world)
            world.store.index()
        world.owner = world.store.find(User._meta.label, "email", OWNER)[0]["id"]
        world.brand = world.store.find(Brand._meta.label, "default", 1)[0]["id"]
    if seed and copied and seed not in _MADE:
        _MADE[seed] = Store()
        _MADE[seed].copy_from(world.store)


def made(world: World, meta: Options, **values: Any) -> dict[str, Any]:
    """Make one row, and return it."""
    row = blank(meta)
    row.update(values)
    begin(world, meta, row)
    prepare(world, meta, row, values)
    world.write(meta, row)
    return row


def _account(world: World) -> None:
    group = made(world, Group._meta, name="Support", default=True)
    owner = made(
        world,
        User._meta,
        name="Olivia Owner",
        email=OWNER,
        role="admin",
        verified=True,
        default_group_id=group["id"],
    )
    world.owner = world.author = owner["id"]
    brand = made(
        world,
        Brand._meta,
        name="Emulator",
        subdomain="emulator",
        brand_url="https://emulator.zendesk.com",
        active=True,
        default=True,
    )
    world.brand = brand["id"]
    fields = [
        made(
            world,
            TicketField._meta,
            type=kind,
            title=title,
            position=position,
            removable=False,
            visible_in_portal=True,
            # Recorded: all system fields have one.
            title_in_portal=title,
            raw_title_in_portal=title,
        )
        for position, (kind, title) in enumerate(_SYSTEM_FIELDS.items())
    ]
    _form(world, [field["id"] for field in fields])


def _form(world: World, fields: list[int]) -> None:
    """Make the form that every ticket has, and the statuses that it can have."""
    made(
        world,
        TicketForm._meta,
        id=FORM,
        name="Default Ticket Form",
        display_name="Default Ticket Form",
        position=0,
        default=True,
        end_user_visible=True,
        in_all_brands=True,
        ticket_field_ids=fields,
    )
    for category, (agent, end_user) in _STATUSES.items():
        made(
            world,
            CustomStatus._meta,
            id=CUSTOM_STATUS[category],
            status_category=category,
            agent_label=agent,
            end_user_label=end_user,
            default=True,
        )


def _views(world: World) -> None:
    """Make the views of a new account, with all fields of their conditions in short."""
    world.author = world.owner
    for title, position, conditions, sort_by in _VIEWS:
        view = {
            "title": title,
            "position": position,
            "all": [_condition(text) for text in conditions.split()],
            "output": {"sort_by": sort_by},
        }
        views.create(world, View._meta, view, {})


def _condition(text: str) -> dict[str, str]:
    """Return the condition of a text, such as `status<solved`."""
    sign = "<" if "<" in text else "="
    field, _, value = text.partition(sign)
    return {"field": field, "operator": "less_than" if sign == "<" else "is", "value": value}
