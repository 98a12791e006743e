"""Whether a report is answered at once or made beside: short ones at once, long ones as a job that the reader begins.

Programs wait as long as it takes; only a person with the page open is led to the job.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request
from litestar.response import Redirect

from outreach.reports.jobs.domain.progress import DIRECT_SECONDS, is_long
from outreach.web.problems import wants_page

__all__ = ["made_or_beside"]

_PASSED_ON = ("as_of", "organisation", "programme", "period", "form")


async def made_or_beside(
    request: Request[Any, Any, Any],
    make: Callable[[], Awaitable[bytes]],
    *,
    year: int,
    kind: str,
    form: str,
    sessions: int,
) -> bytes | Redirect:
    """What ``make`` brings; for a person whose report takes long, or has taken too long, where the job is begun.

    What was begun already is made all the same, and the job that is begun then finds it.

    Args:
        sessions: in the report.
    """
    if not wants_page(request):
        return await make()
    if not is_long(kind, form, sessions):
        made = asyncio.ensure_future(make())
        done, _waiting = await asyncio.wait({made}, timeout=DIRECT_SECONDS)
        if done:
            return made.result()
        made.add_done_callback(lambda one: one.cancelled() or one.exception())  # somebody has to look at it
    given = {name: text for name in _PASSED_ON if (text := request.query_params.get(name))}
    return Redirect(f"/desk/reports/jobs/new?{urlencode({'year': year, 'kind': kind, **given})}", status_code=303)
