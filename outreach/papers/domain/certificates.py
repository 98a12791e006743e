"""学时: how many a session gives, and the number of a certificate, which nobody can make up. Pure."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.attendance.domain.headcounts import days_of
from outreach.shared.time import local

__all__ = ["LESSON_MINUTES", "MOST_HALVES", "CertificateNumber", "halves_a_day", "masked_name", "said_hours"]

#: One 学时, as schools and the training of cadres count it.
LESSON_MINUTES = 45
#: Of one session, in half 学时: a month of full days.
MOST_HALVES = 400


def halves_a_day(starts_at: datetime, ends_at: datetime) -> int:
    """Half 学时 that a day of a session gives, rounded down, at least one.

    Of several days each lasts from the clock time of the start to that of the end; where that says nothing, as over a
    night, the whole is shared out evenly.
    """
    days = len(days_of(starts_at, ends_at))
    length = ends_at - starts_at
    if days > 1:
        first, last = local(starts_at), local(ends_at)
        by_clock = timedelta(hours=last.hour - first.hour, minutes=last.minute - first.minute)
        length = by_clock if by_clock > timedelta() else length / days
    minutes = int(length.total_seconds() // 60)
    return min(max(minutes * 2 // LESSON_MINUTES, 1), MOST_HALVES)


def said_hours(halves: int) -> str:
    """``2`` or ``2.5``."""
    return f"{halves // 2}{'.5' if halves % 2 else ''}"


def masked_name(name: str) -> str:
    """``李*``: enough for who holds the paper, too little for who does not."""
    return f"{name[:1]}*" if name else ""


_NUMBER = re.compile(r"([1-9][0-9]{0,14})-([1-9][0-9]{0,3})-([A-Z2-7]{8})\Z")


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """The line of the journal that says it was issued, and the place in that line (1 first)."""

    line: int
    place: int

    def text(self, key: bytes) -> str:
        """``1234-1-K7Q2FABC``: the last part proves that we gave it."""
        return f"{self.line}-{self.place}-{self._check(key)}"

    def _check(self, key: bytes) -> str:
        told = hmac.new(key, f"certificate:{self.line}:{self.place}".encode(), hashlib.sha256).digest()
        return base64.b32encode(told[:5]).decode()

    @classmethod
    def read(cls, text: str, key: bytes) -> "CertificateNumber | None":
        """The number that somebody typed; ``None``: not one of ours."""
        found = _NUMBER.match("".join(text.split()).upper().replace("－", "-").replace("—", "-"))
        if found is None:
            return None
        made = cls(int(found[1]), int(found[2]))
        return made if hmac.compare_digest(made._check(key), found[3]) else None
