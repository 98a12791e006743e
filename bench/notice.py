"""Reading a notice of 200,000 characters beside one of 20,000 that is made the same way: ten times as long, ten times
as much work. Texts that nobody would write are among them, since anybody may paste one."""

import time

from bench.support import Row
from outreach.programmes.domain.notice import read_notice

__all__ = ["measure"]

LONG, SHORT, ROUNDS = 200_000, 20_000, 3
#: Ten would be exactly as the length; twice that is noise, a square would be a hundred.
MOST_TIMES = 20.0
TEXTS = (
    "一、全年面向企业举办心理讲座50场左右，发放手册20000本以上，吸引1万人次参加。\n",
    "1场", "一百", "1、一场\n", "1—", "1,111", "数百万", "不少于的", "\n",
)  # fmt: skip


def measure() -> list[Row]:
    """The text that grows worst, and how long the longest took."""
    worst, slowest = (0.0, 0.0, 0.0), 0.0
    for text in TEXTS:
        short, long = (_seconds((text * (length // len(text) + 1))[:length]) for length in (SHORT, LONG))
        worst = max(worst, (long / short, long, short))
        slowest = max(slowest, long)
    ratio, long, short = worst
    name = f"a notice of {LONG:,} characters read, the worst of {len(TEXTS)} texts (slowest {slowest * 1000:.0f} ms)"
    return [
        Row(
            name, f"{long * 1000:.1f} ms", f"{SHORT:,} characters {short * 1000:.1f} ms", ratio,
            f"≤ {MOST_TIMES:g} ×", ratio <= MOST_TIMES,
        )
    ]  # fmt: skip


def _seconds(text: str) -> float:
    """The quickest of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        read_notice(text)
        best = min(best, time.perf_counter() - began)
    return best
