"""HTML forms and JSON of closing and evidence, and the fields in their order for the list of errors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from outreach.attendance.closing.queries import EvidenceRow
from outreach.events.queries import SessionRow
from outreach.events.schemas import SessionOut, session_out
from outreach.shared.actors import Actor
from outreach.shared.files import Incoming
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, LongText, OptionalLine
from outreach.shared.time import local

__all__ = [
    "LARGEST_HAND_IN",
    "CloseForm",
    "CloseManyForm",
    "ClosedOut",
    "ClosingIn",
    "EvidenceForm",
    "EvidenceList",
    "EvidenceOut",
    "RemoveIn",
    "closed_out",
    "closing_order",
    "evidence_order",
    "evidence_out",
    "files_given",
    "plain_values",
]

#: Bytes of one hand-in, all its files together.
LARGEST_HAND_IN = 64_000_000

Kind = Literal["photo", "sheet", "receipt", "other"]


class EvidenceForm(msgspec.Struct, kw_only=True):
    """What is said of the files handed in; the files themselves are read one by one."""

    kind: Kind
    note: OptionalLine = ""
    reason: OptionalLine = ""


class RemoveIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a file is taken away."""

    reason: Line


class CloseForm(msgspec.Struct, kw_only=True):
    """情况说明, and why something is not there."""

    remarks: LongText = ""
    missing_reason: OptionalLine = ""


class ClosingIn(CloseForm, kw_only=True, forbid_unknown_fields=True):
    """`remarks` null: what was said before stays. `missing_reason`: why figures, evidence or remarks are not there."""

    remarks: LongText | None = None  # type: ignore[assignment]


class CloseManyForm(msgspec.Struct, kw_only=True):
    """The sessions ticked, and one reason for those of them that lack something."""

    session_ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    missing_reason: OptionalLine = ""


class ClosedOut(SessionOut, kw_only=True):
    """A closed session; `missing`: what was not there (`visits`, `evidence`, `remarks`)."""

    missing: list[str]


class EvidenceOut(msgspec.Struct, kw_only=True):
    """One file of a session; its bytes are at `href`. `organisation_id`: the unit that handed it in, null: staff."""

    id: UUID
    session_id: UUID
    kind: Kind
    name: str
    note: str
    media_type: str
    size_bytes: int
    digest: str
    organisation_id: UUID | None
    organisation_name: str
    created_by_name: str
    created_at: datetime
    href: str


class EvidenceList(msgspec.Struct, kw_only=True):
    """The standing evidence of a session, oldest first; there is never more than one page."""

    items: list[EvidenceOut]
    next: str | None
    total: int


def closed_out(row: SessionRow, actor: Actor, now: datetime, missing: Sequence[str]) -> ClosedOut:
    """A closed session as JSON, with what it lacked."""
    said = session_out(row, actor, now)
    values: dict[str, Any] = {name: getattr(said, name) for name in SessionOut.__struct_fields__}
    return ClosedOut(**values, missing=list(missing))


def evidence_out(row: EvidenceRow) -> EvidenceOut:
    """A file as JSON."""
    values: dict[str, Any] = {name: getattr(row, name) for name in EvidenceOut.__struct_fields__ if name != "href"}
    href = f"/sessions/{row.session_id}/evidence/{row.id}"
    return EvidenceOut(**{**values, "created_at": local(row.created_at), "href": href})


def files_given(values: dict[str, Any]) -> list[Incoming]:
    """The files of a posted form, taken out of its ``values``; an empty choice is none."""
    given = values.pop("files", [])
    files = given if isinstance(given, list) else [given]
    return [Incoming(one.filename, one.read) for one in files if isinstance(one, UploadFile) and one.filename]


def evidence_order(files: list[Incoming]) -> list[tuple[str, str]]:
    """Fields of a hand-in with their labels; a file that was refused is called by its name."""
    named = [(f"files.{number}", one.name) for number, one in enumerate(files)]
    return [("kind", _("是什么")), ("files", _("文件")), *named, ("note", _("说明")), ("reason", _("原因"))]


def closing_order() -> list[tuple[str, str]]:
    """Fields of closing with their labels."""
    return [("remarks", _("情况说明")), ("missing_reason", _("为什么没有齐"))]


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, without what a browser cannot be given back."""
    return {name: value for name, value in values.items() if not isinstance(value, UploadFile)}
