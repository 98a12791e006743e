"""HTML forms of the first run: what is posted, and the fields in the order in which a page shows them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.accounts.domain.organisations import KIND_NAMES, OrganisationKind, check_place
from outreach.accounts.forms import Secret
from outreach.guide.domain.steps import years_at_hand
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Code, District, Line, OptionalLine, ShortLine
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day

__all__ = ["CopyForm", "StartForm", "StepForm", "kind_options", "start_order", "years_offered"]

Year = Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
Id = Annotated[str, Meta(max_length=40)]


class StartForm(msgspec.Struct, kw_only=True):
    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: ShortLine
    login_name: ShortLine
    password: Secret
    password_again: Secret
    organisation: Line
    organisation_code: Code
    kind: OrganisationKind = OrganisationKind.FEDERATION
    district: District = ""
    year: Year
    site_name: OptionalLine = ""


class StepForm(msgspec.Struct, kw_only=True):
    """Which guide a button was pressed on; both may be left out where there is but one."""

    organisation_id: Id = ""
    year: Year | None = None


class CopyForm(msgspec.Struct, kw_only=True):
    example: Annotated[str, Meta(min_length=1, max_length=60)]
    programme: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=100)]
    year: Year
    organisation_id: Id = ""


def start_order() -> list[tuple[str, str]]:
    """Fields in the order of the page, with their labels."""
    return [
        ("code", _("启动码")),
        ("name", _("姓名")),
        ("login_name", _("登录名")),
        ("password", _("密码")),
        ("password_again", _("再输一次")),
        ("organisation", _("单位全称")),
        ("organisation_code", _("单位编码")),
        ("kind", _("类别")),
        ("district", _("区县")),
        ("year", _("年度")),
        ("site_name", _("页头的名字")),
    ]


def kind_options() -> list[tuple[str, str]]:
    """Kinds of organisations that may stand above all others."""

    def stands_alone(kind: OrganisationKind) -> bool:
        try:
            check_place(kind, None)
        except InvalidError:
            return False
        return True

    return [(kind.value, _(words)) for kind, words in KIND_NAMES.items() if stands_alone(kind)]


def years_offered(now: datetime) -> list[tuple[int, str]]:
    """The years at hand, with their words."""
    return [(year, _("%(year)s年") % {"year": year}) for year in years_at_hand(local_day(now))]
