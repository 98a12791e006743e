"""The link from a contact's own page to the materials of their units."""

from datetime import datetime

from outreach.bookings.own_links import OwnLink
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import local_day
from outreach.web.wording import day_plain

__all__ = ["materials_links"]

_STANDING = """
SELECT count(*) FILTER (WHERE is_open)::int AS open, min(apply_until) FILTER (WHERE is_open) AS until,
       coalesce(sum(to_sign), 0)::int AS to_sign, coalesce(bool_or(applied), false) AS applied
  FROM (SELECT r.apply_until, r.state = 'applying' AND r.apply_until >= $3 AS is_open, a.to_sign, a.applied
          FROM materials_round r JOIN materials_item i ON i.id = r.item
          JOIN accounts_organisation o ON o.id = i.organisation
         CROSS JOIN LATERAL (
               SELECT count(*) > 0 AS applied, count(*) FILTER (WHERE x.state = 'handed_out') AS to_sign
                 FROM materials_application x WHERE x.round = r.id AND x.organisation = ANY($1::uuid[])) a
         WHERE EXISTS (SELECT 1 FROM unnest($2::text[]) own WHERE starts_with(own, o.path))) known
"""


async def materials_links(actor: Actor, now: datetime) -> list[OwnLink]:
    """One link where a round takes applications of the caller's units now, or one of them applied before."""
    today = local_day(now)
    own = [(grant.organisation_id, grant.path) for grant in actor.grants if grant.role is Role.CONTACT]
    found = await db.row(_STANDING, [id_ for id_, _path in own], [path for _id, path in own], today)
    assert found is not None  # an aggregate always has one
    if not (found["open"] or found["applied"]):
        return []
    if found["to_sign"]:
        note = _("有%(number)s份已发放，等您签收") % {"number": found["to_sign"]}
    elif found["open"]:
        facts = {"number": found["open"], "day": day_plain(found["until"], language())}
        note = _("有%(number)s轮正在申报，最近的%(day)s截止") % facts
    else:
        note = _("看申报、分配和签收")
    return [OwnLink(_("物资"), _("物资申报"), note, "/materials")]
