"""Statistics of the current day, which starts at midnight in the account's time zone.

Durations are in seconds.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/stats/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import SHOW, listing, singleton
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.session.action_bodies import record_of


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.users.users import User

R = TypeVar("R", bound=Model)

_STATS = "channels/voice/stats"
#: The largest number of ids in a request.
MAX_IDS = 100


def _statistics(name: str) -> Api:
    return singleton(f"{_STATS}/{name}", name, can=SHOW) + action_endpoint(
        "of", "GET", f"{_STATS}/{name}", name
    )


class NumbersManager(Manager[R]):
    """A manager of statistics, of all phone numbers (`get()`) or of some (`of()`)."""

    @check_arguments
    def of(self, phone_numbers: Iterable[Model | int]) -> R:
        """Return the statistics of some phone numbers.

        Args:
            phone_numbers: 1 to 100 phone numbers or their ids.

        Raises:
            InvalidValue: the number of phone numbers is not in this range.
        """
        ids = self._session.ids_of("PhoneNumber", phone_numbers, "of")
        if not ids or len(ids) > MAX_IDS:
            raise InvalidValue(f"phone_numbers must be 1 to {MAX_IDS}, not {len(ids)}")
        model = self.model
        data = self._call("of", phone_number_ids=ids)
        # The session must not cache this row as the singleton, which is that of all numbers.
        return record_of(model, data, model._meta.singular, source=self._session)


class AccountOverviewManager(NumbersManager["AccountOverview"]):
    """The manager `AccountOverview.objects`."""


class AccountOverview(StringIdModel):
    """Statistics of the account's calls today: `AccountOverview.objects.get()`."""

    objects = AccountOverviewManager.as_manager()

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
        pk_key = ""
        api = _statistics("account_overview")


class CurrentQueueActivityManager(NumbersManager["CurrentQueueActivity"]):
    """The manager `CurrentQueueActivity.objects`."""


class CurrentQueueActivity(StringIdModel):
    """The current queues: `CurrentQueueActivity.objects.get()`."""

    objects = CurrentQueueActivityManager.as_manager()

    agents_online: ReadOnly[int | None]
    ai_agent_calls: ReadOnly[int | None]
    calls_waiting: ReadOnly[int | None]
    callbacks_waiting: ReadOnly[int | None]
    embeddable_callbacks_waiting: ReadOnly[int | None]
    average_wait_time: ReadOnly[int | None]
    longest_wait_time: ReadOnly[int | None]
    current_timestamp: ReadOnly[int | None]

    class Meta:
        pk_key = ""
        api = _statistics("current_queue_activity")


class AgentsOverview(StringIdModel):
    """Statistics of all agents today: `AgentsOverview.objects.get()`."""

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
        pk_key = ""
        api = singleton(f"{_STATS}/agents_overview", "agents_overview", can=SHOW)


class AgentActivity(Model):
    """Statistics of an agent today; its id is that of the user.

    `AgentActivity.objects.filter(group=5)` returns the statistics of the agents of a group.
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
        pk_key = "agent_id"
        verbose_name_plural = "agent activities"
        api = listing(
            f"{_STATS}/agents_activity",
            filters={"group": "group_ids"},
            default_order=None,
            fits_in_memory=True,
            paging=(OFFSET,),
        )
