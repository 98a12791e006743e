"""Stock, its movements, rounds and applications. No logic here."""

from piccolo.columns import UUID, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Session
from outreach.programmes.tables import Programme, Target
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class MaterialItem(Table, tablename="materials_item"):
    """What is kept in stock: a handbook, a set of books. ``stock`` is the sum of its movements."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)  # whose stock it is
    name = Varchar(length=200, **MUST)
    unit = Varchar(length=10, help_text="本, 套", **MUST)
    note = Varchar(length=200, null=False, default="")
    stock = Integer(help_text="there now, promised ones among them", null=False, default=0)
    reserved = Integer(help_text="granted to units and not handed out yet", null=False, default=0)
    form_key = UUID(help_text="of the form it was typed in: sent twice it is one item", unique=True, **MAY)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    materials_item_stock_not_negative = Check("stock >= 0")
    materials_item_reserved_within_stock = Check("reserved BETWEEN 0 AND stock")


class MaterialRound(Table, tablename="materials_round"):
    """One round of applications for one item, of one programme: 申报 → 汇总 → 确定 → 发放."""

    id = UUID(primary_key=True, default=new_id)
    item = refers_to(MaterialItem)
    programme = refers_to(Programme)  # whose promise it serves; its year closes the figures
    target = refers_to(Target, null=True)  # hand-outs become its tallies; null: none
    title = Varchar(length=200, **MUST)
    quantity = Integer(help_text="how many the round gives at most", **MUST)
    apply_until = Date(help_text="last day to apply", **MUST)
    hazard_percent = Integer(help_text="weight of a unit with an occupational hazard; 100: like others", **MUST)
    note = Text(help_text="for the units: what for, for whom", null=False, default="")
    state = Varchar(length=10, help_text="RoundState", null=False, default="applying")
    available = Integer(help_text="what the last proposal shared; null: none yet", **MAY)
    cancelled_reason = Varchar(length=400, null=False, default="")
    form_key = UUID(help_text="of the form it was typed in: sent twice it is one round", unique=True, **MAY)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    confirmed_at = Timestamptz(**MAY)
    ended_at = Timestamptz(**MAY)
    revision = Integer(null=False, default=1)

    materials_round_quantity_range = Check("quantity BETWEEN 1 AND 10000000")
    materials_round_hazard_percent_range = Check("hazard_percent BETWEEN 100 AND 1000")
    materials_round_state_known = Check("state IN ('applying', 'gathered', 'confirmed', 'handed_out', 'cancelled')")


class MaterialApplication(Table, tablename="materials_application"):
    """What one unit asked for in a round, was granted and got. One per unit and round (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    round = refers_to(MaterialRound)
    organisation = refers_to(Organisation)
    wanted = Integer(**MUST)
    members = Integer(help_text="people, as the unit said or as collected", **MUST)
    hazard = Boolean(help_text="its members work with an occupational hazard 职业危害", null=False, default=False)
    note = Varchar(length=200, null=False, default="")
    state = Varchar(length=11, help_text="ApplicationState", null=False, default="submitted")
    earlier = Integer(help_text="got in earlier rounds, as the proposal counted it", **MAY)
    proposed = Integer(help_text="by the rule; null: not reckoned yet", **MAY)
    granted = Integer(help_text="what the unit gets; null: not decided", **MAY)
    reason = Varchar(length=200, help_text="why it is not what the rule says", null=False, default="")
    handed = Integer(help_text="handed out so far, corrections included", null=False, default=0)
    applied_by = UUID(**MAY)
    applied_at = Timestamptz(**MUST)
    received_by = UUID(**MAY)
    received_at = Timestamptz(**MAY)
    revision = Integer(null=False, default=1)

    materials_application_wanted_range = Check("wanted BETWEEN 1 AND 10000000")
    materials_application_members_range = Check("members BETWEEN 0 AND 10000000")
    materials_application_granted_within = Check("granted BETWEEN 0 AND wanted")
    materials_application_proposed_within = Check("proposed BETWEEN 0 AND wanted")
    materials_application_handed_within = Check("handed >= 0 AND handed <= coalesce(granted, 0)")
    materials_application_reason_for_other = Check("granted IS NULL OR granted = proposed OR reason <> ''")
    materials_application_state_known = Check(
        "state IN ('submitted', 'withdrawn', 'granted', 'declined', 'handed_out', 'received', 'uncollected')"
    )


class MaterialMovement(Table, tablename="materials_movement"):
    """One change of a stock. Never changed itself: what was wrong is corrected by a movement of its own."""

    id = UUID(primary_key=True, default=new_id)
    item = refers_to(MaterialItem)
    kind = Varchar(length=10, help_text="receipt 入库, handout 发放, loss 损耗, correction 更正", **MUST)
    change = Integer(help_text="of the stock, in the item's unit", **MUST)
    on = Date(index=True, **MUST)
    programme = refers_to(Programme, null=True)  # of a hand-out
    application = refers_to(MaterialApplication, null=True)  # of a hand-out of a round
    receiver = Varchar(length=200, null=False, default="")
    session = refers_to(Session, null=True)  # where it was handed out
    tally_id = UUID(help_text="the entry that a hand-out made; it may have been taken back since", **MAY)
    corrects = UUID(help_text="the movement that a correction is about", index=True, **MAY)
    note = Varchar(length=200, help_text="where from, why lost, why corrected", null=False, default="")
    form_key = UUID(help_text="of the form it was typed in: sent twice it has no second effect", **MAY)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)

    materials_movement_kind_and_change = Check(
        "(kind = 'receipt' AND change > 0) OR (kind IN ('handout', 'loss') AND change < 0)"
        " OR (kind = 'correction' AND change <> 0 AND corrects IS NOT NULL AND note <> '')"
    )
    materials_movement_handout_has_programme = Check("kind <> 'handout' OR programme IS NOT NULL")


class MaterialScan(Table, tablename="materials_scan"):
    """A scan of a signed list (发放签收表); its bytes lie under ``OUTREACH_HOME/files``. Stands once (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    round = refers_to(MaterialRound)
    digest = Varchar(length=64, help_text="sha256 of the stored bytes", **MUST)
    media_type = Varchar(length=40, **MUST)
    size_bytes = Integer(**MUST)
    name = Varchar(length=100, help_text="as uploaded", null=False, default="")
    note = Varchar(length=200, null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    removed_at = Timestamptz(**MAY)
    removed_by = UUID(**MAY)
    removed_reason = Varchar(length=400, null=False, default="")


class MaterialFollowUp(Table, tablename="materials_follow_up"):
    """A session that works with what a round gave: 集中学习, 操作训练, 技能竞赛. Once per round (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    round = refers_to(MaterialRound)
    session = refers_to(Session)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
