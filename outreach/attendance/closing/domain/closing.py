"""What a held session asks for before it is closed, and until when. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from outreach.shared.i18n import phrase

__all__ = ["MISSING_WORDS", "PROOF_KINDS", "due_at", "missing"]

#: In the order in which a page asks for them.
MISSING_WORDS: dict[str, str] = {
    "visits": phrase("人次"),
    "evidence": phrase("签到表或现场照片"),
    "remarks": phrase("情况说明"),
}
#: Kinds that prove that people were there.
PROOF_KINDS = ("photo", "sheet")


def missing(*, visits: bool, kinds: Collection[str], remarks: str, confidential: bool) -> tuple[str, ...]:
    """Keys of ``MISSING_WORDS`` that are not there yet.

    Args:
        visits: there is a head-count, or somebody was there by name.
        kinds: of the standing evidence. A confidential programme has no photos or signed sheets: any will do.
    """
    proven = bool(kinds) if confidential else any(kind in PROOF_KINDS for kind in kinds)
    there = {"visits": visits, "evidence": proven, "remarks": bool(remarks.strip())}
    return tuple(key for key in MISSING_WORDS if not there[key])


def due_at(ends_at: datetime, closing_days: int) -> datetime:
    """When a session that took place should be closed at the latest."""
    return ends_at + timedelta(days=closing_days)
