"""Responses to surveys of customer satisfaction (CSAT), which succeed satisfaction ratings.

Zendesk documents no list of surveys: their ids are in the responses.

Source: https://developer.zendesk.com/api-reference/ticketing/csat/csat_survey_responses/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import Paging
from zendesk_orm.api.vocabulary import CREATE, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema import registry
from zendesk_orm.schema.arguments import require_mappings
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, Lookup, ReadOnly, WriteOnly
from zendesk_orm.schema.row import PartialRow


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

#: The name of a ticket among the subjects of a response.
_TICKET = "zen:ticket:"
#: Cursor pagination without links; times are in milliseconds.
_PAGING = Paging("cursor", size="page[size]", sort="sort", cursor="page[after]", ticks=1000)


class SurveyResponse(StringIdModel):
    """A survey that a user was invited to, with the user's answers.

    ::

        SurveyResponse.objects.filter(responder=user, created_at_start=yesterday)
        ticket.survey_responses.all()
        SurveyResponse.objects.create(
            survey_id=survey, responder=user, subject_zrns=["zen:ticket:35"], locale="en-us"
        )

    A new response has `links`, with which the user can rate. `answers` contains `rating` and
    `rating_category` (`good`, `neutral` or `bad`), and comments as answers of the type
    `open_ended`.
    """

    answers: ReadOnly[list[dict[str, Any]]]
    expires_at: ReadOnly[datetime | None]
    responder: CreateOnlyRef[User]
    responder_id: Id[int]
    subject_zrns: CreateOnly[list[str]]
    subjects: ReadOnly[list[dict[str, Any]]]
    survey: ReadOnly[dict[str, Any] | None]
    #: The links with which the user can rate; only in the response to a creation.
    links: ReadOnly[list[dict[str, Any]]]

    survey_id: WriteOnly[str]
    locale: WriteOnly[str]

    subject_zrn: Lookup[str]
    created_at_start: Lookup[datetime]
    created_at_end: Lookup[datetime]

    class Meta:
        string_ids = "responder"
        required = ("survey_id", "responder", "subject_zrns", "locale")
        api = resource("guide/survey_responses", can=SHOW | CREATE) + listing(
            "guide/survey_responses",
            filters={
                "responder": "filter[responder_ids]",
                "subject_zrn": "filter[subject_zrns]",
                "created_at_start": "filter[created_at_start]",
                "created_at_end": "filter[created_at_end]",
            },
            orders=("id",),
            default_order=None,
            paging=(_PAGING,),
        )

    @property
    def ticket(self) -> support.Ticket | None:
        """The ticket that the survey is about, whose fields are fetched when they are read."""
        names = [zrn for zrn in self.subject_zrns or () if zrn.startswith(_TICKET)]
        number = names[0].removeprefix(_TICKET) if names else ""
        model: Any = registry.find("Ticket", "support")
        ticket: Ticket | None = (
            self._session().refer(model, int(number)) if number.isdigit() else None
        )
        return ticket

    @action("POST", "guide/survey_responses/{id}", key="survey_response")
    def answer(self, answers: Iterable[Mapping[str, Any]], *, locale: str) -> Self:
        """Submit the answers of the user, and return the response.

        ::

            response.answer(
                [{"type": "rating_scale", "question_id": question, "rating": 5}], locale="en-us"
            )

        Args:
            answers: the answers, as Zendesk describes them.
            locale: the language of the survey.

        Raises:
            InvalidValue: there is no answer, an answer is not a dictionary, or the response was
                never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/csat/csat_survey_responses/#update-survey-response
        """
        items = require_mappings("answers", answers)
        if not items:
            raise InvalidValue("answer() requires at least one answer")
        body = {"survey_response": {"answers": items, "locale": locale}}
        return self._call_and_update("answer", body)

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row of a new response, of which Zendesk returns only id and links."""
        row = data.get("survey_response")
        return PartialRow(row) if isinstance(row, dict) else None


def name_ticket(pk: int) -> str:
    """Return the name of a ticket among the subjects of a response."""
    return f"{_TICKET}{pk}"
