"""Programmes, targets, tallies, holidays. No logic here."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    DoublePrecision,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


def _names() -> Array:
    return Array(base_column=Varchar(length=60), null=False, default=list)


class ProgrammeYear(Table, tablename="programmes_year"):
    """One organisation's promise of one year: the notice, what was released, whether it is closed."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(**MUST)
    title = Varchar(length=200, **MUST)
    document = Varchar(length=60, help_text="number of the notice, e.g. 〔2015〕2号", null=False, default="")
    submissions_due = Date(**MAY)
    state = Varchar(length=10, help_text="open, closed", null=False, default="open")
    released_as_of = Date(help_text="public progress shows figures as of this day; null: none", **MAY)
    created_at = Timestamptz(**MUST)
    max_per_organisation = Integer(
        help_text="bookings, claims and orders of one unit in the year; null: no limit", **MAY
    )

    closed_at = Timestamptz(help_text="names go a while after it", **MAY)

    programmes_year_max_per_organisation_positive = Check("max_per_organisation >= 1")


class Programme(Table, tablename="programmes_programme"):
    """One promised service of one year (实事项目). Code unique within organisation and year (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(index=True, **MUST)
    position = Integer(help_text="1…, its number in the notice", **MUST)
    code = Varchar(length=40, **MUST)
    name = Varchar(length=200, **MUST)
    mark = Varchar(length=1, help_text="字标: one character shown instead of an icon", null=False, default="")
    department = Varchar(length=200, null=False, default="")
    scheduled = Boolean(help_text="has sessions", null=False, default=False)
    confidential = Boolean(help_text="no names in any report or feed", null=False, default=False)
    approval_needed = Boolean(help_text="bookings start as pending", null=False, default=False)
    audiences = _names()
    kinds = _names()
    forms = _names()
    topics = _names()
    channels = _names()
    reservable_by = _names()
    budget_yuan = BigInt(**MAY)
    zones = Integer(**MAY)
    quarter_shares = Array(
        base_column=Integer(), help_text="percent by quarter, sums to 100; empty: none", default=list
    )
    account = Text(help_text="完成情况: how it stands in words", null=False, default="")
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)
    short_name = Varchar(length=20, help_text="for tabs and headings; empty: the name itself", null=False, default="")
    max_per_organisation = Integer(help_text="bookings, claims and orders of one unit; null: no limit", **MAY)
    cancel_hours = Integer(help_text="hours before the start; later is late; null: until it starts", **MAY)
    two_step_orders = Boolean(help_text="orders are endorsed by the unit's parent first", null=False, default=False)
    offer_hours = Integer(help_text="how long a place offered from the waiting list stands", null=False, default=24)
    answer_hours = Integer(help_text="how long a provider has to answer an assignment", null=False, default=72)
    real_names = Boolean(help_text="attendees give a telephone number: 实名", null=False, default=False)
    closing_days = Integer(help_text="days after the end until a session must be closed", null=False, default=14)
    remind_days = Integer(help_text="reminder so many days before the session; 0: none", null=False, default=3)
    remind_morning = Boolean(help_text="reminder in the morning of the day before", null=False, default=True)

    programmes_programme_max_per_organisation_positive = Check("max_per_organisation >= 1")
    programmes_programme_cancel_hours_range = Check("cancel_hours BETWEEN 0 AND 2160")
    programmes_programme_offer_hours_range = Check("offer_hours BETWEEN 1 AND 720")
    programmes_programme_closing_days_range = Check("closing_days BETWEEN 1 AND 366")
    programmes_programme_remind_days_range = Check("remind_days BETWEEN 0 AND 30")
    programmes_programme_answer_hours_range = Check("answer_hours BETWEEN 1 AND 720")


class Target(Table, tablename="programmes_target"):
    """One promised figure (指标). ``key`` is the id in the programme's file, unique within the programme (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    programme = refers_to(Programme)
    key = Varchar(length=40, **MUST)
    position = Integer(**MUST)
    metric = Varchar(length=12, help_text="Metric", **MUST)
    basis = Varchar(length=8, help_text="workers: measures 其中职工; all", null=False, default="all")
    label = Varchar(length=200, null=False, default="")
    wording = Varchar(length=400, help_text="the notice's own words", null=False, default="")
    unit = Varchar(length=10, **MUST)
    bound = Varchar(length=10, help_text="Bound", **MUST)
    tolerance_percent = DoublePrecision(help_text="of about 左右", **MAY)
    value = DoublePrecision(**MUST)
    counting = Varchar(length=5, help_text="flow, level", **MUST)
    kinds = _names()
    created_at = Timestamptz(**MUST)
    ramp = JSONB(help_text="year → value of a promise over several years; empty: one year", null=False, default="{}")

    programmes_target_value_not_negative = Check("value >= 0")


