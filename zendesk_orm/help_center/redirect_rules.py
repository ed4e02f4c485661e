"""Redirect rules for old URLs of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/redirect_rules/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand


_PATH = "guide/redirect_rules"
_STATUSES = frozenset({301, 302, 303, 307, 308})


class RedirectRuleManager(GuideManager["RedirectRule"]):
    """`RedirectRule.objects`, with creation of rules."""

    @action("POST", _PATH)
    def redirect(self, redirect_from: str, redirect_to: str, *, status: int = 301) -> None:
        """Create or replace the rule that redirects a path.

        Zendesk does not return the rule; `filter(prefix=redirect_from)` finds it.

        Args:
            redirect_from: a path, without the title after an id: `/hc/en-us/articles/123`.
            redirect_to: a path, or an absolute URL.
            status: the HTTP status of the redirect: 301, 302, 303, 307 or 308.

        Raises:
            InvalidValue: an argument is invalid.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/redirect_rules/#set-a-redirect-rule
        """
        if not require_text("redirect_from", redirect_from).startswith("/"):
            raise InvalidValue(
                f"redirect_from must be a path that starts with /, not {display(redirect_from)}"
            )
        if not require_text("redirect_to", redirect_to).startswith(("/", "https://", "http://")):
            raise InvalidValue(f"redirect_to must be a path or a URL, not {display(redirect_to)}")
        if status not in _STATUSES:
            raise InvalidValue(f"status must be 301, 302, 303, 307 or 308, not {display(status)}")
        rule = {
            "redirect_from": redirect_from,
            "redirect_to": redirect_to,
            "redirect_status": status,
        }
        self._call("redirect", {"redirect_rule": rule})


class RedirectRule(StringIdModel):
    """A redirect of an old URL of the help center.

    `RedirectRule.objects.redirect("/hc/en-us/articles/1", "/hc/en-us")` creates a rule.
    """

    objects = RedirectRuleManager.as_manager()

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
        string_ids = "brand"
        api = resource(_PATH, can=SHOW | DELETE) + listing(
            _PATH,
            key="records",
            filters={"prefix": "filter[redirect_from_prefix]"},
            orders=("id", "redirect_from"),
            paging=(THIRTY,),
        )
