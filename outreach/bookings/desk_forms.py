"""HTML forms of the desk's waiting list: what is posted, and the fields in their order for the list of errors."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.bookings.schemas import MOST_SEATS
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, OptionalLine

__all__ = ["OfferForm", "QueueForm", "offer_fields", "queue_fields"]


class OfferForm(msgspec.Struct, kw_only=True):
    """A part (or all) of its seats offered to a group that waits; the group reads the reason."""

    seats: Annotated[int, Meta(ge=1, le=MOST_SEATS)]
    reason: OptionalLine = ""


class QueueForm(msgspec.Struct, kw_only=True):
    """Another place in the queue, 1 is next; the reason stands in the journal (rule 5)."""

    place: Annotated[int, Meta(ge=1, le=10_000)]
    reason: Line


def offer_fields() -> list[tuple[str, str]]:
    """Fields of ``OfferForm`` with their labels."""
    return [("seats", _("名额")), ("reason", _("给对方的话"))]


def queue_fields() -> list[tuple[str, str]]:
    """Fields of ``QueueForm`` with their labels."""
    return [("place", _("排到第几位")), ("reason", _("原因"))]
