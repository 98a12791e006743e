"""What stands on the pages of snapshots, in the reader's language."""

from urllib.parse import quote

from outreach.reports.fixed.domain.figures import FixedTarget
from outreach.reports.fixed.queries import SnapshotRow
from outreach.shared.i18n import gettext as _
from outreach.web.wording import thousands

__all__ = ["amount", "difference_words", "disposition", "figure_words", "file_words"]


def figure_words(name: str) -> str:
    """What a figure that is compared is called."""
    return {
        "value": _("指标值"),
        "actual": _("已完成"),
        "total": _("总人次"),
        "planned": _("已排未办"),
        "pace": _("序时"),
        "forecast": _("年底预计"),
        "sessions": _("场次"),
        "visits": _("人次"),
        "workers": _("其中职工"),
        "unrecorded": _("未登记场次"),
    }[name]


#: Not exact: shown in whole numbers where they are large enough.
_ESTIMATES = ("pace", "forecast")


def amount(value: float | None, target: FixedTarget | None = None, name: str = "") -> str:
    """A figure, with its unit where it is a target's; a dash where there is none.

    Args:
        name: which figure it is; what is only estimated has no decimals from 100 on.
    """
    if value is None:
        return "—"
    shown = round(value) if name in _ESTIMATES and abs(value) >= 100 else value
    number = thousands(int(shown)) if shown == int(shown) else f"{shown:,.1f}"
    return f"{number}{target.unit}" if target is not None else number


def difference_words(by: float | None, target: FixedTarget | None = None, name: str = "") -> str:
    """``+3场``."""
    if by is None:
        return "—"
    return ("+" if by > 0 else "−") + amount(abs(by), target, name)


def file_words(kind: str) -> str:
    """What a document is called on its link."""
    return {
        "pdf": _("报告（PDF）"),
        "docx": _("报告（Word）"),
        "xlsx": _("Excel表"),
        "csv": _("CSV"),
    }[kind]


def disposition(snapshot: SnapshotRow, kind: str) -> str:
    """The header that names the download; a PDF opens in the browser."""
    title = quote(f"{snapshot.title}（第{snapshot.number}号定稿）.{kind}", safe="")
    how = "inline" if kind == "pdf" else "attachment"
    return f"{how}; filename=\"report-{snapshot.year}-{snapshot.number}.{kind}\"; filename*=UTF-8''{title}"
