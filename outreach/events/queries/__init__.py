"""Questions about sessions. Menu, providers and venues: ``menu.py``; what is taken: ``occupying.py``."""

from outreach.events.queries.choices import (
    FilterChoices,
    NextDate,
    TwinItem,
    filter_choices,
    host_named,
    next_by_event,
    twin_of_year,
)
from outreach.events.queries.conditions import SessionFilter, containing, visible_sql
from outreach.events.queries.lists import (
    ProgrammeCount,
    Upcoming,
    sessions_of_days,
    sessions_of_month,
    sessions_of_provider,
    sessions_page,
    state_counts,
    upcoming_sessions,
)
from outreach.events.queries.one import session_by_id, visible_session
from outreach.events.queries.rows import SESSION_FROM, SESSION_SQL, SessionRow, draft_of, session_row

__all__ = [
    "SESSION_FROM",
    "SESSION_SQL",
    "FilterChoices",
    "NextDate",
    "ProgrammeCount",
    "SessionFilter",
    "SessionRow",
    "TwinItem",
    "Upcoming",
    "containing",
    "draft_of",
    "filter_choices",
    "host_named",
    "next_by_event",
    "session_by_id",
    "session_row",
    "sessions_of_days",
    "sessions_of_month",
    "sessions_of_provider",
    "sessions_page",
    "state_counts",
    "twin_of_year",
    "upcoming_sessions",
    "visible_session",
    "visible_sql",
]
