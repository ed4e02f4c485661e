"""`Page`: the rows of one response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.http.request import Request
from zendesk_orm.schema.row import Row


@frozen
class Page:
    """The rows of one answer.

    Attributes:
        rows: in the order they came.
        data: the whole envelope, side-loads included.
        following: the request for the next page, or None after the last one.
        count: how many rows there are in all, where Zendesk tells.
        displaced: whether the rows belong to an earlier place in the list.
        ends: whether Zendesk stops here, and the rest is asked for from the last moment on.
    """

    rows: list[Row]
    data: Mapping[str, Any]
    following: Request | None = None
    count: int | None = None
    displaced: bool = False
    ends: bool = False