class Tally(Table, tablename="programmes_tally"):
    """An entry for what no session yields (补充填报)."""

    id = UUID(primary_key=True, default=new_id)
    target = refers_to(Target)
    on = Date(index=True, **MUST)
    quantity = DoublePrecision(**MUST)
    receiver = Varchar(length=200, null=False, default="")
    session_id = UUID(help_text="the session it came from, if any; sessions lie in a later app", **MAY)
    note = Varchar(length=400, null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)


class CoverageGoal(Table, tablename="programmes_coverage_goal"):
    """覆盖率: which share of its members an organisation wants to serve in a year. One per year (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(**MUST)
    percent = DoublePrecision(help_text="of collected members", **MUST)
    wording = Varchar(length=200, help_text="of the notice, if it names the year", null=False, default="")
    changed_by = UUID(**MAY)
    changed_at = Timestamptz(**MUST)

    programmes_coverage_goal_percent_range = Check("percent > 0 AND percent <= 1000")


class OutsideService(Table, tablename="programmes_outside_service"):
    """Real-name services that another system recorded: without them coverage is 仅本系统."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)  # whose members were served
    on = Date(index=True, **MUST)
    name = Varchar(length=200, help_text="of the service", **MUST)
    visits = Integer(help_text="real-name visits 实名服务人次", **MUST)
    people = Integer(help_text="distinct among themselves; null: not known", **MAY)
    note = Varchar(length=400, null=False, default="")
    form_key = UUID(help_text="of the form it was typed in: sent twice it is one entry", unique=True, **MAY)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    removed_at = Timestamptz(**MAY)

    programmes_outside_service_visits_range = Check("visits BETWEEN 0 AND 10000000")
    programmes_outside_service_people_within = Check("people BETWEEN 0 AND visits")


class Holiday(Table, tablename="programmes_holiday"):
    """A day off, or a weekend day worked (调休上班). Seeded from ``chinesecalendar``, editable."""

    id = UUID(primary_key=True, default=new_id)
    on = Date(unique=True, **MUST)
    kind = Varchar(length=4, help_text="off, work", **MUST)
    name = Varchar(length=40, null=False, default="")


class CalendarLabel(Table, tablename="programmes_calendar_label"):
    """A festival or campaign over the calendars: an own one, or what was changed of a shipped one in one year.

    One row per shipped label and year (raw SQL).
    """

    id = UUID(primary_key=True, default=new_id)
    code = Varchar(length=40, help_text="of the shipped label; empty: an own one", null=False, default="")
    year = Integer(help_text="in which it begins, or would begin as shipped", **MUST)
    kind = Varchar(length=10, help_text="festival, campaign", **MUST)
    name = Varchar(length=40, **MUST)
    from_on = Date(**MUST)
    last_on = Date(help_text="included", **MUST)
    hidden = Boolean(help_text="a shipped one that this year does without", null=False, default=False)
    changed_at = Timestamptz(**MUST)

    programmes_calendar_label_kind_known = Check("kind IN ('festival', 'campaign')")
    programmes_calendar_label_days_in_order = Check("last_on >= from_on")
