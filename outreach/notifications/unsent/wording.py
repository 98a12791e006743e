"""Words of what could not be sent: by which way, and why not. Chinese source strings."""

from outreach.shared.i18n import phrase

__all__ = ["CHANNEL_WORDS", "WHY_WORDS"]

CHANNEL_WORDS: dict[str, str] = {
    "mail": phrase("邮件"),
    "sms": phrase("短信"),
    "hook": phrase("群机器人或其他系统"),
    "console": phrase("演练记录"),
}

#: The first word of a dead letter's note → what it means.
WHY_WORDS: dict[str, str] = {
    "refused": phrase("对方拒收"),
    "uncertain": phrase("对方没有回音，可能已经收到"),
    "tried": phrase("两天里一直没有送到"),
    "late": phrase("等了七天没有发出"),
}
