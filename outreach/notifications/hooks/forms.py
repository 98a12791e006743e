"""HTML forms of hooks."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outreach.notifications.domain.topics import TOPIC_OF
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, ShortLine

__all__ = ["KINDS_OFFERED", "EditHookForm", "HookForm", "hook_order"]

Revision = Annotated[int, Meta(ge=1, le=2_147_483_647)]
Id = Annotated[str, Meta(max_length=36)]
Address = Annotated[str, Meta(min_length=1, max_length=1000, pattern=LINE_PATTERN)]
#: The longest is 钉钉's: SEC and 64 digits.
Secret = Annotated[str, Meta(max_length=100, pattern=LINE_PATTERN)]

#: What a hook may be told: everything that an organisation or its units are told, nothing that is said to one person.
KINDS_OFFERED = tuple(kind for kind in TOPIC_OF if kind not in ("duty-soon", "weekly-summary", "hook-paused"))


class HookForm(msgspec.Struct, kw_only=True):
    """A new hook. ``secret``: of robots that sign, as the robot's page shows it."""

    organisation_id: Id
    name: ShortLine
    shape: Literal["wecom", "dingtalk", "feishu", "json"]
    url: Address
    secret: Secret = ""
    kinds: list[Annotated[str, Meta(max_length=40)]] = msgspec.field(default_factory=list)


class EditHookForm(msgspec.Struct, kw_only=True):
    """What may be changed; an empty ``url`` or ``secret`` keeps the one that is stored."""

    name: ShortLine
    url: Annotated[str, Meta(max_length=1000, pattern=LINE_PATTERN)] = ""
    secret: Secret = ""
    kinds: list[Annotated[str, Meta(max_length=40)]] = msgspec.field(default_factory=list)
    revision: Revision


def hook_order() -> list[tuple[str, Any]]:
    return [
        ("organisation_id", _("单位")),
        ("name", _("名称")),
        ("shape", _("发给谁")),
        ("url", _("地址")),
        ("secret", _("加签密钥")),
        ("kinds", _("通知哪些事")),
    ]
