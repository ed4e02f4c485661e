"""Organization merges: two organizations that become one, in the background.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.errors import BulkError
from zendesk_orm.http.cancellation import pause
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.write.jobs import intervals
from zendesk_orm.write.outcomes import BulkResult, Outcome


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.organizations import Organization

Status = Literal["new", "in_progress", "error", "complete"]

_KEY = "organization_merges"
#: With a blank in the prose of the documentation, and with an underscore in its schema.
_RUNNING = frozenset({"new", "in_progress", "in progress"})


class OrganizationMerge(Model):
    """What becomes of an organization that is merged into another; `organization.merge()` makes it.

    ::

        OrganizationMerge.objects.filter(organization=acme)
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    loser: ReadOnlyRef[Organization]
    loser_id: Id[int]
    winner: ReadOnlyRef[Organization]
    winner_id: Id[int]
    status: ReadOnly[Status]

    organization: Lookup[Organization]

    class Meta:
        api = resource(_KEY, can="show") + listed(
            "organizations/{organization}/merges", key=_KEY, natural=None, paging=(CURSOR,)
        )

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self.status not in _RUNNING

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until it has ended, looking at growing intervals.

        Args:
            timeout: seconds to wait at most; None for as long as it takes.

        Returns:
            The object itself, as it is then.

        Raises:
            TimeoutError: it has not ended by then; it goes on at Zendesk.
            BulkError: it failed; it can be tried again.
            ApiError, TransportError: nothing could be asked.
        """
        session, waited = self._session(), 0.0
        for interval in intervals():
            if self.ended:
                break
            if timeout is not None and waited >= timeout:
                raise TimeoutError(f"{self!r} is {self.status} after {timeout:g} s")
            seconds = interval if timeout is None else min(interval, timeout - waited)
            pause(session.transport.clock, seconds)
            waited += seconds
            session.reload(self)
        if self.status == "error":
            outcome = Outcome(None, self.loser_id, ok=False, error="error")
            told = f"the merge of organization {self.loser_id} into {self.winner_id} failed"
            raise BulkError(f"{told}; it can be tried again", BulkResult([outcome], []))
        return self
