"""Columns: their names and types, and values that do not fit."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime, timezone

import pyarrow as pa
import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.servers import Server
from zendesk_orm import (
    FieldError,
    Group,
    InvalidValue,
    Ticket,
    TicketField,
    UnexpectedValue,
    User,
    UserField,
    Webhook,
)
from zendesk_orm.query.moments import DATE_PARTS
from zendesk_orm.schema import registry
from zendesk_orm.schema.custom_field import CustomField


UTC_TIME = pa.timestamp("us", tz="UTC")


def serve_tickets(*rows, fields=(), holder="tickets"):
    """Return an account whose tickets are some rows, with some custom fields."""

    def answer(request):
        if request.path == "ticket_fields":
            return {"ticket_fields": list(fields), "meta": {"has_more": False}, "links": {}}
        return {holder: list(rows), "results": list(rows), "meta": {"has_more": False}, "links": {}}

    return Server(answer).connect()


def export_rows(tmp_path, rows, name, **options):
    """Return the rows of a file that was exported."""
    path = tmp_path / f"rows.{name}"
    rows.export(path, overwrite=True, **options)
    with path.open(encoding="utf-8", newline="") as file:
        if name == "csv":
            return list(csv.DictReader(file))
        return [json.loads(line) for line in file]


def test_types_are_those_of_the_declarations(demo):
    """Each kind of field has a type, which does not depend on the values."""
    expected = {
        "id": pa.int64(),
        "subject": pa.string(),
        "status": pa.string(),
        "created_at": UTC_TIME,
        "requester_id": pa.int64(),
        "has_incidents": pa.bool_(),
        "tags": pa.list_(pa.string()),
        "collaborator_ids": pa.list_(pa.int64()),
        "via": pa.string(),
        "satisfaction_probability": pa.float64(),
    }
    for rows in (Ticket.objects.all()[:10], Ticket.objects.none()):
        schema = rows.to_arrow().schema

        assert {name: schema.field(name).type for name in expected} == expected
        assert not {"custom_fields", "fields", "comment", "requester"} & {*schema.names}


def test_ids_that_are_texts_have_text_columns(demo):
    """The ids of webhooks are texts; a secret has no column."""
    table = Webhook.objects.none().to_arrow()

    assert table.schema.field("id").type == pa.string()
    secrets = [field.name for field in Webhook._meta.secret_fields]
    assert not {*secrets} & {*table.column_names}
    for name in secrets:
        with pytest.raises(FieldError, match="secret"):
            Webhook.objects.values(name).to_arrow()


def test_custom_fields_are_named_columns(demo, count_requests):
    """A custom field is a column with its title and type, after one request for the fields."""
    demo.catalogue.clear()
    with count_requests(demo, 2):
        table = Ticket.objects.filter(status="new")[:5].to_arrow()

    types = {name: table.schema.field(name).type for name in table.column_names[-5:]}
    assert types == {
        "Product": pa.string(),
        "Order number": pa.string(),
        "Under warranty": pa.bool_(),
        "Amount": pa.float64(),
        "extra": pa.string(),
    }
    titles = [ticket.custom["Product"] for ticket in Ticket.objects.filter(status="new")[:5]]
    assert table["Product"].to_pylist() == titles


def test_declared_custom_fields_have_the_name_of_their_attribute(demo):
    """A declared custom field is a column with the name of the attribute."""

    class Case(Ticket):
        product = CustomField[str | None]("Product")

    table = Case.objects.filter(status="new").to_arrow()

    assert "product" in table.column_names
    assert "Product" not in table.column_names
    values = [row["product"] for row in Case.objects.filter(status="new").values("product")]
    assert table["product"].to_pylist() == values
    table = Case.objects.filter(status="new").values("product", "custom_fields__Amount").to_arrow()
    assert table.schema == pa.schema(
        [("product", pa.string()), ("custom_fields__Amount", pa.float64())]
    )


def test_custom_fields_of_users_are_named_columns(demo):
    """A custom field of users, which lies under its key, is a column with its title."""
    table = User.objects.filter(role="admin").to_arrow()

    assert {"Job title", "Newsletter"} < {*table.column_names}
    assert table.schema.field("Newsletter").type == pa.bool_()


def test_each_type_of_custom_field_has_a_type(account):
    """Custom fields of all types are typed by their definitions."""
    kinds = {
        "date": pa.date32(),
        "integer": pa.int64(),
        "decimal": pa.float64(),
        "checkbox": pa.bool_(),
        "text": pa.string(),
        "textarea": pa.string(),
    }
    for kind in kinds:
        UserField.objects.create(key=kind, title=kind, type=kind)
    fields = {"date": date(2024, 2, 29), "integer": 7, "decimal": 1.5, "checkbox": True}
    user = User(name="Ada", email="ada@example.com")
    user.custom.update({**fields, "text": "a", "textarea": "b\nc"})
    user.save()

    rows = User.objects.filter(id=user.pk)
    (row,) = rows.to_arrow().select(list(kinds)).to_pylist()

    assert row == {**fields, "text": "a", "textarea": "b\nc"}
    assert {name: rows.to_arrow().schema.field(name).type for name in kinds} == kinds


def test_names_that_collide_are_replaced_by_ids(account):
    """A custom field with the name of another column, in any case, has its id in its name."""
    for title in ("Subject", "extra", "requester", "Twice", "Twice", "twice"):
        TicketField.objects.create(title=title, type="text")
    ids = [field.pk for field in TicketField.objects.all() if field.type == "text"]

    names = Ticket.objects.none().to_arrow().column_names

    assert len({name.casefold() for name in names}) == len(names)
    assert [name for name in names if name.startswith("custom_fields__")] == [
        f"custom_fields__{pk}" for pk in ids[:3]
    ]
    assert [name for name in names if name.isdigit()] == [str(pk) for pk in ids[3:]]


def test_undeclared_values_are_in_one_column():
    """Keys that the model, or the account, does not declare are in `extra`, or omitted."""
    custom = [{"id": 7, "value": "x"}, {"id": 8, "value": None}]
    serve_tickets({"id": 1, "new_key": {"a": [1]}, "custom_fields": custom}, {"id": 2})

    rows = Ticket.objects.all().to_arrow().to_pylist()

    assert json.loads(rows[0]["extra"]) == {"new_key": {"a": [1]}, "custom_fields": {"7": "x"}}
    assert rows[1]["extra"] is None
    assert "extra" not in Ticket.objects.all().to_arrow(extra=False).column_names
    assert Ticket.objects.values("id").to_arrow().column_names == ["id"]


def test_columns_are_selected_as_fields_are(demo, count_requests):
    """`values()`, `only()` and `defer()` select columns; related rows are side-loaded."""
    new = Ticket.objects.filter(status="new")
    with count_requests(demo, 1):
        table = new.values("id", "requester", "requester__name", "via__channel").to_arrow()
    expected = list(new.values("id", "requester", "requester__name", "via__channel"))
    assert table.to_pylist() == expected
    assert table.schema.field("requester").type == pa.int64()
    assert new.values_list("subject", flat=True).to_arrow().column_names == ["subject"]
    assert new.only("id", "tags").to_arrow().column_names == ["id", "tags"]
    assert new.only("id", "tags").defer("tags").using("default").to_arrow().column_names == ["id"]
    deferred = new.defer("requester", "via", "custom_fields__Amount").to_arrow().column_names
    every = new.to_arrow().column_names
    assert [name for name in every if name not in deferred] == ["via", "requester_id", "Amount"]
    with count_requests(demo, 1):
        related = new.select_related("requester").prefetch_related("group", "comments").to_arrow()
    assert related.column_names == every
    assert "Product" not in new.defer("custom_fields").to_arrow().column_names


def test_parts_of_moments_have_types(demo, tmp_path):
    """The parts of a moment are dates and numbers in tables and files, as `values()` has them."""
    names = [*(f"created_at__{part}" for part in DATE_PARTS), "requester__created_at__date"]
    rows = Ticket.objects.filter(status="new").values(*names)[:3]
    table = rows.to_arrow()

    assert table.to_pylist() == list(rows)
    assert table.schema.field("created_at__date").type == pa.date32()
    assert table.schema.field("created_at__year").type == pa.int64()
    day = rows[0]["created_at__date"].isoformat()
    assert [
        export_rows(tmp_path, rows, name)[0]["created_at__date"] for name in ("csv", "jsonl")
    ] == [
        day,
        day,
    ]


def test_columns_that_do_not_exist_are_rejected(demo, count_requests):
    """An unknown column, type, or search over all types raises an error before any request."""
    with count_requests(demo, 0):
        with pytest.raises(FieldError, match="subject"):
            Ticket.objects.values("id", "subjct")
        with pytest.raises(FieldError, match="tags"):
            Ticket.objects.values("id", "tags").to_arrow(types={"tag": "json"})
        with pytest.raises(InvalidValue, match="list<string>"):
            Ticket.objects.values("id", "tags").to_arrow(types={"tags": "list"})
        with pytest.raises(FieldError, match="several models"):
            demo.search("printer").export("all.csv")
    assert demo.search("printer").values("id", "result_type")[:3].to_arrow().num_rows == 3


def test_values_that_do_not_fit_are_errors(tmp_path):
    """The error names the model, the row, the column and the value; `types=` exports it."""
    cases = {
        "group_id": 2**63,
        "generated_timestamp": "soon",
        "has_incidents": "perhaps",
        "created_at": "yesterday",
        "tags": "vip",
        "collaborator_ids": ["x"],
        "satisfaction_probability": 2**60 + 1,
        "subject": {"a": 1},
    }
    for name, value in cases.items():
        serve_tickets({"id": 5, "created_at": "2024-01-01T00:00:00Z", name: value})
        rows = Ticket.objects.fresh().only(name)
        with pytest.raises(UnexpectedValue, match=rf"Ticket 5: {name} is .*types="):
            rows.to_arrow()

        (row,) = export_rows(tmp_path, rows, "jsonl", types={name: "json"})
        assert row == {name: value}
        (row,) = rows.to_arrow(types={name: "text"}).to_pylist()
        assert row[name] == (
            value if isinstance(value, str) else json.dumps(value).replace(" ", "")
        )


def test_numbers_and_flags_in_texts_are_converted(tmp_path):
    """Values that have one meaning are converted as the fields do."""
    row = {
        "id": "5",
        "group_id": "7",
        "has_incidents": "true",
        "created_at": "2024-01-01T01:00:00+01:00",
        "due_at": "",
        "subject": 5,
        "tags": None,
        "type": "",
    }
    serve_tickets(row)

    (result,) = Ticket.objects.fresh().only(*row).to_arrow().to_pylist()

    assert result == {
        "id": 5,
        "group_id": 7,
        "has_incidents": True,
        "created_at": datetime(2024, 1, 1, tzinfo=timezone.utc),
        "due_at": None,
        "subject": "5",
        "tags": [],
        "type": None,
    }


def test_difficult_texts_survive(tmp_path):
    """Line breaks, quotes, emoji, NUL, a megabyte: each format contains the same text."""
    texts = [
        "a\r\nb\n",
        '"quoted", and',
        "emoji 😀",
        "ünï",
        "\u2028",
        "x" * 1_000_000,
        "",
        "'",
        # Older versions cannot write it as CSV.
        *(["\x00"] if sys.version_info >= (3, 11) else []),
    ]
    serve_tickets(*({"id": n, "subject": text} for n, text in enumerate(texts, 1)))
    rows = Ticket.objects.fresh().only("subject")

    assert rows.to_arrow()["subject"].to_pylist() == texts
    for name in ("jsonl", "csv"):
        if name == "csv":
            csv.field_size_limit(2_000_000)
        exported = [row["subject"] for row in export_rows(tmp_path, rows, name)]
        assert exported == texts


def test_half_characters_are_replaced_or_escaped(tmp_path):
    """Half of a character is kept by JSON lines, and replaced by U+FFFD in other files."""
    serve_tickets({"id": 1, "subject": "cut \ud83d", "tags": ["\udc00"], "via": {"a": "\ud83d"}})
    rows = Ticket.objects.fresh().only("subject", "tags", "via")

    (table_row,) = rows.to_arrow().to_pylist()
    (line,) = export_rows(tmp_path, rows, "jsonl")
    (cells,) = export_rows(tmp_path, rows, "csv")

    assert line == {"subject": "cut \ud83d", "tags": ["\udc00"], "via": {"a": "\ud83d"}}
    assert (table_row["subject"], table_row["tags"]) == ("cut \ufffd", ["\ufffd"])
    assert json.loads(table_row["via"]) == {"a": "\ud83d"}
    assert (cells["subject"], json.loads(cells["via"])) == ("cut \ufffd", {"a": "\ud83d"})


def test_formulas_are_escaped_on_request(tmp_path):
    """A spreadsheet would evaluate these texts; with `escape_formulas=True` it does not."""
    texts = ["=1+1", "+1", "-1", "@a", "\tx", "plain", "a=1"]
    serve_tickets(*({"id": n, "subject": text} for n, text in enumerate(texts, 1)))
    rows = Ticket.objects.fresh().only("id", "subject")

    assert [row["subject"] for row in export_rows(tmp_path, rows, "csv")] == texts
    escaped = export_rows(tmp_path, rows, "csv", escape_formulas=True)
    assert [row["subject"] for row in escaped] == [f"'{text}" for text in texts[:5]] + texts[5:]
    assert escaped[0]["id"] == "1"


def test_a_thousand_custom_fields_are_a_thousand_columns(count_requests):
    """A row with 1,000 custom fields is read in one pass over them."""
    fields = [{"id": n, "title": f"Field {n}", "type": "text"} for n in range(1, 1001)]
    values = [{"id": n, "value": str(n)} for n in range(1, 1001)]
    account = serve_tickets({"id": 1, "custom_fields": values}, fields=fields)

    with count_requests(account, 2):
        (row,) = Ticket.objects.fresh().to_arrow().to_pylist()

    assert [row[f"Field {n}"] for n in range(1, 1001)] == [str(n) for n in range(1, 1001)]


def test_rows_of_other_products_and_models_are_exported(demo, tmp_path):
    """Models without custom fields need no request for them."""
    names = [group.name for group in Group.objects.all()]

    assert Group.objects.all().to_arrow()["name"].to_pylist() == names


def test_deleted_rows_are_exported(ticket):
    """Rows of deleted tickets have columns of their model."""
    ticket.delete()

    table = Ticket.deleted.all().to_arrow()

    assert table["id"].to_pylist() == [ticket.pk]


def test_each_model_has_columns(demo):
    """The columns of each model have different names, also where case is ignored."""
    for product in registry.PRODUCTS:
        registry.load(product)
    models = [
        model
        for model in registry._models.values()
        if model.__module__.startswith("zendesk_orm.")
        and not model._meta.abstract
        and hasattr(model, "objects")
    ]
    # The columns of the others depend on the query.
    exceptions = {"Result", "CustomObjectRecord"}
    for model in models:
        if model.__name__ not in exceptions:
            names = model.objects.none().to_arrow().column_names

            assert names
            assert len({name.casefold() for name in names}) == len(names), model
    assert len(models) > 150


@pytest.fixture(scope="module")
def ten():
    """Return an emulator with ten tickets."""
    with emulator_with_tickets(10) as emulator:
        yield emulator


def test_unsaved_edits_are_not_exported(ten):
    """Files and tables have the values of Zendesk, as `values()` has."""
    ten.connect()
    ticket = Ticket.objects.get(3)
    ticket.subject = "edited"

    table = Ticket.objects.filter(id=3).to_arrow()

    assert table["subject"].to_pylist() == ["Ticket 3"]
    assert ticket.subject == "edited"
