"""Responses to surveys of customer satisfaction.

Source: https://developer.zendesk.com/api-reference/ticketing/csat/csat_survey_responses/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import parse_number, select_page
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_contains, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import SurveyResponse, User


_META = SurveyResponse._meta
_SOURCE = "https://developer.zendesk.com/api-reference/ticketing/csat/csat_survey_responses/"
_REQUIRED = ("survey_id", "responder_id", "subject_zrns", "locale")
#: Seconds until a survey expires; unconfirmed.
_LIFETIME = 28 * 24 * 3600
_RATINGS = range(1, 6)
_CATEGORIES = {1: "bad", 2: "bad", 3: "neutral", 4: "good", 5: "good"}
#: Characters of the id that hold its time in milliseconds.
_TIME_LENGTH = 10
_BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@route("POST", "guide/survey_responses", SurveyResponse)
def create(context: Context, request: Request, target: Target) -> Response:
    """Invite a user to a survey. The response contains only the id and the links.

    Raises:
        HTTPError: 400, if a key is missing; 404, if the user does not exist; 409, if the user was
            invited to the survey of the subject before.
    """
    payload = request.get_object("survey_response")
    for name in _REQUIRED:
        if not payload.get(name):
            raise _error(400, "BadRequest", f"{name} is required")
    pk, zrns = payload["responder_id"], [str(zrn) for zrn in payload["subject_zrns"]]
    user = context.store.get(User._meta.label, parse_id(str(pk)))
    if user is None:
        raise _error(404, "NotFound", "The responder was not found")
    for row in context.store.find(_META.label, "responder_id", str(pk)):
        if row["survey"]["id"] == payload["survey_id"] and row["subject_zrns"] == zrns:
            raise _error(409, "Conflict", "A survey response exists already")
    identifier = resources.generate_ulid(context)
    row = {
        "id": identifier,
        "answers": [],
        "expires_at": context.timestamp(context.now() + _LIFETIME),
        "responder_id": str(pk),
        "subject_zrns": zrns,
        "subjects": [_build_subject(zrn) for zrn in zrns],
        "survey": {"id": payload["survey_id"], "version": 1, "state": "enabled"},
    }
    context.write(_META, row)
    path = f"/hc/{payload['locale']}/survey_responses/{identifier}"
    ratings = [
        {"url_path": f"{path}?rating={number}", "rating": number, "label": str(number)}
        for number in _RATINGS
    ]
    links = [{"type": "rating_link_numeric", "url_path": path, "rating_links": ratings}]
    return Response(200, dump_json({"survey_response": {"id": identifier, "links": links}}))


@route("GET", "guide/survey_responses", SurveyResponse)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List responses. Pages have cursors and no links."""
    page = select_page(context, request, target, _where(request))
    metadata = {"meta": page.metadata["meta"]} if "meta" in page.metadata else page.metadata
    return Response(text=reads.render_list(target, page.texts, "", metadata))


@route("POST", "guide/survey_responses/{id}", SurveyResponse)
def answer(context: Context, request: Request, target: Target) -> Response:
    """Store the answers of the user.

    Raises:
        HTTPError: 404, if the response does not exist; 400, if answers are missing.
    """
    stored = resources.get(context, _META, target.args[0])
    answers = request.get_object("survey_response").get("answers")
    if not isinstance(answers, list) or not answers:
        raise _error(400, "BadRequest", "answers is required")
    now = context.timestamp()
    times = {"created_at": now, "updated_at": now}
    row = {**stored.doc, "answers": [{**_categorize(item), **times} for item in answers]}
    context.write(_META, row)
    return Response(200, dump_json({"survey_response": row}))


def _where(request: Request) -> Where:
    """Return the condition for the rows that the parameters select."""
    where = Where("state < ?", (DELETED,))
    if "filter[responder_ids]" in request.params:
        ids = request.get_list("filter[responder_ids]")
        where &= where_in(json_value("responder_id"), ids)
    if "filter[subject_zrns]" in request.params:
        matching = Where("0")
        for zrn in request.get_list("filter[subject_zrns]"):
            matching |= where_contains("subject_zrns", zrn)
        where &= matching
    for name, operator in (("start", ">="), ("end", "<=")):
        parameter = f"filter[created_at_{name}]"
        if parameter in request.params:
            prefix = _encode_time(parse_number(request, parameter))
            where &= Where(f"substr(id, 1, {_TIME_LENGTH}) {operator} ?", (prefix,))
    return where


def _encode_time(milliseconds: int) -> str:
    """Return the first characters of the ids that were generated at a time."""
    shifts = range(5 * (_TIME_LENGTH - 1), -1, -5)
    return "".join(_BASE_32[milliseconds >> shift & 31] for shift in shifts)


def _build_subject(zrn: str) -> dict[str, Any]:
    kind, _, pk = zrn.removeprefix("zen:").partition(":")
    return {"id": pk, "type": kind, "zrn": zrn}


def _categorize(item: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with the category of its rating."""
    category = _CATEGORIES.get(item.get("rating") or 0)
    return item if category is None else {"rating_category": category, **item}


def _error(status: int, code: str, title: str) -> HTTPError:
    return HTTPError(
        status, {"errors": [{"code": code, "status": str(status), "title": title}]}, _SOURCE
    )
