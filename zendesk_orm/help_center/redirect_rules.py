"""Redirect rules: where an address of the help center leads that is no more.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/redirect_rules/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand


_PATH = "guide/redirect_rules"
_STATUSES = frozenset({301, 302, 303, 307, 308})


class RedirectRuleManager(GuideManager["RedirectRule"]):
    """`RedirectRule.objects`, which sets rules."""

    def redirect(self, redirect_from: str, redirect_to: str, *, status: int = 301) -> None:
        """Let an address lead to another, in the place of where it led before.

        Zendesk does not answer with the rule; `filter(prefix=redirect_from)` finds it.

        Args:
            redirect_from: a path, without the words behind an id: `/hc/en-us/articles/123`.
            redirect_to: a path, or a whole address.
            status: of the answer: 301, 302, 303, 307 or 308.

        Raises:
            InvalidValue: an address begins otherwise, or the status is none of these.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/redirect_rules/#set-a-redirect-rule
        """
        if not redirect_from.startswith("/"):
            raise InvalidValue(f"redirect_from wants a path from / on, not {redirect_from!r}")
        if not redirect_to.startswith(("/", "https://", "http://")):
            raise InvalidValue(f"redirect_to wants a path or an address, not {redirect_to!r}")
        if status not in _STATUSES:
            raise InvalidValue(f"status wants 301, 302, 303, 307 or 308, not {status!r}")
        rule = {
            "redirect_from": redirect_from,
            "redirect_to": redirect_to,
            "redirect_status": status,
        }
        self._call("redirect", {"redirect_rule": rule})


class RedirectRule(Model):
    """Where an address of the help center leads that would not be found.

    Rules are set by `RedirectRule.objects.redirect("/hc/en-us/articles/1", "/hc/en-us")`.
    """

    objects = RedirectRuleManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    brand: ReadOnlyRef[Brand]
    brand_id: Id[int]
    redirect_from: ReadOnly[str]
    redirect_to: ReadOnly[str]
    redirect_status: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    prefix: Lookup[str]

    class Meta:
        plural = "redirect_rules"
        text_ids = "brand"
        api = (
            resource(_PATH, can="show delete")
            + listed(
                _PATH,
                key="records",
                takes={"prefix": "filter[redirect_from_prefix]"},
                orders="id redirect_from",
                paging=(THIRTY,),
            )
            + action("redirect", "POST", _PATH)
        )
