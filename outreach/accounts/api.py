"""JSON of accounts: organisations, and who the caller is."""

from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET

from outreach.accounts import commands, queries
from outreach.accounts.commands import OrganisationChanges
from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.domain.permissions import may_read_organisation
from outreach.accounts.schemas import (
    GrantOut,
    Me,
    OrganisationIn,
    OrganisationList,
    OrganisationOut,
    OrganisationPatch,
    PersonOut,
    organisation_out,
)
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import id_in_path, id_of_field
from outreach.web.etags import expected_revision, revision_tag
from outreach.web.security import csrf_token, set_csrf_cookie

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
Text = Annotated[str | None, QueryParameter(max_length=100, pattern=r"^[^\x00]*\Z")]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]
Cursor = Annotated[str | None, QueryParameter(max_length=2000)]


class OrganisationController(Controller):
    """Organisations of the union tree."""

    path = "/api/v1/organisations"
    tags = ("organisations",)

    @get("/", operation_id="listOrganisations", summary="Organisations that the caller knows")
    async def list_organisations(
        self,
        actor: NamedDependency[Actor],
        q: Text = None,
        kind: FromQuery[OrganisationKind | None] = None,
        district: Text = None,
        limit: Limit = 50,
        after: Cursor = None,
    ) -> OrganisationList:
        """Those above the caller's own organisations and all below them; parents first. `q`: part of a name or code."""
        found = await queries.organisations(actor, text=q, kind=kind, district=district, limit=limit, after=after)
        items = [organisation_out(actor, one) for one in found.items]
        return OrganisationList(items=items, next=found.next, total=found.total)

    @post("/", operation_id="createOrganisation", summary="Make an organisation")
    async def create(
        self, data: JSONBody[OrganisationIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OrganisationOut]:
        """By an organiser of the parent; roots by an administrator."""
        given = msgspec.structs.asdict(data)
        given["parent_id"] = id_of_field("parent_id", data.parent_id) if data.parent_id else None
        made = await commands.create_organisation(actor, now, **given)
        return Response(
            organisation_out(actor, made),
            status_code=201,
            headers={"ETag": revision_tag(made.revision), "Location": f"/api/v1/organisations/{made.id}"},
        )

    @get("/{organisation_id:str}", operation_id="getOrganisation", summary="One organisation")
    async def read(self, organisation_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[OrganisationOut]:
        """Answers 404 for what the caller may not know of."""
        found = await queries.organisation_by_id(id_in_path(organisation_id))
        if found is None or not may_read_organisation(actor, found.path):
            raise NotFoundError
        return Response(organisation_out(actor, found), headers={"ETag": revision_tag(found.revision)})

    @patch("/{organisation_id:str}", operation_id="changeOrganisation", summary="Change or move an organisation")
    async def change(
        self,
        request: AnyRequest,
        organisation_id: FromPath[str],
        data: JSONBody[OrganisationPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OrganisationOut]:
        """By its organiser; moved by an organiser of both parents. Honours `If-Match`."""
        id_ = id_in_path(organisation_id)
        stored = await commands.change_organisation(
            actor, now, id_, _changes(data), expected_revision=expected_revision(request)
        )
        return Response(organisation_out(actor, stored), headers={"ETag": revision_tag(stored.revision)})


def _changes(data: OrganisationPatch) -> OrganisationChanges:
    given: dict[str, Any] = {name: one for name, one in msgspec.structs.asdict(data).items() if one is not UNSET}
    if given.get("parent_id"):
        given["parent_id"] = id_of_field("parent_id", given["parent_id"])
    return cast("OrganisationChanges", given)


@get("/api/v1/me", operation_id="me", summary="Who the caller is", tags=["me"])
async def me(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Me]:
    """The person behind the credential, the roles held today, and the token for unsafe requests by cookie."""
    grants = [
        GrantOut(role=one.role, organisation_id=one.organisation_id, organisation_name=one.organisation_name)
        for one in actor.grants
    ]
    person = PersonOut(id=actor.person_id, name=actor.name, locale=actor.locale)
    response = Response(
        Me(person=person, grants=grants, csrf_token=csrf_token(request)), headers={"Cache-Control": "private, no-store"}
    )
    set_csrf_cookie(request, response)
    return response


ROUTES = [OrganisationController, me]
