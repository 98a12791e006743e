"""What jobs are called, and why one was not made, in the reader's language."""

from urllib.parse import quote

from outreach.reports.jobs.queries import Failure, JobRow
from outreach.shared.errors import OutreachError
from outreach.shared.i18n import gettext as _
from outreach.web.problems import message_of

__all__ = ["disposition", "failure_words", "kind_words", "period_words", "periods_of"]


class _Kept(OutreachError):  # noqa: N818 - a refusal that was stored, to be said again
    def __init__(self, failure: Failure) -> None:
        super().__init__(**failure.facts)
        self.code = failure.code  # type: ignore[misc]


def failure_words(failure: Failure) -> tuple[str, str]:
    """Title and sentence of what went wrong."""
    return message_of(_Kept(failure))


def kind_words(kind: str, form: str) -> str:
    """``年终报告（PDF）``."""
    if kind == "fix":
        return _("定稿")
    if kind == "pdf" and form == "page":
        return _("一页报告（PDF）")
    return {
        "pdf": _("年终报告（PDF）"),
        "docx": _("年终报告（Word）"),
        "xlsx": _("报告的Excel表"),
        "csv": _("报告的CSV"),
    }[kind]


def periods_of(year: int) -> list[tuple[str, str]]:
    """Quarters and months to choose from."""
    quarters = [(f"{year}-Q{number}", _("第%(number)s季度") % {"number": number}) for number in range(1, 5)]
    months = [(f"{year}-{number:02d}", _("%(month)s月") % {"month": number}) for number in range(1, 13)]
    return [*quarters, *months]


def period_words(year: int, period: str) -> str:
    """``第3季度``, ``9月``; empty for the year."""
    return dict(periods_of(year)).get(period, "")


def disposition(job: JobRow) -> str:
    """The header that names the download."""
    title = quote(f"{job.title}（截至{job.as_of.isoformat()}）.{job.kind}", safe="")
    return f"attachment; filename=\"report-{job.year}.{job.kind}\"; filename*=UTF-8''{title}"
