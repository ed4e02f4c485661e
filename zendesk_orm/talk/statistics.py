"""Statistics of the present day, from midnight in the account's time zone on.

Times are in seconds.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/stats/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, listed, single
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.users import User

R = TypeVar("R", bound=Model)

_STATS = "channels/voice/stats"
#: Ids that one request takes.
MOST = 100


def _of_numbers(name: str) -> Api:
    return single(f"{_STATS}/{name}", name, can="show") + action(
        "of", "GET", f"{_STATS}/{name}", name
    )


class NumbersManager(Manager[R]):
    """Statistics of all phone numbers (`get()`), or of some (`of()`)."""

    def of(self, phone_numbers: Iterable[Model | int]) -> R:
        """Return the statistics of some phone numbers.

        Args:
            phone_numbers: phone numbers, or their ids; a hundred at most.

        Raises:
            InvalidValue: there are none, or too many.
        """
        ids = self._session.ids_of("PhoneNumber", phone_numbers, "of")
        if not ids or len(ids) > MOST:
            raise InvalidValue(f"wants 1 to {MOST} phone numbers, not {len(ids)}")
        model: Any = self.model
        row = self._call("of", phone_number_ids=ids)[model._meta.singular]
        # Not the statistics of all, which the session knows as the only ones there are.
        made: R = model.from_row(row, self._session)
        return made


class AccountOverviewManager(NumbersManager["AccountOverview"]):
    """`AccountOverview.objects`: of all phone numbers (`get()`), or of some (`of()`)."""


class AccountOverview(Model):
    """What the account's calls came to today: `AccountOverview.objects.get()`."""

    objects = AccountOverviewManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    total_calls: ReadOnly[int | None]
    total_inbound_calls: ReadOnly[int | None]
    total_outbound_calls: ReadOnly[int | None]
    total_callback_calls: ReadOnly[int | None]
    total_embeddable_callback_calls: ReadOnly[int | None]
    total_calls_abandoned_in_queue: ReadOnly[int | None]
    total_calls_outside_business_hours: ReadOnly[int | None]
    total_calls_with_exceeded_queue_wait_time: ReadOnly[int | None]
    total_calls_with_requested_voicemail: ReadOnly[int | None]
    total_voicemails: ReadOnly[int | None]
    total_textback_requests: ReadOnly[int | None]
    total_call_duration: ReadOnly[int | None]
    total_hold_time: ReadOnly[int | None]
    total_wrap_up_time: ReadOnly[int | None]
    average_call_duration: ReadOnly[int | None]
    average_callback_wait_time: ReadOnly[int | None]
    average_hold_time: ReadOnly[int | None]
    average_queue_wait_time: ReadOnly[int | None]
    average_time_to_answer: ReadOnly[int | None]
    average_wrap_up_time: ReadOnly[int | None]
    max_calls_waiting: ReadOnly[int | None]
    max_queue_wait_time: ReadOnly[int | None]
    current_timestamp: ReadOnly[int | None]

    class Meta:
        known_by = ""
        api = _of_numbers("account_overview")


class CurrentQueueActivityManager(NumbersManager["CurrentQueueActivity"]):
    """`CurrentQueueActivity.objects`: of all phone numbers (`get()`), or of some (`of()`)."""


class CurrentQueueActivity(Model):
    """Who waits on the phone at this moment: `CurrentQueueActivity.objects.get()`."""

    objects = CurrentQueueActivityManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    agents_online: ReadOnly[int | None]
    ai_agent_calls: ReadOnly[int | None]
    calls_waiting: ReadOnly[int | None]
    callbacks_waiting: ReadOnly[int | None]
    embeddable_callbacks_waiting: ReadOnly[int | None]
    average_wait_time: ReadOnly[int | None]
    longest_wait_time: ReadOnly[int | None]
    current_timestamp: ReadOnly[int | None]

    class Meta:
        known_by = ""
        api = _of_numbers("current_queue_activity")


class AgentsOverview(Model):
    """What all agents came to on the phone today: `AgentsOverview.objects.get()`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    total_calls_accepted: ReadOnly[int | None]
    total_calls_denied: ReadOnly[int | None]
    total_calls_missed: ReadOnly[int | None]
    total_calls_put_on_hold: ReadOnly[int | None]
    total_accepted_transfers: ReadOnly[int | None]
    total_started_transfers: ReadOnly[int | None]
    total_talk_time: ReadOnly[int | None]
    total_hold_time: ReadOnly[int | None]
    total_wrap_up_time: ReadOnly[int | None]
    average_calls_accepted: ReadOnly[int | None]
    average_calls_denied: ReadOnly[int | None]
    average_calls_missed: ReadOnly[int | None]
    average_calls_put_on_hold: ReadOnly[int | None]
    average_accepted_transfers: ReadOnly[int | None]
    average_started_transfers: ReadOnly[int | None]
    average_available_time: ReadOnly[int | None]
    average_away_time: ReadOnly[int | None]
    average_online_time: ReadOnly[int | None]
    average_talk_time: ReadOnly[int | None]
    average_hold_time: ReadOnly[int | None]
    average_wrap_up_time: ReadOnly[int | None]
    current_timestamp: ReadOnly[int | None]

    class Meta:
        known_by = ""
        api = single(f"{_STATS}/agents_overview", "agents_overview", can="show")


class AgentActivity(Model):
    """What one agent came to on the phone today; its id is that of the user.

    `AgentActivity.objects.filter(group=5)` are those of the agents of a group.
    """

    agent: ReadOnlyRef[User]
    agent_id: Id[int]
    name: ReadOnly[str]
    agent_state: ReadOnly[str | None]
    call_status: ReadOnly[str | None]
    via: ReadOnly[str | None]
    avatar_url: ReadOnly[str | None]
    forwarding_number: ReadOnly[str | None]
    calls_accepted: ReadOnly[int | None]
    calls_denied: ReadOnly[int | None]
    calls_missed: ReadOnly[int | None]
    calls_put_on_hold: ReadOnly[int | None]
    accepted_transfers: ReadOnly[int | None]
    started_transfers: ReadOnly[int | None]
    accepted_third_party_conferences: ReadOnly[int | None]
    started_third_party_conferences: ReadOnly[int | None]
    online_time: ReadOnly[int | None]
    available_time: ReadOnly[int | None]
    away_time: ReadOnly[int | None]
    transfers_only_time: ReadOnly[int | None]
    total_call_duration: ReadOnly[int | None]
    total_talk_time: ReadOnly[int | None]
    total_hold_time: ReadOnly[int | None]
    total_wrap_up_time: ReadOnly[int | None]
    average_talk_time: ReadOnly[int | None]
    average_hold_time: ReadOnly[int | None]
    average_wrap_up_time: ReadOnly[int | None]

    group: Lookup[Group]

    class Meta:
        known_by = "agent_id"
        verbose_name_plural = "agent activities"
        api = listed(
            f"{_STATS}/agents_activity",
            takes={"group": "group_ids"},
            natural=None,
            small=True,
            paging=(OFFSET,),
        )
