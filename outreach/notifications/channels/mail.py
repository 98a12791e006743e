"""Mail: a letter as plain text, as HTML and with its invitation, handed to the SMTP server of the settings."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from outreach.notifications.channels.letter import Letter
from outreach.notifications.channels.mime import mail_bytes
from outreach.notifications.channels.smtp import Connections, Patience
from outreach.notifications.languages import in_language
from outreach.settings import Settings, smtp_server
from outreach.shared.i18n import gettext as _
from outreach.web.templates import render

__all__ = ["MailChannel", "greeting_of", "open_mail", "plain_text", "sender_of"]


def sender_of(settings: Settings) -> tuple[str, str]:
    """Name and address that mail comes from; the name is empty where the settings give none."""
    if settings.mail_from is not None:
        return parseaddr(settings.mail_from)
    return "", f"noreply@{greeting_of(settings)}"


def greeting_of(settings: Settings) -> str:
    """The name by which this installation calls itself to other servers; addresses of numbers have none."""
    host = urlsplit(settings.base_url).hostname or ""
    if ":" in host or not any(one.isalpha() for one in host):
        return "localhost"
    return host if host.isascii() else host.encode("idna").decode()


class MailChannel:
    """Sends by SMTP, several letters at once over connections that stay open between them."""

    name = "mail"
    parallel = 8

    def __init__(self, settings: Settings, *, patience: Patience | None = None) -> None:
        if settings.smtp_url is None:
            raise ValueError("OUTREACH_SMTP_URL is not set")
        self.connections = Connections(smtp_server(settings.smtp_url), greeting_of(settings), patience)
        self._from_name, self._from_address = sender_of(settings)

    async def send(self, letter: Letter) -> None:
        """Hand one letter to the server.

        Raises:
            RefusedError, TryAgainError, UncertainError: see ``Channel.send``.
        """
        mail = self.compose(letter)
        await self.connections.send(self._from_address, letter.address, mail, letter.begin)

    def compose(self, letter: Letter) -> bytes:
        """The mail as it goes out."""
        with in_language(letter.language):
            plain, html = plain_text(letter), render("mail/message.html", letter=letter)
        return mail_bytes(
            letter,
            plain=plain,
            html=html,
            from_name=self._from_name or letter.site_name,
            from_address=self._from_address,
        )

    async def close(self) -> None:
        await self.connections.close()


def plain_text(letter: Letter) -> str:
    """The letter for readers of plain text, in the language spoken now."""
    lines = [_("%(name)s，您好：") % {"name": letter.person_name}, ""] if letter.person_name else []
    lines += [letter.text, ""]
    if letter.rows:
        lines += [*(_pair(label, value) for label, value in letter.rows), ""]
    lines += [_pair(words, href) for words, href in ((_("查看详情"), letter.href), *letter.actions)]
    lines += ["", "-- ", _("这是%(site)s自动发出的通知，请不要直接回复。") % {"site": letter.site_name}]
    if letter.site_phone:
        lines.append(_("咨询电话：%(phone)s") % {"phone": letter.site_phone})
    if letter.unsubscribe_href:
        lines.append(_pair(_("不再收这一类邮件"), letter.unsubscribe_href))
    return "\n".join(lines) + "\n"


def _pair(label: str, value: str) -> str:
    return _("%(label)s：%(message)s") % {"label": label, "message": value}


def open_mail(settings: Settings) -> MailChannel | None:
    """The channel, where a server is set."""
    return MailChannel(settings) if settings.smtp_url is not None else None
