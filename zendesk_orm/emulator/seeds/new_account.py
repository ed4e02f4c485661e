"""The rows of a new emulator: those of a new account, and those of a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import astuple

from zendesk_orm.emulator.account.locales import create_locales
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.resources import initialize, set_derived_fields
from zendesk_orm.emulator.rules import views
from zendesk_orm.emulator.seeds import cache, demo
from zendesk_orm.emulator.seeds.default_rules import create_rules
from zendesk_orm.emulator.storage.defaults import CUSTOM_STATUS_IDS, DEFAULT_FORM_ID, build_row
from zendesk_orm.emulator.storage.store import Store
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Brand, CustomStatus, Group, TicketField, TicketForm, User, View


#: The e-mail address of the owner of the account.
OWNER = "owner@example.com"

#: Functions that insert the rows of a seed, by its name.
SEEDS: Mapping[str, Callable[[Context], None]] = {"demo": demo.fill}

_SYSTEM_FIELDS = {
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "tickettype": "Type",
    "priority": "Priority",
    "group": "Group",
    "assignee": "Assignee",
}
#: Options of system fields.
_SYSTEM_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "priority": ("Low", "Normal", "High", "Urgent"),
    "status": ("New", "Open", "Pending", "Solved"),
    "tickettype": ("Question", "Incident", "Problem", "Task"),
}
#: Names of the custom statuses of a new account for agents and for end users, by category.
_STATUSES = {
    "new": ("New", "Open"),
    "open": ("Open", "Open"),
    "pending": ("Pending", "Awaiting your reply"),
    "hold": ("On-hold", "Open"),
    "solved": ("Solved", "Solved"),
}
#: The views of a new account, as recorded: title, position, conditions, and sort field.
_VIEWS = (
    ("Your unsolved tickets", 0, "status<solved assignee_id=current_user", "nice_id"),
    ("Unassigned tickets", 1, "assignee_id= status<solved", "created"),
    ("All unsolved tickets", 2, "status<solved", "nice_id"),
    ("Recently updated tickets", 3, "updated_at<24 status<closed", "updated"),
    ("Pending tickets", 9999, "status=pending", "nice_id"),
    ("Recently solved tickets", 9999, "status=solved", "solved"),
)

#: Stores by seed, which are copied instead of being built again: every test can have its account.
_STORES: dict[str, Store] = {}
#: The latest store without a seed, by the second in which it was filled and the switches.
_NEW_STORES: dict[Any, Store] = {}


def fill(context: Context, seed: str | None, *, use_cache: bool = False) -> None:
    """Insert the rows of a new account, unless the store has an account already.

    Args:
        context: the account.
        seed: the name of a seed, whose rows are inserted, too; None for no seed.
        use_cache: whether the rows may be copied, from another emulator of the process or from the
            cache folder, and be some hours old.

    Raises:
        ConfigurationError: the seed does not exist.
    """
    check_seed(seed)
    use_cache = use_cache and not context.switches.default_rules
    key = None if seed or not use_cache else (context.timestamp(), astuple(context.switches))
    is_copied = use_cache and _copy(context, seed, key)
    with context.store.transaction():
        if not context.store.find(User._meta.label, "email", OWNER):
            # An account with a history was not created now.
            age = timedelta(days=demo.AGE if seed else 0).total_seconds()
            with context.backdate(context.now() - age):
                _create_account(context)
            if seed:
                SEEDS[seed](context)
            _create_views(context)
            if context.switches.default_rules:
                create_rules(context)
            context.store.create_indexes()
        context.owner_id = context.store.find(User._meta.label, "email", OWNER)[0]["id"]
        context.brand_id = context.store.find(Brand._meta.label, "default", 1)[0]["id"]
    if not use_cache:
        return
    if seed is None and not is_copied:
        copied = _build_copy(context.store)
        _NEW_STORES.clear()
        _NEW_STORES[key] = copied
    elif seed is not None and seed not in _STORES:
        _STORES[seed] = _build_copy(context.store)
        if not is_copied:
            cache.save(_STORES[seed], seed)


def _build_copy(store: Store) -> Store:
    """Return a store in memory with the rows of another store."""
    copied = Store()
    copied.copy_from(store)
    return copied


def _copy(context: Context, seed: str | None, key: Any) -> bool:
    """Copy the rows of a seed or of a new account into a store in memory, if there is a copy.

    Args:
        context: the account.
        seed: the name of the seed, or None.
        key: the key of a new account in `_NEW_STORES`.

    Returns:
        Whether there was one.
    """
    store = _NEW_STORES.get(key) if seed is None else _STORES.get(seed)
    if store is not None:
        context.store.copy_from(store)
    return store is not None or (seed is not None and cache.load(context.store, seed))


def check_seed(seed: Any) -> None:
    """Check that a seed exists.

    Raises:
        ConfigurationError: it does not.
    """
    if seed is not None and not (isinstance(seed, str) and seed in SEEDS):
        raise ConfigurationError(
            f"the seed {display(seed)} does not exist" + suggestion(str(seed), SEEDS)
        )


def create_row(context: Context, meta: Options, **values: Any) -> dict[str, Any]:
    """Create a row and return it."""
    row = build_row(meta)
    row.update(values)
    initialize(context, meta, row)
    set_derived_fields(context, meta, row, values)
    context.write(meta, row)
    return row


def _create_account(context: Context) -> None:
    group = create_row(context, Group._meta, name="Support", default=True)
    owner = create_row(
        context,
        User._meta,
        name="Olivia Owner",
        email=OWNER,
        role="admin",
        verified=True,
        default_group_id=group["id"],
    )
    context.owner_id = context.user_id = owner["id"]
    brand = create_row(
        context,
        Brand._meta,
        name="Emulator",
        subdomain="emulator",
        brand_url="https://emulator.zendesk.com",
        active=True,
        default=True,
    )
    context.brand_id = brand["id"]
    fields = [
        create_row(
            context,
            TicketField._meta,
            type=kind,
            title=title,
            position=position,
            removable=False,
            visible_in_portal=True,
            # Recorded: all system fields have a title in the portal.
            title_in_portal=title,
            raw_title_in_portal=title,
            **_describe_options(kind),
        )
        for position, (kind, title) in enumerate(_SYSTEM_FIELDS.items())
    ]
    _create_form(context, [field["id"] for field in fields])
    create_locales(context)


def _describe_options(kind: str) -> dict[str, Any]:
    """Return the keys that only fields with fixed options have."""
    if kind not in _SYSTEM_OPTIONS:
        return {}
    options = [{"name": name, "value": name.lower()} for name in _SYSTEM_OPTIONS[kind]]
    # All values of priority, and of status without "on hold".
    sub_type = {} if kind == "tickettype" else {"sub_type_id": 0}
    return {"system_field_options": options, **sub_type}


def _create_form(context: Context, fields: list[int]) -> None:
    """Create the default ticket form and the custom statuses."""
    create_row(
        context,
        TicketForm._meta,
        id=DEFAULT_FORM_ID,
        name="Default Ticket Form",
        display_name="Default Ticket Form",
        position=0,
        default=True,
        end_user_visible=True,
        in_all_brands=True,
        ticket_field_ids=fields,
    )
    for category, (agent, end_user) in _STATUSES.items():
        create_row(
            context,
            CustomStatus._meta,
            id=CUSTOM_STATUS_IDS[category],
            status_category=category,
            agent_label=agent,
            end_user_label=end_user,
            default=True,
        )


def _create_views(context: Context) -> None:
    """Create the views of a new account."""
    context.user_id = context.owner_id
    for title, position, conditions, sort_by in _VIEWS:
        view = {
            "title": title,
            "position": position,
            "all": [_parse_condition(text) for text in conditions.split()],
            "output": {"sort_by": sort_by},
        }
        views.create(context, View._meta, view, {})


def _parse_condition(text: str) -> dict[str, str]:
    """Return the condition for a text such as `status<solved`."""
    sign = "<" if "<" in text else "="
    field, _, value = text.partition(sign)
    return {"field": field, "operator": "less_than" if sign == "<" else "is", "value": value}
