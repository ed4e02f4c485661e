"""QuerySets and managers: the public query API."""

from __future__ import annotations

from zendesk_orm.queryset.queryset import QuerySet


__all__ = ["QuerySet"]
