"""Organization merges, which run in the background.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.errors import BulkError, JobTimeout
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.clock import pause
from zendesk_orm.http.limits import require_duration
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.write.bulk.jobs import intervals
from zendesk_orm.write.bulk.results import BulkResult, Outcome


if TYPE_CHECKING:
    from zendesk_orm.support.organizations.organizations import Organization

Status = Literal["new", "in_progress", "error", "complete"]

_KEY = "organization_merges"
#: Zendesk's reference spells "in progress" with a space and with an underscore.
_RUNNING = frozenset({"new", "in_progress", "in progress"})


class OrganizationMerge(StringIdModel):
    """A merge of an organization into another, created by `organization.merge()`.

    ::

        OrganizationMerge.objects.filter(organization=acme)
    """

    url: ReadOnly[str]
    loser: ReadOnlyRef[Organization]
    loser_id: Id[int]
    winner: ReadOnlyRef[Organization]
    winner_id: Id[int]
    status: ReadOnly[Status]

    organization: Lookup[Organization]

    class Meta:
        api = resource(_KEY, can=SHOW) + listing(
            "organizations/{organization}/merges", key=_KEY, default_order=None, paging=(CURSOR,)
        )

    @property
    def ended(self) -> bool:
        """Whether the merge has completed or failed."""
        return self.status not in _RUNNING

    @check_arguments
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the merge has ended, polling at growing intervals.

        Args:
            timeout: seconds to wait at most; None waits without limit.

        Returns:
            The object itself, updated.

        Raises:
            InvalidValue: `timeout` is not a positive number.
            JobTimeout: the merge has not ended in time; Zendesk continues it.
            BulkError: the merge failed; it can be tried again.
            ApiError, TransportError: the status could not be read.
        """
        if timeout is not None:
            require_duration("timeout", timeout)
        session, waited = self._session(), 0.0
        for interval in intervals():
            if self.ended:
                break
            if timeout is not None and waited >= timeout:
                raise JobTimeout(f"{display(self)} is {self.status} after {timeout:g} s")
            seconds = interval if timeout is None else min(interval, timeout - waited)
            pause(session.transport.clock, seconds)
            waited += seconds
            session.reload(self)
        if self.status == "error":
            outcome = Outcome(None, self.loser_id, ok=False, error="error")
            message = f"the merge of organization {self.loser_id} into {self.winner_id} failed"
            raise BulkError(f"{message}; it can be tried again", BulkResult([outcome], []))
        return self
