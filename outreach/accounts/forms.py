"""HTML forms of accounts: what is posted, and the fields in the order in which a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outreach.accounts.schemas import Id, OrganisationFields, Revision
from outreach.shared.actors import Role
from outreach.shared.i18n import gettext as _
from outreach.shared.text import OptionalLine, Phone, ShortLine
from outreach.web.forms import FormState

__all__ = [
    "CodeForm",
    "CodesForm",
    "EnterForm",
    "GrantForm",
    "LoginForm",
    "NewPersonForm",
    "OrganisationForm",
    "OwnForm",
    "PasswordForm",
    "PersonForm",
    "PrefixedForm",
    "Secret",
    "SiteForm",
    "TokenForm",
    "grant_order",
    "organisation_order",
    "person_order",
    "site_order",
]

#: A password as typed; the rules are in ``domain/passwords.py``.
Secret = Annotated[str, Meta(min_length=1, max_length=1000)]

Order = list[tuple[str, str]]


class LoginForm(msgspec.Struct, kw_only=True):
    name: ShortLine
    password: Secret


class EnterForm(msgspec.Struct, kw_only=True):
    password: Secret
    password_again: Secret


class CodeForm(msgspec.Struct, kw_only=True):
    code: Annotated[str, Meta(min_length=1, max_length=100)]


class OwnForm(msgspec.Struct, kw_only=True):
    name: ShortLine
    locale: Literal["zh_CN", "en"]


class PasswordForm(msgspec.Struct, kw_only=True):
    old_password: Secret
    password: Secret
    password_again: Secret


class TokenForm(msgspec.Struct, kw_only=True):
    name: ShortLine


class OrganisationForm(OrganisationFields, kw_only=True):
    closed_on: date | None = None
    revision: Revision | None = None


class SiteForm(msgspec.Struct, kw_only=True):
    name: ShortLine
    tagline: OptionalLine = ""
    host_line: OptionalLine = ""
    phone: Phone = ""


class PersonForm(msgspec.Struct, kw_only=True):
    name: ShortLine
    login_name: ShortLine | None = None
    phone: Phone | None = None
    disabled: bool = False
    revision: Revision | None = None


class CodesForm(msgspec.Struct, kw_only=True):
    """Whom codes are printed for, as the list of people is searched; ``renew``: when somebody chose to end
    codes that are still good, as ISO 8601; empty: nobody did."""

    q: Annotated[str, Meta(max_length=100)] = ""
    role: Role | None = None
    organisation: Annotated[str, Meta(max_length=40)] = ""
    renew: Annotated[str, Meta(max_length=40)] = ""


class GrantForm(msgspec.Struct, kw_only=True):
    role: Role
    organisation_id: Id | None = None
    from_on: date | None = None
    until_on: date | None = None
    is_deputy: bool = False


class NewPersonForm(msgspec.Struct, kw_only=True):
    name: ShortLine
    login_name: ShortLine | None = None
    phone: Phone | None = None
    role: Role
    organisation_id: Id | None = None
    from_on: date | None = None
    until_on: date | None = None
    is_deputy: bool = False


@dataclass(frozen=True, slots=True)
class PrefixedForm:
    """A form whose fields have ids of their own, so that several forms live on one page."""

    prefix: str
    values: Mapping[str, Any]
    errors: Mapping[str, str]
    order: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, prefix: str, form: FormState | None) -> "PrefixedForm":
        """``form`` (default: an empty one) with ``prefix`` before every id."""
        state = form or FormState()
        return cls(prefix, state.values, state.errors, state.order)


def organisation_order() -> Order:
    return [
        ("name", _("名称")),
        ("code", _("编码")),
        ("kind", _("类别")),
        ("parent_id", _("上级组织")),
        ("district", _("区县")),
        ("ownership", _("所有制")),
        ("industry", _("行业")),
        ("member_count", _("会员数")),
        ("member_count_on", _("会员数统计日期")),
        ("women_count", _("女职工数")),
        ("closed_on", _("撤销或合并日期")),
    ]


def person_order() -> Order:
    return [("name", _("姓名")), ("login_name", _("登录名")), ("phone", _("手机")), ("disabled", _("停用"))]


def grant_order() -> Order:
    return [
        ("role", _("角色")),
        ("organisation_id", _("单位")),
        ("from_on", _("开始日期")),
        ("until_on", _("结束日期")),
    ]


def site_order() -> Order:
    """Fields of the name over every page, with their labels."""
    return [
        ("name", _("名称")),
        ("tagline", _("名称下面的小字")),
        ("host_line", _("页面下面写的主办单位")),
        ("phone", _("咨询电话")),
    ]
