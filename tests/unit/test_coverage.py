"""Coverage without a database: whose members, which row, the ramp, shares."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.counting.coverage.domain.tree import DIRECT, OTHERS, Node, Place, Tree
from outreach.counting.coverage.drawing import ramp_chart
from outreach.counting.coverage.figures import CoverageRow, RampPoint
from outreach.counting.coverage.forms import filled_in, goal_field, goals_given, ramp_form
from outreach.programmes.coverage.commands import GoalGiven
from outreach.programmes.coverage.goals import straight_line
from outreach.programmes.coverage.queries import GoalRow, OutsideSum
from outreach.shared.errors import InvalidError

KIND = OrganisationKind


class Grown:
    """Builds a tree: parents first, as the query gives it."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def add(
        self,
        parent: Node | None = None,
        kind: OrganisationKind = KIND.GRASSROOTS_UNION,
        *,
        members: int | None = None,
        district: str = "",
        closed: bool = False,
    ) -> Node:
        id_ = uuid4()
        path = f"{parent.path if parent else '/'}{id_}/"
        made = Node(
            id=id_, parent_id=parent.id if parent else None, path=path, name=str(len(self.nodes)), kind=kind,
            district=district, members=members, closed=closed,
        )  # fmt: skip
        self.nodes.append(made)
        return made

    def tree(self) -> Tree:
        return Tree(self.nodes)


def test_members_are_the_own_figure_else_the_sum_of_the_children() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION)
    gusu = grown.add(city, KIND.FEDERATION, members=900)
    grown.add(gusu, members=300)
    wuzhong = grown.add(city, KIND.FEDERATION)
    town = grown.add(wuzhong, KIND.TOWNSHIP_UNION)
    grown.add(town, members=120)
    grown.add(town, members=None)
    mill = grown.add(city, members=80)
    tree = grown.tree()
    assert (tree.members[gusu.id], tree.members[wuzhong.id], tree.members[mill.id]) == (900, 120, 80)
    assert tree.members[city.id] == 1100
    assert tree.direct_members == 80


def test_womens_committees_guests_and_closed_units_add_no_members() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION)
    union = grown.add(city, members=100)
    grown.add(union, KIND.WOMENS_COMMITTEE, members=40)
    grown.add(union, KIND.GUEST, members=500)
    grown.add(city, members=70, closed=True)
    grown.add(city, KIND.WOMENS_COMMITTEE, members=9)
    tree = grown.tree()
    assert tree.members[city.id] == 100
    assert tree.direct_members == 100
    assert tree.district_members() == {"": 100}


def test_nobody_knows_the_members_of_a_tree_without_figures() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION)
    grown.add(grown.add(city, KIND.FEDERATION, district="姑苏区"))
    tree = grown.tree()
    assert tree.members[city.id] is None
    assert tree.direct_members is None
    assert tree.district_members() == {"姑苏区": None}


def test_a_closed_unit_keeps_its_people_and_the_members_of_what_is_below_it() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION)
    merged = grown.add(city, KIND.JOINT_UNION, members=500, closed=True)
    below = grown.add(merged, members=60)
    tree = grown.tree()
    assert tree.members[merged.id] == 60
    assert tree.places[below.id].row == merged.id


def test_places_by_level_and_district() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION, district="全市")
    gusu = grown.add(city, KIND.FEDERATION, district="姑苏区")
    union = grown.add(gusu, district="吴中区")
    women = grown.add(union, KIND.WOMENS_COMMITTEE)
    school = grown.add(union, KIND.GUEST)
    class_ = grown.add(school, KIND.GUEST)
    bureau = grown.add(city, KIND.COMPANY_UNION)
    branch = grown.add(bureau, district="虎丘区")
    lone = grown.add(city, KIND.COMPANY_UNION, district="相城区")
    only_women = grown.add(city, KIND.GRASSROOTS_UNION)
    grown.add(only_women, KIND.WOMENS_COMMITTEE)
    empty_level = grown.add(city, KIND.INDUSTRY_UNION)
    tree = grown.tree()
    assert tree.places[city.id] == Place(DIRECT, "")
    assert [tree.places[one.id] for one in (gusu, union, women)] == [Place(gusu.id, "姑苏区")] * 3
    assert [tree.places[one.id] for one in (school, class_)] == [Place(OTHERS, None)] * 2
    assert tree.places[bureau.id] == Place(bureau.id, "")
    assert tree.places[branch.id] == Place(bureau.id, "虎丘区")
    assert tree.places[lone.id] == Place(DIRECT, "相城区")
    assert tree.places[only_women.id] == Place(DIRECT, "")
    assert [one.id for one in tree.units] == [gusu.id, bureau.id, empty_level.id]


def test_members_of_a_district_are_those_of_its_topmost_units() -> None:
    grown = Grown()
    city = grown.add(kind=KIND.FEDERATION, members=9999)
    gusu = grown.add(city, KIND.FEDERATION, members=900, district="姑苏区")
    grown.add(gusu, members=300, district="姑苏区")
    bureau = grown.add(city, KIND.COMPANY_UNION, members=500)
    grown.add(bureau, members=200, district="姑苏区")
    grown.add(bureau, members=100)
    # 900 and the bureau's 200; the bureau's other 300 belong to no district.
    assert grown.tree().district_members() == {"姑苏区": 1100, "": 300}


