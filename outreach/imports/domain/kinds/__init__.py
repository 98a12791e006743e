"""The eight kinds of files, as data. Pure."""

from outreach.imports.domain.columns import Kind
from outreach.imports.domain.kinds.events import EVENTS
from outreach.imports.domain.kinds.persons import PERSONS
from outreach.imports.domain.kinds.resources import PROVIDERS, VENUES
from outreach.imports.domain.kinds.sessions import PAST, SESSIONS
from outreach.imports.domain.kinds.tallies import TALLIES
from outreach.imports.domain.kinds.units import UNITS

__all__ = ["KINDS", "MOST_ROWS"]

#: Of one file; a confirmation is one transaction that others wait for.
MOST_ROWS = 20_000

#: In the order in which an empty home needs them.
KINDS: dict[str, Kind] = {one.key: one for one in (UNITS, PERSONS, PROVIDERS, VENUES, EVENTS, SESSIONS, PAST, TALLIES)}
