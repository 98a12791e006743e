"""Evidence of sessions as JSON."""

from datetime import datetime
from typing import Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance.closing.commands import add_evidence, readable_evidence_session, remove_evidence
from outreach.attendance.closing.forms import (
    LARGEST_HAND_IN,
    EvidenceForm,
    EvidenceList,
    EvidenceOut,
    RemoveIn,
    evidence_out,
    files_given,
)
from outreach.attendance.closing.queries import evidence_of
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form

__all__ = ["ROUTES"]


class EvidenceController(Controller):
    """Photos, signed sheets, receipts."""

    path = "/api/v1/sessions/{session_id:str}/evidence"
    tags = ("attendance",)

    @get("/", operation_id="listEvidence", summary="Photos, signed sheets and receipts of a session")
    async def evidence(self, session_id: FromPath[str], actor: NamedDependency[Actor]) -> EvidenceList:
        """For staff who run the session and the contact of its host."""
        session = await readable_evidence_session(actor, id_in_path(session_id))
        rows = (await evidence_of([session.id]))[session.id]
        return EvidenceList(items=[evidence_out(one) for one in rows], next=None, total=len(rows))

    @post(
        "/",
        status_code=201,
        operation_id="addEvidence",
        summary="Hand in JPEG, PNG, HEIC or PDF",
        opt={"any_media": True, "repeatable": True},
        request_max_body_size=LARGEST_HAND_IN,
    )
    async def add(
        self,
        request: Request[Any, Any, Any],
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        settings: NamedDependency[Settings],
    ) -> EvidenceList:
        """`multipart/form-data`: `files` (one or several, 10 MB each), `kind` (`photo`, `sheet`, `receipt`, `other`),
        `note`, and `reason` once the session is closed. All are kept or none; pictures are written anew, without what
        the camera hid in them. The same file again is the same row. Answers the rows of these files."""
        session = await readable_evidence_session(actor, id_in_path(session_id))
        values = await read_form(request)
        files = files_given(values)
        form = parse_form(EvidenceForm, values)
        rows = await add_evidence(
            actor,
            now,
            session_id=session.id,
            kind=form.kind,
            files=files,
            note=form.note,
            reason=form.reason,
            home=settings.home,
        )
        return EvidenceList(items=[evidence_out(one) for one in rows], next=None, total=len(rows))

    @post(
        "/{evidence_id:str}/remove",
        status_code=200,
        operation_id="removeEvidence",
        summary="Take one file away, with the reason",
    )
    async def remove(
        self,
        session_id: FromPath[str],
        evidence_id: FromPath[str],
        data: JSONBody[RemoveIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> EvidenceOut:
        """A host's contact takes away what its own unit handed in, staff anything; the reason stands in the journal."""
        row = await remove_evidence(
            actor,
            now,
            session_id=id_in_path(session_id),
            evidence_id=id_in_path(evidence_id),
            reason=data.reason,
        )
        return evidence_out(row)


ROUTES = [EvidenceController]