@given(st.data())
def test_districts_share_out_every_member_once(data: st.DataObject) -> None:
    grown = Grown()
    nodes = [grown.add(kind=KIND.FEDERATION)]
    for _number in range(data.draw(st.integers(0, 12))):
        parent = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        nodes.append(
            grown.add(
                parent,
                data.draw(st.sampled_from([KIND.FEDERATION, KIND.GRASSROOTS_UNION, KIND.GUEST])),
                district=data.draw(st.sampled_from(["", "甲", "乙"])),
            )
        )
    leaves = {node.parent_id for node in nodes}
    grown.nodes = [
        Node(
            id=one.id, parent_id=one.parent_id, path=one.path, name=one.name, kind=one.kind, district=one.district,
            members=None if one.id in leaves else data.draw(st.integers(0, 50)),
        )
        for one in sorted(nodes, key=lambda node: node.path)
    ]  # fmt: skip
    tree = grown.tree()
    if len(nodes) > 1:
        assert sum(one or 0 for one in tree.district_members().values()) == (tree.members[nodes[0].id] or 0)
        rows = sum(tree.members[one.id] or 0 for one in tree.units) + (tree.direct_members or 0)
        assert rows == (tree.members[nodes[0].id] or 0)


def test_shares_and_what_stands_in_their_way() -> None:
    row = CoverageRow(name="", members=200, visits=50, people=30, outside_visits=10, outside_people=5)
    assert (row.visit_percent, row.people_percent, row.unnamed_percent) == (30, 17.5, 0)
    for nobody in (None, 0):
        row = CoverageRow(name="", members=nobody, visits=50, people=30, unnamed_visits=150)
        assert (row.visit_percent, row.people_percent, row.unnamed_percent) == (None, None, 75)
    assert CoverageRow(name="", members=10).unnamed_percent is None
    assert CoverageRow(name="", members=10, people=4, outside_visits=9, outside_people=None).people_percent == 40


def test_services_of_which_one_does_not_know_its_people() -> None:
    assert OutsideSum(5, 3) + OutsideSum(2, 2) == OutsideSum(7, 5)
    assert OutsideSum(5, 3) + OutsideSum(2, None) == OutsideSum(7, None)


def test_the_years_between_lie_on_a_straight_line() -> None:
    assert straight_line(2015, 2019, {2015: 20, 2019: 80}) == {2015: 20, 2016: 35, 2017: 50, 2018: 65, 2019: 80}
    assert straight_line(2015, 2019, {2015: 20, 2017: 30, 2019: 80}) == {
        2015: 20, 2016: 25, 2017: 30, 2018: 55, 2019: 80,
    }  # fmt: skip
    assert straight_line(2015, 2018, {2016: 1, 2017: 2}) == {2016: 1, 2017: 2}
    assert straight_line(2015, 2018, {2015: 1, 2018: 2}) == {2015: 1, 2016: 1.3, 2017: 1.7, 2018: 2}
    assert straight_line(2015, 2018, {2014: 5}) == {}


@given(st.dictionaries(st.integers(2000, 2019), st.floats(0.5, 1000), max_size=6))
def test_a_proposal_keeps_what_was_given(given_goals: dict[int, float]) -> None:
    filled = straight_line(2000, 2019, given_goals)
    assert {year: filled[year] for year in given_goals} == given_goals
    if given_goals:
        assert list(filled) == list(range(min(given_goals), max(given_goals) + 1))


def typed(**goals: str) -> dict[str, str]:
    return {"first": "2015", "last": "2017", **{f"goal:{year[1:]}": text for year, text in goals.items()}}


def test_the_form_of_the_ramp() -> None:
    given_form = ramp_form(typed(y2015="２０％", y2016="", y2017="80.5"))
    assert dict(given_form.percents) == {2015: 20, 2017: 80.5}
    assert filled_in(given_form) == {"goal:2015": 20, "goal:2016": 50.2, "goal:2017": 80.5}
    unit = UUID(int=1)
    between = GoalRow(year=2016, percent=1, wording="原话", organisation_id=unit, organisation_name="")
    given_form = ramp_form({**typed(y2015="20", y2016="50", y2017="80"), "wording": "达到20%"})
    assert goals_given(given_form, [between]) == [
        GoalGiven(2015, 20, "达到20%"),
        GoalGiven(2016, 50, "原话"),
        GoalGiven(2017, 80, "达到20%"),
    ]
    assert goals_given(ramp_form(typed()), []) == [GoalGiven(year, None) for year in (2015, 2016, 2017)]


@pytest.mark.parametrize("text", ["0", "-1", "1001", "二十", "nan", "inf", "1e9"])
def test_a_percent_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        ramp_form(typed(y2016=text))
    assert [one.field for one in refused.value.problems] == [goal_field(2016)]


@pytest.mark.parametrize(("first", "last"), [("2017", "2015"), ("2015", "2035"), ("15", "2019"), ("", "2019")])
def test_years_that_make_no_ramp(first: str, last: str) -> None:
    with pytest.raises(InvalidError):
        ramp_form({"first": first, "last": last, "do": "years"})


def test_a_proposal_needs_two_years() -> None:
    with pytest.raises(InvalidError) as refused:
        filled_in(ramp_form({**typed(y2015="20"), "do": "line"}))
    assert [one.code for one in refused.value.problems] == ["nothing-between"]


def test_the_drawing_says_all_of_it() -> None:
    points = [
        RampPoint(year=2015, goal_percent=20, visit_percent=12.34, people_percent=8),
        RampPoint(year=2019, goal_percent=80),
    ]
    drawn = ramp_chart(points)
    assert 'aria-label="覆盖率目标：2015年目标20%，实际12.3%；2019年目标80%。"' in drawn
    for words in ("20%", "12.3%", "80%", "2015", "2019"):
        assert f">{words}</text>" in drawn
    assert ramp_chart([RampPoint(year=2015, goal_percent=20)])
