"""The same QuerySet over SQL: tables of loaders, a local mirror, and databases of the caller."""

from __future__ import annotations

from zendesk_orm.warehouse import layouts as layouts
from zendesk_orm.warehouse.connecting import connect_warehouse as connect_warehouse
from zendesk_orm.warehouse.layouts import ChildTable as ChildTable
from zendesk_orm.warehouse.layouts import Layout as Layout
from zendesk_orm.warehouse.mirror import Mirror as Mirror
from zendesk_orm.warehouse.mirror import MirrorResult as MirrorResult
