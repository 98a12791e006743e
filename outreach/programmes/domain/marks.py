"""字标 and short names: one character per programme instead of an icon, and a name that fits a tab."""

from collections.abc import Collection

__all__ = ["default_mark", "default_short_name"]

#: Code of the shipped programmes → character and short name.
_KNOWN: dict[str, tuple[str, str]] = {
    "relief": ("困", "困难救助"),
    "legal-aid": ("法", "法律援助"),
    "mothers-station": ("妈", "妈妈驿站"),
    "culture": ("文", "送文化"),
    "psychology": ("心", "心理健康"),
    "degree": ("学", "学历资助"),
    "women": ("女", "女性课堂"),
    "safety-books": ("安", "安全丛书"),
    "service-card": ("卡", "会员服务卡"),
    "gongyi-lexue": ("乐", "公益乐学"),
    "sports-culture": ("体", "文体服务"),
    "recuperation": ("疗", "疗休养"),
    "mothers-room": ("妈", "妈咪小屋"),
    "job-fairs": ("聘", "招聘会"),
    "counselling": ("心", "心理咨询"),
    "craftsmen": ("匠", "工匠培育"),
    "legal-service": ("法", "法律服务"),
    "late-hours": ("延", "延时服务"),
}

#: Characters that say nothing of one programme among others.
_COMMON = frozenset("工会职实事项目服务的和与进企业送万发放优秀年度")


def default_mark(code: str, name: str, taken: Collection[str]) -> str:
    """A character of ``name`` that no other programme of the year uses; the usual one for a shipped programme."""
    known = _KNOWN.get(code, ("", ""))[0]
    if known and known not in taken:
        return known
    han = [character for character in name if "一" <= character <= "鿿"]
    telling = [character for character in han if character not in _COMMON]
    free = [character for character in (*telling, *han) if character not in taken]
    return next(iter(free or telling or han), code[:1].upper())


def default_short_name(code: str) -> str:
    """The short name of a shipped programme; empty for any other, whose name stands for itself."""
    return _KNOWN.get(code, ("", ""))[1]
