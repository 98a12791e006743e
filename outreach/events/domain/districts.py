"""Short names of districts. Pure."""

__all__ = ["short_district"]


def short_district(name: str) -> str:
    """吴中区 → 吴中, 工业园区 → 园区, 张家港市 → 张家港: for places where every character counts."""
    if name.endswith("园区") and len(name) > 2:
        return "园区"
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name
