"""Words of letters: places in a template, and how a paper is called."""

from collections.abc import Sequence

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.web.problems import field_messages

__all__ = ["sentences", "where_text"]


def where_text(where: Sequence[str | int], excerpt: str = "") -> str:
    """``第3段（“请于……”）``, ``第1个表格第2行``."""
    words = _place(where)
    return _("%(where)s（“%(excerpt)s”）") % {"where": words, "excerpt": excerpt} if excerpt else words


def _place(where: Sequence[str | int]) -> str:
    match list(where):
        case ["paragraph", number]:
            return _("第%(number)s段") % {"number": number}
        case ["table", number, row]:
            return _("第%(number)s个表格第%(row)s行") % {"number": number, "row": row}
        case ["line", number]:
            return _("第%(number)s行") % {"number": number}
        case ["header"]:
            return _("页眉")
        case ["footer"]:
            return _("页脚")
        case ["footnote"]:
            return _("脚注")
        case ["properties"]:
            return _("文件属性")
        case _:
            return _("文件里看不见的地方")


def sentences(error: InvalidError) -> list[str]:
    """Each problem in words, also where one field has several."""
    return [_sentence(one) for one in error.problems]


def _sentence(one: FieldProblem) -> str:
    return next(iter(field_messages(InvalidError([one])).values()))
