"""Quiet hours: when somebody wants nothing that can wait."""

from datetime import datetime, timedelta

from outreach.shared.time import local, local_day, local_midnight

__all__ = ["not_before"]


def not_before(now: datetime, from_minute: int, until_minute: int) -> datetime:
    """``now``, or the end of the quiet hours that ``now`` lies in.

    Args:
        from_minute: minutes after midnight in Asia/Shanghai, 0–1439.
        until_minute: exclusive; before ``from_minute`` the hours span midnight. Equal: there are none.
    """
    here = local(now)
    minute = here.hour * 60 + here.minute
    if from_minute <= until_minute:
        quiet = from_minute <= minute < until_minute
    else:
        quiet = minute >= from_minute or minute < until_minute
    if not quiet:
        return now
    end = local_midnight(local_day(now)) + timedelta(minutes=until_minute)
    return end if end > now else end + timedelta(days=1)
