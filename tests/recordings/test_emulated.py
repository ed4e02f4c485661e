"""Recorded requests get the recorded responses from the emulator."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.recordings.emulated import Replay
from tests.recordings.replay import list_names, needs_recordings, read_exchanges
from zendesk_orm.emulator import Emulator


pytestmark = [needs_recordings, pytest.mark.slow]

#: Recordings that require rows which no request creates, by a part of their names.
NOT_PLAYED = {
    "TestActivities": "activities of other agents",
    "TestEngagementsApi": "engagements of agents",
}

#: Differences from the recordings of 2023 and 2024, as texts within their descriptions.
DIFFERENT = {
    r"\.(encoded_id|satisfaction_probability|support_type) is not recorded$": "newer keys",
    r"\.(fields|generated_timestamp) is not recorded$": "newer keys",
    r"\.(relationship_filter|relationship_target_type|tag) is not recorded$": "newer keys",
    r"\.(agent_can_edit|creator_app_name|creator_user_id) is not recorded$": "newer keys",
    r"\.(brand_id|dns_results|restriction|user_separation) is not recorded$": "newer keys",
    r"\.(call_recording_consent|job_type) is not recorded$": "newer keys",
    r"custom_role\.configuration\.\w+ is not recorded$": "newer permissions",
    r"^GET macros header x-zendesk-api-warn": "a parameter that the recording does not have",
    r"\.users\[\]\.permanently_deleted is missing$": "only one of the recordings has it",
    r"^GET ticket_audits \.audits\[\]\.(events\[\]|metadata)": "another event, by another client",
    r"\.user_fields\.dasds is missing$": "a field of the recorded account",
    r"^GET triggers \.triggers\[\]\.actions\[\]\.value is str": "another action",
    r"^GET webhooks \.webhooks\[\]\.(authentication|description) is missing": "another webhook",
}


@pytest.fixture(scope="module")
def replays() -> list[Replay]:
    """Return all recordings after their requests were sent to new emulators."""
    results = []
    for name in list_names():
        if not name.startswith(tuple(NOT_PLAYED)):
            with Emulator() as emulator:
                replay = Replay(emulator, read_exchanges(name))
                replay.run()
            results.append(replay)
    return results


def test_recorded_requests_get_the_recorded_responses(replays):
    """Status, keys, types, paging and headers of responses are the recorded ones."""
    problems = Counter(problem for replay in replays for problem in {*replay.problems})
    unknown = [problem for problem in sorted(problems) if not _list_reasons(problem)]

    assert unknown == []
    assert {pattern for problem in problems for pattern in _list_reasons(problem)} == {*DIFFERENT}


def test_nearly_every_recorded_request_is_sent(replays):
    """Only the requests of some recordings are not sent."""
    recorded = sum(len(read_exchanges(name)) for name in list_names())

    assert sum(replay.compared for replay in replays) > recorded * 0.98


def _list_reasons(problem: str) -> list[str]:
    return [pattern for pattern in DIFFERENT if re.search(pattern, problem)]
