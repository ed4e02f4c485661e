"""Plans: their changes, their text, and the requests that apply them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from tests.schema_changes.declared import declare, declare_object, read_fields
from zendesk_orm import (
    CustomField,
    CustomObject,
    Organization,
    OrganizationField,
    StaleObjectError,
    Ticket,
    TicketField,
    User,
    UserField,
    connect,
)
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.errors import InvalidValue
from zendesk_orm.inspection.drift import load_models
from zendesk_orm.inspection.models import inspect
from zendesk_orm.schema_changes import plan_schema


SIZES = {"s": "Small", "m": "Medium"}


def _apply(models, account, **options):
    """Apply a plan without failures, check that another is empty, and return its lines."""
    plan = plan_schema(models, account, **options)
    before = account.requests_sent
    outcomes = plan.apply()
    assert account.requests_sent - before == plan.requests
    assert [outcome for outcome in outcomes if not outcome.ok] == []
    assert (
        str(plan_schema(models, account, **options))
        .splitlines()[0]
        .endswith("matches the declarations")
    )
    return [str(change) for change in plan.changes]


def test_fields_and_objects_are_created(account):
    """Objects are created before fields, and the types follow from the declarations."""
    car = declare_object(
        "Car",
        "car",
        "Car",
        built=CustomField[date]("Built on"),
        owner=CustomField["User | None"]("owner"),
        garage=CustomField["Garage | None"]("garage"),
    )
    garage = declare_object("Garage", "garage", "Garage", car=CustomField["Car | None"]("car"))
    ticket = declare(
        "OurTicket",
        size=CustomField[str]("Size", options=SIZES, default="m"),
        tags_=CustomField[list[Literal["a", "b"]]]("Labels"),
        car=CustomField["Car | None"]("Car"),
        code=CustomField[str]("Code", pattern="^[A-Z]+$", required=True),
    )
    user = declare("OurUser", User, vip=CustomField[bool]("vip", attributes={"tag": "vip"}))
    organization = declare("Org", Organization, seats=CustomField[int]("seats"))

    lines = _apply([ticket, car, garage, user, organization], account)

    assert lines == [
        "+ create custom object 'car' ('Car')",
        "+ create custom object 'garage' ('Garage')",
        "+ create field 'built' of custom object 'car' (date)",
        "+ create field 'owner' of custom object 'car' (lookup)",
        "+ create field 'garage' of custom object 'car' (lookup)",
        "+ create field 'car' of custom object 'garage' (lookup)",
        "+ create user field 'vip' (checkbox)",
        "+ create organization field 'seats' (integer)",
        "+ create ticket field 'Size' (tagger, 2 options)",
        "+ create ticket field 'Labels' (multiselect, 2 options)",
        "+ create ticket field 'Car' (lookup)",
        "+ create ticket field 'Code' (regexp)",
    ]
    rows = {row.get("title"): row for row in read_fields(account).values()}
    assert rows["Built on"]["key"] == "built"
    assert rows["Code"]["regexp_for_validation"] == "^[A-Z]+$"
    assert rows["Code"]["required"] is True
    options = [(o["value"], o["name"], o["default"]) for o in rows["Size"]["custom_field_options"]]
    assert options == [("s", "Small", False), ("m", "Medium", True)]
    assert CustomObject.objects.get("garage").title_pluralized == "Garages"


def test_a_plan_reads_each_owner_once(account, count_requests):
    """A plan sends a request for each owner that exists, and one for the custom objects."""
    car = declare_object("Car", "car", "Car", size=CustomField[str]("size"))
    models = [car, declare("T", a=CustomField[int]("A")), declare("T2", b=CustomField[int]("B"))]

    with count_requests(account, 3):
        # The objects, their limit, and the ticket fields; the object has no fields yet.
        plan_schema(models, account)
    plan_schema(models, account).apply()
    with count_requests(account, 3):
        plan = plan_schema(models, account)

    assert (plan.changes, plan.requests, bool(plan)) == ((), 0, False)


def test_attributes_are_changed(account):
    """Titles, descriptions, rules and the state of a field are changed in one request."""
    UserField.objects.create(key="plan", title="Plan", type="text", active=False)
    field = TicketField.objects.create(title="Code", type="regexp", regexp_for_validation="^a")
    user = declare(
        "U", User, plan=CustomField[str]("plan", title="Tariff", attributes={"description": "Old"})
    )
    ticket = declare(
        "T",
        code=CustomField[str](
            "Code number", id=field.pk, type="regexp", pattern="^b", required=True
        ),
    )

    assert _apply([user, ticket], account) == [
        "~ change title of user field 'plan': 'Plan' -> 'Tariff'",
        "~ change active of user field 'plan': False -> True",
        "~ change description of user field 'plan': '' -> 'Old'",
        "~ change title of ticket field 'Code': 'Code' -> 'Code number'",
        "~ change required of ticket field 'Code': False -> True",
        "~ change regexp_for_validation of ticket field 'Code': '^a' -> '^b'",
    ]


def test_only_declared_attributes_are_changed(account):
    """A declaration by name alone accepts the field as it is."""
    TicketField.objects.create(
        title="Size",
        type="tagger",
        required=True,
        description="Of the car",
        custom_field_options=[{"name": "Small", "value": "s"}],
    )
    TicketField.objects.create(title="Code", type="regexp", regexp_for_validation="^a")
    models = [declare("T", size=CustomField[str]("size"), code=CustomField[str]("code"))]

    plan = plan_schema(models, account)

    assert (plan.changes, plan.skipped_deletions) == ((), ())


def test_dynamic_content_stays(account, emulator):
    """A title or an option that comes from dynamic content is not replaced by the same text."""
    field = UserField.objects.create(
        key="size",
        title="Size",
        raw_title="{{dc.size}}",
        type="dropdown",
        custom_field_options=[{"name": "Small", "raw_name": "{{dc.small}}", "value": "s"}],
    )
    declared = CustomField[str]("size", title="Size", type="dropdown", options=SIZES)

    lines = _apply([declare("U", User, size=declared)], account)

    assert lines == ["+ create option 'm' of user field 'size' ('Medium')"]
    field.refresh_from_db()
    assert field.custom_field_options[0]["raw_name"] == "{{dc.small}}"


def test_options_are_added_renamed_and_ordered(account):
    """Options keep their ids when they are renamed and ordered; others follow their predecessor."""
    names = [("xs", "Tiny"), ("s", "S"), ("odd", "Odd"), ("m", "Medium"), ("l", "Large")]
    field = TicketField.objects.create(
        title="Size",
        type="tagger",
        custom_field_options=[{"name": name, "value": tag} for tag, name in names],
    )
    ids = {option["value"]: option["id"] for option in field.custom_field_options}
    options = {"m": "Medium", "s": "Small", "xl": "Huge", "xs": "Tiny", "l": "Large"}
    size = CustomField[str]("Size", type="tagger", options=options, default="xl")

    lines = _apply([declare("T", size=size)], account)

    order = "['xs', 's', 'm', 'l'] -> ['m', 's', 'xs', 'l']"
    assert lines == [
        "~ change name of option 's' of ticket field 'Size': 'S' -> 'Small'",
        "+ create option 'xl' of ticket field 'Size' ('Huge')",
        "~ change default of ticket field 'Size': None -> 'xl'",
        f"~ change option order of ticket field 'Size': {order}",
    ]
    field.refresh_from_db()
    rows = field.custom_field_options
    assert [row["value"] for row in rows] == ["m", "s", "odd", "xl", "xs", "l"]
    assert {row["value"]: row["id"] for row in rows if row["value"] != "xl"} == ids


def test_nothing_is_deleted_without_permission(account):
    """Deletions and deactivations are left out by default; allowed ones come first."""
    for key in ("car", "boat"):
        item = CustomObject.objects.create(key=key, title=key, title_pluralized=f"{key}s")
        item.fields.create(key="size", title="Size", type="text")
    UserField.objects.create(key="other", title="Other", type="text")
    TicketField.objects.create(title="Old", type="text")
    TicketField.objects.create(title="Gone", type="text", active=False)
    TicketField.objects.create(title="Hidden", type="text")
    options = [{"name": name, "value": tag} for tag, name in SIZES.items()]
    TicketField.objects.create(title="Size", type="tagger", custom_field_options=options)
    hidden = CustomField[str]("Hidden", attributes={"active": False})
    size = CustomField[str]("Size", type="tagger", options={"m": "Medium", "l": "Large"})
    models = [
        declare("T", size=size, hidden=hidden),
        declare_object("Car", "car", color=CustomField[str]("color")),
    ]

    before = read_fields(account)
    plan = plan_schema(models, account)
    plan.apply()
    after = read_fields(account)
    destructive = _apply(models, account, allow_deletions=True)

    assert [str(change) for change in plan.changes] == [
        "+ create field 'color' of custom object 'car' (text)",
        "+ create option 'l' of ticket field 'Size' ('Large')",
    ]
    assert before.keys() <= after.keys()
    assert destructive == [str(change) for change in plan.skipped_deletions]
    assert sorted(destructive) == [
        "- delete custom object 'boat' (with all its fields and records)",
        "- delete field 'size' of custom object 'car' (text)",
        "- delete option 's' of ticket field 'Size' ('Small')",
        "- delete ticket field 'Old' (text)",
        "~ change active of ticket field 'Hidden': True -> False",
    ]
    titles = {row.get("title") for row in read_fields(account).values()}
    assert titles >= {"Gone", "Other"}  # An inactive field, and one of an undeclared owner.


def test_destructive_changes_come_first(account):
    """The first changes of a plan are deletions."""
    TicketField.objects.create(title="Old", type="text")

    plan = plan_schema([declare("T", a=CustomField[int]("A"))], account, allow_deletions=True)

    assert [change.action for change in plan.changes] == ["delete", "create"]
    assert [change.is_destructive for change in plan.changes] == [True, False]


def test_classes_may_share_fields(account):
    """Subclasses and several classes of an object declare each field once."""
    base = declare("Base", a=CustomField[str]("A"))
    sub = declare("Sub", base, b=CustomField[str]("B"))
    bare = declare("Bare", a=CustomField("a"))
    one = declare_object("One", "car", "Car", color=CustomField[str]("color"))
    two = declare_object("Two", "car", color=CustomField[str]("color", title="Colour"))

    assert _apply([base, sub, bare, one, two], account) == [
        "+ create custom object 'car' ('Car')",
        "+ create field 'color' of custom object 'car' (text)",
        "+ create ticket field 'A' (text)",
        "+ create ticket field 'B' (text)",
    ]
    assert CustomObject.objects.get("car").fields.get(key="color").title == "Colour"


def test_objects_are_ordered_by_their_filters(account):
    """The fields that the filter of a lookup refers to are created first."""
    conditions = {"all": [{"field": "custom_fields.size", "operator": "is", "value": "s"}]}
    attributes = {"relationship_filter": conditions}
    car = declare_object(
        "Car", "car", "Car", garage=CustomField["Garage"]("garage", attributes=attributes)
    )
    garage = declare_object("Garage", "garage", "Garage", size=CustomField[str]("size"))

    lines = _apply([car, garage], account)

    assert lines[2:] == [
        "+ create field 'size' of custom object 'garage' (text)",
        "+ create field 'garage' of custom object 'car' (lookup)",
    ]
    assert CustomObject.objects.get("car").fields.get(key="garage").relationship_filter == (
        conditions
    )


def test_a_failure_skips_dependent_changes(account, emulator):
    """Changes that need a failed one are skipped, others are made, and a new plan continues."""
    models = [
        declare_object("Car", "car", "Car", size=CustomField[str]("size")),
        declare("T", car=CustomField["Car"]("Car"), a=CustomField[str]("A")),
    ]
    emulator.faults.add(Fault("POST /api/v2/custom_objects", status=422, times=1))
    progress = []

    outcomes = plan_schema(models, account).apply(progress=progress.append)

    assert [(outcome.state, outcome.details[:34]) for outcome in outcomes] == [
        ("failed", outcomes[0].details[:34]),
        ("skipped", "custom object car was not created"),
        ("skipped", "custom object car was not created"),
        ("done", ""),
    ]
    assert "422" in str(outcomes[0].error)
    assert (progress[-1].done, progress[-1].failed, progress[-1].total) == (1, 3, 4)
    assert len(_apply(models, account)) == 3


def test_a_lost_connection_stops_the_plan(account, emulator):
    """Nothing is sent after a lost connection, and what was applied is not created again."""
    models = [declare("T", a=CustomField[str]("A"), b=CustomField[str]("B"))]
    fault = Fault("POST /api/v2/ticket_fields", disconnect=True, applied=True, times=1)
    emulator.faults.add(fault)

    outcomes = plan_schema(models, account).apply()

    assert [outcome.state for outcome in outcomes] == ["failed", "skipped"]
    assert _apply(models, account) == ["+ create ticket field 'B' (text)"]


def test_options_of_others_are_not_lost(account):
    """If others change options after the plan was made, they stay, and the change fails."""
    options = [{"name": name, "value": tag} for tag, name in SIZES.items()]
    field = TicketField.objects.create(title="Size", type="tagger", custom_field_options=options)
    size = CustomField[str]("Size", type="tagger", options={**SIZES, "l": "Large"})
    plan = plan_schema([declare("T", size=size)], account)
    field.custom_field_options = [*field.custom_field_options, {"name": "Huge", "value": "xl"}]
    field.save()

    (outcome,) = plan.apply()

    assert type(outcome.error) is StaleObjectError
    field.refresh_from_db()
    assert [option["value"] for option in field.custom_field_options] == ["s", "m", "xl"]


def test_two_plans_create_a_ticket_field_once(account):
    """A ticket field that others create after the plan was made is not created a second time."""

    class Titles(Ticket):
        """Fields, of which one has the title of a standard field."""

        first = CustomField[str | None]("First")
        priority_field = CustomField[str | None]("Priority")

    TicketField.objects.create(title="Old", type="text")
    plans = [plan_schema([Titles], account) for _ in range(2)]

    outcomes = [[outcome.state for outcome in plan.apply()] for plan in plans]

    assert outcomes == [["done", "done"], ["failed", "failed"]]
    assert TicketField.objects.filter(type="text").scan().count() == 3
    assert not plan_schema([Titles], account)


def test_a_plan_is_applied_once(account, count_requests):
    """Applying a plan twice raises an error, because fields would be created twice."""
    plan = plan_schema([declare("T", a=CustomField[str]("A"))], account)
    plan.apply()

    with count_requests(account, 0), pytest.raises(InvalidValue, match="applied before"):
        plan.apply()


def test_a_dry_run_lists_the_requests_of_the_plan(account):
    """In a dry run, `apply()` lists the changes that the plan sends, and sends none of them."""
    car = declare_object("Car", "car", "Car", size=CustomField[str]("size"))
    models = [car, declare("T", car=CustomField["Car"]("Car"))]
    plan = plan_schema(models, account)

    with account.dry_run(quiet=True) as diff:
        plan.apply()

    assert len(diff) == plan.requests - 1 == 3
    assert len(plan_schema(models, account).changes) == 3


def test_a_module_moves_to_another_account(tmp_path):
    """The portable module of an account creates the same in an empty one, and names no ids."""
    source, target = connect("emulator://?seed=demo"), connect("emulator://", alias="target")
    car = CustomObject.objects.create(
        key="car", title="Car", title_pluralized="Cars", include_in_list_view=True
    )
    car.fields.create(
        key="owner",
        title="Owner of the car",
        type="lookup",
        relationship_target_type="zen:user",
        relationship_filter={"all": [{"field": "role", "operator": "is", "value": "agent"}]},
    )
    car.fields.create(
        key="price", title="Price", type="currency", properties={"allowed_currencies": ["USD"]}
    )
    OrganizationField.objects.create(
        key="size",
        title="Größe",
        description='"Size"',
        type="dropdown",
        custom_field_options=[{"name": "B", "value": "b"}, {"name": "A", "value": "a"}],
    )
    TicketField.objects.create(title="Brand", type="lookup", relationship_target_type="zen:brand")
    TicketField.objects.create(
        title="Note",
        type="textarea",
        agent_description="For agents",
        visible_in_portal=True,
        editable_in_portal=True,
        required_in_portal=True,
        title_in_portal="Your note",
        required=True,
    )
    for title in ("重要度", "Тип", "สี", "🔥", "!", "Size"):
        TicketField.objects.create(title=title, type="text")
    text = inspect(source, portable=True)
    file = tmp_path / "models.py"
    file.write_text(text, encoding="utf-8")
    models = load_models(str(file))

    assert (plan_schema(models, source).changes, "id=" in text) == ((), False)
    _apply(models, target)
    assert inspect(target, portable=True) == text
    assert "重要度 = CustomField" in text


def test_a_module_with_ids_matches_its_account(tmp_path):
    """The module that `inspect` writes has an empty plan, even if deletions are allowed."""
    account = connect("emulator://?seed=demo")
    for number in range(2):
        TicketField.objects.create(title="Twin", type="text", description=f"Twin {number}")
    TicketField.objects.create(title="Gone", type="text", active=False)
    gone = "zen:custom_object:gone"
    TicketField.objects.create(title="Lost", type="lookup", relationship_target_type=gone)
    # Only options of ticket fields have a default, but responses may contain the key.
    gold = {"name": "Gold", "value": "gold", "default": True}
    for owner in (TicketField, UserField):
        kind = "tagger" if owner is TicketField else "dropdown"
        keys = {} if owner is TicketField else {"key": "level"}
        owner.objects.create(title="Level", type=kind, custom_field_options=[gold], **keys)
    file = tmp_path / "models.py"
    file.write_text(inspect(account), encoding="utf-8")

    plan = plan_schema(load_models(str(file)), account, allow_deletions=True)

    assert str(plan).splitlines() == ["https://emulator.zendesk.com matches the declarations"]


def test_a_class_without_fields_deletes_nothing(account):
    """Tickets of a class without custom fields do not put ticket fields under control."""
    TicketField.objects.create(title="Old", type="text")

    plan = plan_schema([declare("T"), Ticket], account, allow_deletions=True)

    assert plan.changes == ()
