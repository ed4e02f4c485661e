"""Schema as code: changes that make an account match declared custom fields and objects."""

from __future__ import annotations

from zendesk_orm.schema_changes.changes import SchemaChange, SchemaOutcome
from zendesk_orm.schema_changes.plan import SchemaPlan
from zendesk_orm.schema_changes.planning import plan_schema


__all__ = ["SchemaChange", "SchemaOutcome", "SchemaPlan", "plan_schema"]
