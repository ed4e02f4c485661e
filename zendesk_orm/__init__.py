"""The Django ORM for Zendesk.

::

    from zendesk_orm import Ticket, connect

    connect("emulator://?seed=demo")          # or subdomain=, email=, token=
    for ticket in Ticket.objects.filter(status="new").select_related("requester")[:10]:
        ticket.tags.append("seen")
        ticket.save()

The packages, lowest layer first; imports point down this list, never up:

============== =====================================================================
errors         the exception tree
signals        Django's signals, and `receiver()`
lazy           public names, imported on first use
http           a `Request` goes out, a `Response` comes back
api            endpoints and styles of paging, as data
schema         the definition of a model: fields, rows, records
query          a query as a value: lookups, predicates, search text
plan           the choice of an endpoint, and its reasons
session        one unit of work: pages, identity map, cached rows
write          changes: one by one, or in bulk through jobs
account        `connect()` and accounts by alias
queryset       the public query API: QuerySet, managers, relations
model          `Model`: a record with `objects`, `save()` and `delete()`
support        declarations of Zendesk Support; also help_center, talk, chat and messaging
sync           changes that others made: checkpoints, webhooks, signals
export         rows in files and tables: Parquet, CSV, JSON lines, Arrow
warehouse      the same QuerySet over SQL
inspection     an account's custom fields as code, and its differences from that code
schema_changes changes that make an account match that code
emulator       an embedded Zendesk; nothing below imports it
contrib        integrations: OpenTelemetry, Redis, Celery
============== =====================================================================
"""

from __future__ import annotations

from zendesk_orm import lazy
from zendesk_orm import support as support


__getattr__, __dir__, __all__ = lazy.attach_exports(__name__)

__version__ = "0.1.0"
