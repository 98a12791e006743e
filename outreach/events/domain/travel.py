"""How long the way between two districts takes. Pure.

The default is a rule of thumb: the distance between the centres of the two districts as the crow flies, a third more
for the road, 40 km/h in town and 80 km/h beyond the first 20 km, and a quarter of an hour for gates and parking. Staff
who know better write their own minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import asin, ceil, cos, radians, sin, sqrt

from outreach.events.domain.districts import short_district

__all__ = ["MOST_MINUTES", "UNKNOWN_MINUTES", "TravelTimes", "default_minutes", "place_of", "travel_times_of"]

#: What the table takes at most, in minutes.
MOST_MINUTES = 600
#: Between two places of which at least one is not in the list below.
UNKNOWN_MINUTES = 60

_WITHIN_MINUTES = 20
_ROAD_FACTOR = 1.3
_TOWN_KILOMETRES, _TOWN_SPEED, _ROAD_SPEED = 20, 40, 80
_DOOR_MINUTES = 15
_EARTH_KILOMETRES = 6371.0

#: Latitude and longitude in degrees of the seats of the districts of Suzhou and Shanghai, by short name.
_CENTRES: dict[str, tuple[float, float]] = {
    "姑苏": (31.311, 120.617),
    "虎丘": (31.296, 120.566),
    "吴中": (31.262, 120.632),
    "相城": (31.369, 120.642),
    "吴江": (31.139, 120.645),
    "园区": (31.324, 120.724),
    "常熟": (31.654, 120.753),
    "张家港": (31.876, 120.555),
    "昆山": (31.385, 120.981),
    "太仓": (31.458, 121.131),
    "黄浦": (31.232, 121.485),
    "徐汇": (31.188, 121.437),
    "长宁": (31.220, 121.425),
    "静安": (31.229, 121.448),
    "普陀": (31.250, 121.396),
    "虹口": (31.265, 121.505),
    "杨浦": (31.260, 121.526),
    "闵行": (31.113, 121.382),
    "宝山": (31.405, 121.489),
    "嘉定": (31.375, 121.266),
    "浦东": (31.222, 121.545),
    "金山": (30.742, 121.342),
    "松江": (31.032, 121.228),
    "青浦": (31.151, 121.124),
    "奉贤": (30.918, 121.474),
    "崇明": (31.623, 121.397),
}
#: Other names of the same place.
_ALIASES = {"高新": "虎丘", "浦东新": "浦东"}


def place_of(district: str) -> str:
    """The name under which a district is compared: 吴中 for 吴中区, 虎丘 for 苏州高新区; empty: not known."""
    name = district.strip()
    for city in ("苏州市", "上海市", "苏州", "上海"):
        if name.startswith(city) and len(name) > len(city) + 1:
            name = name[len(city) :]
            break
    short = short_district(name)
    return _ALIASES.get(short, short)


def default_minutes(one: str, other: str) -> int:
    """Minutes on the way between two districts, in steps of five; both names are given.

    20 within one district, ``UNKNOWN_MINUTES`` where a name is not in the list.
    """
    here, there = place_of(one), place_of(other)
    if here == there:
        return _WITHIN_MINUTES
    if here not in _CENTRES or there not in _CENTRES:
        return UNKNOWN_MINUTES
    road = _kilometres(_CENTRES[here], _CENTRES[there]) * _ROAD_FACTOR
    in_town = min(road, _TOWN_KILOMETRES)
    minutes = (in_town / _TOWN_SPEED + (road - in_town) / _ROAD_SPEED) * 60 + _DOOR_MINUTES
    return ceil(minutes / 5) * 5


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two points given as degrees of latitude and longitude (haversine)."""
    (lat, lon), (lat_2, lon_2) = (map(radians, point) for point in (one, other))
    chord = sin((lat_2 - lat) / 2) ** 2 + cos(lat) * cos(lat_2) * sin((lon_2 - lon) / 2) ** 2
    return 2 * _EARTH_KILOMETRES * asin(sqrt(chord))


@dataclass(frozen=True, slots=True)
class TravelTimes:
    """What staff wrote into the table, over the defaults; keys are the pair's two places in either order."""

    own: Mapping[frozenset[str], int] = field(default_factory=dict)

    def minutes(self, one: str, other: str) -> int | None:
        """Minutes on the way; ``None`` when a district is not known (an empty name)."""
        if not one.strip() or not other.strip():
            return None
        own = self.own.get(frozenset((place_of(one), place_of(other))))
        return default_minutes(one, other) if own is None else own

    def is_own(self, one: str, other: str) -> bool:
        """Whether staff wrote down this pair."""
        return frozenset((place_of(one), place_of(other))) in self.own


def travel_times_of(rows: Iterable[tuple[str, str, int]]) -> TravelTimes:
    """From stored rows of two districts and minutes."""
    return TravelTimes({frozenset((place_of(one), place_of(other))): minutes for one, other, minutes in rows})
