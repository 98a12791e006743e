"""The federation, what lies below it, and the people who act for it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from uuid import UUID

from outreach.accounts.tables import Organisation, Person, RoleGrant
from outreach.demo.days import Days, at
from outreach.demo.places import DISTRICTS, PLACES, TOWNS
from outreach.demo.rows import Batch
from outreach.shared.actors import Role

__all__ = ["ENTERPRISES", "NAME_PARTS", "People", "Somebody", "Union", "Unions", "found_unions"]

#: How many enterprise unions there are.
ENTERPRISES = 120

# What an enterprise makes, its line of business, and the share of women among its workers.
_TRADES = (
    ("机械厂", "机械", 0.25),
    ("精工", "机械", 0.3),
    ("轴承", "机械", 0.3),
    ("丝织三厂", "纺织", 0.68),
    ("服饰", "纺织", 0.74),
    ("针织", "纺织", 0.7),
    ("电子", "电子", 0.55),
    ("光电", "电子", 0.5),
    ("线缆", "电子", 0.35),
    ("食品", "食品", 0.52),
    ("包装", "包装印刷", 0.42),
    ("冷轧", "冶金", 0.15),
    ("新材料", "化工", 0.28),
    ("涂料", "化工", 0.3),
    ("港务", "物流", 0.16),
    ("冷链", "物流", 0.22),
    ("家具", "家具", 0.3),
    ("物业", "服务", 0.48),
    ("商贸", "商业", 0.6),
    ("药业", "医药", 0.5),
)

# Enterprises that pages and stories name: district → (name, trade, owned publicly).
_NAMED = {
    "姑苏区": (("胥江机械厂", 0, True),),
    "虎丘区": (("枫桥电子", 6, False),),
    "吴中区": (("阳山精工", 1, False), ("木渎家具", 16, False)),
    "相城区": (("阳澄包装", 10, False),),
    "吴江区": (("盛泽丝织三厂", 3, True),),
    "工业园区": (("独墅湖光电", 7, False),),
    "张家港市": (("沙洲冷轧", 11, True),),
    "常熟市": (("虞山服饰", 4, False),),
    "太仓市": (("浏河港务", 14, True),),
    "昆山市": (("玉山电子", 6, False),),
}

_INDUSTRY = ("纺织", "机械冶金", "建设交通", "教育卫生", "商业服务")
_COMPANIES = ("古城供水", "城北公共交通", "运河粮食", "平门百货")
_DIRECT = ("市职工疗养中心", "市职业培训学校", "市职工服务中心")

# Guests: name, whether it is a barracks, a care home or a school, which never appear outside.
_GUESTS = {
    "姑苏区": ("平江颐养院", "葑门社区"),
    "虎丘区": ("狮山敬老院", "驻虎丘某部"),
    "吴中区": ("驻吴中某部", "胥口新苗学校"),
    "相城区": ("渭塘敬老院", "黄桥新芽学校"),
    "吴江区": ("同里颐养院", "平望新苗学校"),
    "工业园区": ("娄葑新苗学校", "胜浦社区"),
    "张家港市": ("驻张家港某部", "乐余敬老院"),
    "常熟市": ("支塘敬老院", "辛庄新芽学校"),
    "太仓市": ("浮桥颐养院", "驻太仓某部"),
    "昆山市": ("千灯新苗学校", "巴城敬老院"),
}

_SURNAMES = "顾沈陆钱蒋许何章周吴徐朱潘范尤严陶姚俞费盛薛韦柏季苗鲍贝毕"
_FIRST = "若清映知静晓佩秀语书雨思彦承景怀伯守"
_SECOND = "兰越雪微宜棠澜蕙岚筠舟禾宁柏桐溪拙恒"
#: Of names that nobody has.
NAME_PARTS = (_SURNAMES, _FIRST, _SECOND)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as others mention them."""

    id: UUID
    name: str
    phone: str


