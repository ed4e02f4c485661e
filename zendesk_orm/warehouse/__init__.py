"""The same QuerySet over SQL: tables of loaders, a local mirror, and databases of the caller."""

from __future__ import annotations

from zendesk_orm.extras import require_extra
from zendesk_orm.warehouse import layouts as layouts


with require_extra("warehouse"):
    from zendesk_orm.warehouse.connection import Warehouse as Warehouse
    from zendesk_orm.warehouse.connection import connect_warehouse as connect_warehouse
