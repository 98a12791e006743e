"""活动回执表: on screen, printed, as PDF."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.closing.domain.evidence import may_read_evidence
from outreach.attendance.closing.queries import evidence_of
from outreach.events.domain.visibility import may_manage
from outreach.papers.downloads import headers_of
from outreach.papers.receipts import readable_receipt, receipt_pdf
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.templates import page

__all__ = ["ROUTES"]


@get("/sessions/{session_id:str}/receipt", include_in_schema=False)
async def receipt_page(
    request: Request[Any, Any, Any], session_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form to print, filled in as far as the record goes, and where its scan is handed in."""
    receipt = await readable_receipt(actor, id_in_path(session_id))
    session = receipt.session
    manages, keeps = may_manage(actor, session.facts), may_read_evidence(actor, session.facts)
    desk, own = f"/desk/sessions/{session.id}", f"/sessions/{session.id}"
    handed_in = (await evidence_of([session.id]))[session.id] if keeps else []
    return page(
        request,
        "papers/receipt.html",
        r=receipt,
        back=desk if manages else own,
        scans=sum(one.kind == "receipt" for one in handed_in),
        evidence=f"{own}/evidence" if keeps else None,
        certificates=f"{desk if manages else own}/certificates" if keeps and receipt.filled else None,
        ledger=f"{desk}/ledger.xlsx" if manages else None,
        package=f"{desk}/evidence.zip" if manages else None,
    )


@get("/sessions/{session_id:str}/receipt.pdf", include_in_schema=False)
async def receipt_file(session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The same form as PDF."""
    receipt = await readable_receipt(actor, id_in_path(session_id))
    name = f"{_('活动回执表')}_{receipt.number}.pdf"
    return Response(
        await receipt_pdf(receipt),
        media_type="application/pdf",
        headers=headers_of(name, f"{receipt.number}.pdf", shown=True),
    )


ROUTES = [receipt_page, receipt_file]
