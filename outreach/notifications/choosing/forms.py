"""HTML forms of choices."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outreach.notifications.domain.topics import MessageTopic
from outreach.shared.i18n import gettext as _

__all__ = ["AddressForm", "ChoicesForm", "address_order", "choices_order", "clock_text", "minutes_of"]

_TIME = r"^([01]?[0-9]|2[0-3]):[0-5][0-9]\Z"
Clock = Annotated[str, Meta(pattern=_TIME, max_length=5)]


class AddressForm(msgspec.Struct, kw_only=True):
    """An own mail address; empty: none any more."""

    email: Annotated[str, Meta(max_length=254)] = ""


class ChoicesForm(msgspec.Struct, kw_only=True):
    """``mail`` and ``sms``: topics that are ticked. ``quiet``: nothing that can wait between the two times."""

    mail: list[MessageTopic] = msgspec.field(default_factory=list)
    sms: list[MessageTopic] = msgspec.field(default_factory=list)
    quiet: bool = False
    quiet_from: Clock = "21:00"
    quiet_until: Clock = "08:00"
    locale: Literal["zh_CN", "en"] = "zh_CN"


def minutes_of(clock: str) -> int:
    """Minutes after midnight of ``21:00``."""
    hours, _colon, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def clock_text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def address_order() -> list[tuple[str, str]]:
    return [("email", _("邮箱"))]


def choices_order() -> list[tuple[str, str]]:
    return [
        ("mail", _("发邮件")),
        ("sms", _("发短信")),
        ("quiet_from", _("从几点")),
        ("quiet_until", _("到几点")),
        ("locale", _("语言")),
    ]
