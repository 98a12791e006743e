"""What changes orders. One transaction each; all return the order as it then is."""

from outreach.bookings.orders.commands.answering import accept_by_link, accept_order, refuse_by_link, refuse_order
from outreach.bookings.orders.commands.assigning import assign_order, substitute_provider, take_back_order
from outreach.bookings.orders.commands.deciding import approve_order, decline_order, endorse_order
from outreach.bookings.orders.commands.leaving import leave_order
from outreach.bookings.orders.commands.rain import release_rain_date, use_rain_date
from outreach.bookings.orders.commands.reviewing import attach_scan, review_order
from outreach.bookings.orders.commands.submitting import change_order, submit_order
from outreach.bookings.orders.commands.withdrawing import withdraw_order

__all__ = [
    "accept_by_link",
    "accept_order",
    "approve_order",
    "assign_order",
    "attach_scan",
    "change_order",
    "decline_order",
    "endorse_order",
    "leave_order",
    "refuse_by_link",
    "refuse_order",
    "release_rain_date",
    "review_order",
    "submit_order",
    "substitute_provider",
    "take_back_order",
    "use_rain_date",
    "withdraw_order",
]
