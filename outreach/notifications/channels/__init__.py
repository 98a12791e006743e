"""The ways out: each channel in a module of its own, and one table of how to open them."""

from collections.abc import Callable

from outreach.notifications.channels.console import open_console
from outreach.notifications.channels.hooks import open_hooks
from outreach.notifications.channels.letter import (
    Calendar,
    Channel,
    Letter,
    RefusedError,
    TryAgainError,
    UncertainError,
)
from outreach.notifications.channels.mail import open_mail
from outreach.notifications.channels.sms import open_sms
from outreach.settings import Settings

__all__ = [
    "CHANNELS",
    "Calendar",
    "Channel",
    "Letter",
    "RefusedError",
    "TryAgainError",
    "UncertainError",
    "open_channels",
]

#: Name of the channel, as in ``notifications_delivery.channel`` → how it is opened; ``None``: not configured. The
#: list of people to ring has no entry: nobody sends it.
CHANNELS: dict[str, Callable[[Settings], Channel | None]] = {
    "mail": open_mail,
    "sms": open_sms,
    "hook": open_hooks,
    "console": open_console,
}


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that are configured. With ``OUTREACH_MESSAGES=console`` nothing else is, whatever is set."""
    names = ["console"] if settings.messages == "console" else list(CHANNELS)
    opened = {name: CHANNELS[name](settings) for name in names}
    return {name: channel for name, channel in opened.items() if channel is not None}
