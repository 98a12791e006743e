"""The scorecard and verdicts as JSON."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from outreach.evaluation.asking import asked_card
from outreach.evaluation.domain.readers import is_reader
from outreach.evaluation.schemas import ScorecardOut, VerdictIn, VerdictOut, scorecard_out, verdict_out
from outreach.evaluation.verdicts import give_verdict
from outreach.programmes.asking import TextAsked, YearAsked
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import id_in_path
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

DayAsked = Annotated[str, QueryParameter(max_length=10)]


@get(
    "/api/v1/scorecard",
    operation_id="scorecard",
    summary="Every programme of an organisation in four dimensions",
    tags=["progress"],
)
async def scorecard(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> ScorecardOut:
    """For staff and evaluators. `organisation` is a code: the owner of the programmes, without it the highest that the
    caller reads; `as_of` is today, or the end of a year that is over."""
    if not is_reader(actor):
        raise ForbiddenError
    asked, card = await asked_card(actor.evaluates, now, year=year, as_of=as_of, organisation=organisation)
    runs = asked.owner is not None and actor.organises(asked.owner.path)
    return scorecard_out(card, nameless=not runs)


@put(
    "/api/v1/programmes/{programme_id:str}/verdict",
    operation_id="putVerdict",
    summary="Keep, change or drop a programme next year",
    tags=["progress"],
)
async def put_verdict(
    request: Request[Any, Any, Any],
    programme_id: FromPath[str],
    data: JSONBody[VerdictIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[VerdictOut]:
    """By who runs the owner, whether its year is closed or not; `If-Match` is honoured, and `"0"` means none yet."""
    row = await give_verdict(
        actor,
        now,
        programme_id=id_in_path(programme_id),
        decision=data.decision,
        note=data.note,
        expected_revision=expected_revision(request),
    )
    return Response(verdict_out(row), headers={"ETag": revision_tag(row.revision)})


ROUTES = [scorecard, put_verdict]