@dataclass(slots=True)
class Union:
    """An organisation; ``site`` is where a session at its own place happens, ``contact`` acts for it."""

    id: UUID
    code: str
    name: str
    kind: str
    path: str
    district: str
    members: int = 0
    women: int = 0
    site: str = ""
    contact: Somebody | None = None


@dataclass(slots=True)
class Unions:
    root: Union
    palace: Union
    districts: dict[str, Union]
    enterprises: list[Union] = field(default_factory=list)
    committees: list[Union] = field(default_factory=list)
    guests: list[Union] = field(default_factory=list)

    def named(self, name: str) -> Union:
        """The enterprise union, committee or guest called so."""
        return next(u for u in (*self.enterprises, *self.committees, *self.guests) if u.name == name)

    def bookers(self) -> list[Union]:
        """Who books: enterprise unions and women's committees, in the order made."""
        return [*self.enterprises, *self.committees]


class People:
    """Makes persons with names nobody has and telephone numbers that nobody can call."""

    def __init__(self, batch: Batch, dice: Random, at_: datetime) -> None:
        self._batch, self._dice, self._at = batch, dice, at_
        self._taken: set[str] = set()
        self._phones = iter(f"138000000{n:02d}" for n in range(1, 100))

    def name(self) -> str:
        """A name not given before."""
        while True:
            name = "".join(self._dice.choice(part) for part in NAME_PARTS)
            if name not in self._taken:
                self._taken.add(name)
                return name

    def phone(self) -> str:
        """A number of the range that is left unused for examples; empty when all are given away."""
        return next(self._phones, "")

    def make(
        self,
        name: str | None,
        role: Role,
        organisation: UUID | None,
        *,
        login: str | None = None,
        password: str | None = None,
    ) -> Somebody:
        """A person with one role since the beginning; many have neither login nor telephone here."""
        name = name or self.name()
        self._taken.add(name)
        phone = self.phone()
        id_ = self._batch.add(
            Person, self._at, name=name, login_name=login, phone=phone or None, password_hash=password
        )
        self._batch.add(
            RoleGrant, self._at, person=id_, organisation=organisation, role=role.value, from_on=self._at.date()
        )
        return Somebody(id_, name, phone or "0512-0000-0000")


class _Founding:
    """Makes organisations with their figures."""

    def __init__(self, batch: Batch, dice: Random, days: Days) -> None:
        self.batch, self.dice, self.days = batch, dice, days
        self.at = at(days.of_month(1)[0], 9).replace(year=days.year - 1)

    def make(
        self, code: str, name: str, kind: str, parent: Union | None, district: str = "", **figures: object
    ) -> Union:
        id_ = self.batch.new_id(self.at)
        path = f"{parent.path if parent else '/'}{id_}/"
        self.batch.add(
            Organisation, self.at, id=id_, code=code, name=name, kind=kind, parent=parent.id if parent else None,
            path=path, district=district, **figures,
        )  # fmt: skip
        return Union(id_, code, name, kind, path, district)

    def enterprise(self, code: str, name: str, parent: Union, district: str, trade: int, public: bool) -> Union:
        _product, industry, share = _TRADES[trade]
        least = 380 if any(name == known for named in _NAMED.values() for known, _trade, _public in named) else 60
        members = int(min(3600, max(least, self.dice.lognormvariate(6.1, 0.8))))
        women = round(members * min(0.9, max(0.08, self.dice.gauss(share, 0.06))))
        made = self.make(
            code, f"{name}工会", "grassroots_union", parent, district,
            ownership="public" if public else "non_public", industry=industry,
            member_count=members, member_count_on=date(self.days.year - 1, 12, 31),
            women_count=women,
        )  # fmt: skip
        town = next((t for t in TOWNS.get(district, ()) if name.startswith(t)), None)
        place = self.dice.choice(PLACES).format(n=self.dice.randint(2, 199))
        room = self.dice.choice(("职工之家", "二号楼会议室", "食堂二楼", "培训中心", "厂区大礼堂"))
        made.site = f"{town + '镇' if town and district not in ('姑苏区', '工业园区') else ''}{place}{name}{room}"
        made.members, made.women = members, women
        return made


