"""`Evaluation`: a query while it is read or computed, for signals, logs and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define

from zendesk_orm import signals
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.plan.planner import plan_count
from zendesk_orm.progress import Progress, ProgressCallback
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.signals import announce


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

T = TypeVar("T")

#: The query that this thread or task is reading at the moment, if it is observed.
CURRENT_EVALUATION: ContextVar[Evaluation | None] = ContextVar("evaluation", default=None)


@define(eq=False)
class Evaluation:
    """A query that is being read, counted or aggregated.

    Attributes:
        query: the query.
        action: `query` or `count`; in a database also `aggregate` or `group`.
        outer: the evaluation that needs the rows, or None.
        plan: the plan, or None if it is unknown before other queries are read.
        requests: the planned number of requests, or None without a plan.
        rows: rows that were read so far.
        total: the number of all rows, or None if it is unknown.
        seconds: seconds that reading took, without the code between two pages.
        reason: the exception that ended it, or None.
    """

    query: Query
    action: str
    outer: Evaluation | None = None
    plan: Plan | UnionPlan | None = None
    requests: int | None = None
    rows: int = 0
    total: int | None = None
    seconds: float = 0.0
    reason: BaseException | None = None

    def run(self, session: Session, function: Callable[..., T], *args: Any) -> T:
        """Return the result of a function that reads a part of the query."""
        clock = session.transport.clock
        started, token = clock.monotonic(), CURRENT_EVALUATION.set(self)
        try:
            return function(*args)
        except Exception as error:
            self.reason = error
            raise
        finally:
            CURRENT_EVALUATION.reset(token)
            self.seconds += clock.monotonic() - started

    def start(self, session: Session) -> None:
        """Announce the evaluation."""
        announce(signals.query_started, self.query.model, evaluation=self, using=str(session.alias))

    def find_plan(self, session: Session) -> None:
        """Set the plan, unless the query cannot be planned before it is read."""
        # Reading refuses a strict query before it sends anything.
        if self.query.empty or (self.query.strict and self.query.origin):
            return
        with suppress(NoEndpoint):
            query = session.resolve_custom_fields(self.query)
            planning = session.planning
            is_counted = self.action == "count" and not query.distinct and planning.reads_zendesk
            counting = plan_count(query) if is_counted else None
            chosen: Any = planning.plan(query) if counting is None else counting
            self.plan = chosen
            self.requests = chosen.requests if counting is None else 1

    def finish(self, session: Session) -> None:
        """Announce the end."""
        announce(
            signals.query_finished, self.query.model, evaluation=self, using=str(session.alias)
        )
        # A traceback refers to the frames that refer to this object.
        self.reason = None


def note_count(selected: Plan, count: int | None) -> None:
    """Set the total of the current evaluation from the number of rows that Zendesk counted."""
    evaluation = CURRENT_EVALUATION.get()
    while evaluation is not None and count is not None and not selected.counts_rows:
        query = selected.query
        if evaluation.plan is not None and query == evaluation.plan.query:
            last = count if query.stop is None else min(count, query.stop)
            evaluation.total = max(0, last - query.start)
        evaluation = evaluation.outer


def observe(
    session: Session, query: Query, action: str, function: Callable[..., T], *args: Any
) -> T:
    """Return the result of a function that reads a query, with signals before and after it.

    Args:
        session: the session.
        query: the query that is announced.
        action: `count`, or, in a database, `aggregate` or `group`.
        function: the function.
        args: its arguments.
    """
    is_observed = signals.query_started.is_observed or signals.query_finished.is_observed
    if query.empty or not is_observed:
        return function(*args)
    evaluation = Evaluation(query, action, CURRENT_EVALUATION.get())
    evaluation.find_plan(session)
    evaluation.start(session)
    try:
        return evaluation.run(session, function, *args)
    finally:
        evaluation.finish(session)


def report_pages(
    session: Session, query: Query, pages: Iterator[RecordPage[T]], callback: ProgressCallback
) -> Iterator[RecordPage[T]]:
    """Yield the pages of a query, and call a function after each one and at the end."""
    evaluation = Evaluation(query, "query", CURRENT_EVALUATION.get())
    evaluation.find_plan(session)
    last: Progress | None = None
    while (page := evaluation.run(session, lambda: next(pages, None))) is not None:
        if page.error is None:
            evaluation.rows += len(page)
            last = Progress(evaluation.rows, 0, evaluation.total, 0)
            callback(last)
        yield page
    end = Progress(evaluation.rows, 0, evaluation.rows, 0)
    if end != last:
        callback(end)


def observe_pages(
    session: Session, query: Query, pages: Iterator[RecordPage[T]]
) -> Iterator[RecordPage[T]]:
    """Yield the pages of a query, with signals before the first and after the last one.

    A failure ends an evaluation; if the query is read on, a new one begins.
    """
    while True:
        evaluation = Evaluation(query, "query", CURRENT_EVALUATION.get())
        evaluation.find_plan(session)
        evaluation.start(session)
        last = None
        try:
            while last is None:
                page = evaluation.run(session, lambda: next(pages, None))
                if page is None:
                    return
                evaluation.reason = page.error
                evaluation.rows += len(page)
                # A window ends with its last row, although nobody may ask for another page.
                is_complete = query.rows is not None and evaluation.rows >= query.rows
                if is_complete or page.error is not None:
                    last = page
                else:
                    yield page
        finally:
            evaluation.finish(session)
        yield last
        if last.error is None:
            yield from pages
            return
