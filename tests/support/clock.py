"""A clock that stands still."""

from datetime import datetime, timedelta

from outreach.shared.time import Clock


class FixedClock(Clock):
    """Shows ``moment`` until a test sets another."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(timedelta())
        self.moment = moment

    def now(self) -> datetime:
        return self.moment
