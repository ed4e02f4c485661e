"""What of custom data its declarations do not tell: one table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import (
    assets,
    custom_objects,
    custom_records,
    object_rules,
    record_files,
    record_jobs,
    relationships,
)
from zendesk_orm.emulator.world import Answer, Call, Target, World


_OBJECT, _RECORD = "support.CustomObject", "support.CustomObjectRecord"
_FIELD = "support.CustomObjectField"
_PATH = "custom_objects/{}"

ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "custom_objects/limits/object_limit", _OBJECT): custom_objects.object_limit,
    ("GET", "custom_objects/limits/record_limit", _OBJECT): custom_objects.record_limit,
    ("GET", f"{_PATH}/limits/field_limit", _OBJECT): custom_objects.field_limit,
    ("GET", f"{_PATH}/fields", _FIELD): custom_objects.list_fields,
    ("POST", f"{_PATH}/fields", _FIELD): custom_objects.create_field,
    ("GET", f"{_PATH}/fields/{{}}", _FIELD): custom_objects.show_field,
    ("PATCH", f"{_PATH}/fields/{{}}", _FIELD): custom_objects.update_field,
    ("DELETE", f"{_PATH}/fields/{{}}", _FIELD): custom_objects.delete_field,
    ("PUT", f"{_PATH}/fields/reorder", _FIELD): custom_objects.reorder_fields,
    ("GET", f"{_PATH}/records", _RECORD): custom_records.list_rows,
    ("PATCH", f"{_PATH}/records", _RECORD): custom_records.upsert,
    ("DELETE", f"{_PATH}/records", _RECORD): custom_records.delete_by,
    ("POST", f"{_PATH}/jobs", _RECORD): record_jobs.submit,
    ("GET", f"{_PATH}/records/search", _RECORD): custom_records.search,
    ("GET", f"{_PATH}/records/autocomplete", _RECORD): custom_records.autocomplete,
    ("GET", "incremental/custom_objects/{}/cursor", _RECORD): custom_records.export,
    **assets.ROUTES,
    **object_rules.ROUTES,
    **record_files.ROUTES,
    **relationships.ROUTES,
}
