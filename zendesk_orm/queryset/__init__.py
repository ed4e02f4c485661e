"""The QuerySet, an idea a file: what is asked, the rows, changes to them, and what is refused."""

from __future__ import annotations

from zendesk_orm.queryset.queryset import QuerySet


__all__ = ["QuerySet"]