def found_unions(batch: Batch, dice: Random, days: Days) -> Unions:
    """The whole tree, without its people."""
    founding = _Founding(batch, dice, days)
    root = founding.make("SZ", "苏州市总工会", "federation", None)
    palace = founding.make("SZ-WHG", "苏州市工人文化宫", "culture_palace", root)
    districts = {
        name: founding.make(f"SZ-{code}", federation, "federation", root, name)
        for name, (code, federation) in DISTRICTS.items()
    }
    unions = Unions(root, palace, districts)
    _found_below_the_city(founding, unions)
    for name in DISTRICTS:
        _found_district(founding, unions, name)
    for union in list(unions.enterprises):
        if union.women >= 110:
            unions.committees.append(_committee(founding, union))
    return unions


def _committee(founding: _Founding, union: Union) -> Union:
    id_ = founding.batch.new_id(founding.at)
    name = f"{union.name.removesuffix('工会')}女职工委员会"
    founding.batch.add(
        Organisation, founding.at, id=id_, code=f"{union.code}-W", name=name, kind="womens_committee", parent=union.id,
        path=f"{union.path}{id_}/", district=union.district, women_count=union.women,
        member_count=union.women, member_count_on=date(founding.at.year, 12, 31),
    )  # fmt: skip
    return Union(
        id_, f"{union.code}-W", name, "womens_committee", f"{union.path}{id_}/", union.district,
        union.women, union.women, union.site,
    )  # fmt: skip


def _found_below_the_city(founding: _Founding, unions: Unions) -> None:
    for n, name in enumerate(_INDUSTRY, 1):
        industry = founding.make(f"SZ-CY{n}", f"苏州市{name}产业工会", "industry_union", unions.root)
        town = founding.dice.choice(TOWNS["姑苏区"][4:])
        trade = (4, 1, 15, 19, 18)[n - 1]
        unions.enterprises.append(
            founding.enterprise(f"SZ-CY{n}-01", f"{town}{_TRADES[trade][0]}总公司", industry, "", trade, True)
        )
    for n, name in enumerate(_COMPANIES, 1):
        company = founding.make(f"SZ-JG{n}", f"{name}公司工会", "company_union", unions.root)
        unions.enterprises.append(
            founding.enterprise(f"SZ-JG{n}-01", f"{name}第一分公司", company, "", (17, 15, 9, 18)[n - 1], True)
        )
    for n, name in enumerate(_DIRECT, 1):
        founding.make(f"SZ-ZS{n}", f"{name}工会", "direct_unit", unions.root)


def _found_district(founding: _Founding, unions: Unions, district: str) -> None:
    code, parent = DISTRICTS[district][0], unions.districts[district]
    town = TOWNS[district][1]
    township = founding.make(
        f"SZ-{code}-X1", f"{town}{'镇' if district != '姑苏区' else '街道'}总工会", "township_union", parent, district
    )
    planned = list(_NAMED[district])
    wanted = 11 + (district == "吴中区")
    pairs = [(t, n) for t in TOWNS[district] for n in range(len(_TRADES))]
    founding.dice.shuffle(pairs)
    for place, trade in pairs:
        if len(planned) == wanted:
            break
        name = place + _TRADES[trade][0]
        if all(name != known for known, _trade, _public in planned):
            planned.append((name, trade, founding.dice.random() < 0.2))
    for n, (name, trade, public) in enumerate(planned, 1):
        above = township if name.startswith(town) else parent
        unions.enterprises.append(founding.enterprise(f"SZ-{code}-{n:03d}", name, above, district, trade, public))
    for n, name in enumerate(_GUESTS[district], 1):
        guest = founding.make(f"SZ-{code}-G{n}", name, "guest", parent, district)
        guest.site = f"{name}内"
        unions.guests.append(guest)
