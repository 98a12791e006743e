"""Writes of programmes: notices, programmes and targets, years, tallies."""

from outreach.programmes.commands.notices import Loaded, load_programmes, load_programmes_within
from outreach.programmes.commands.programmes import (
    change_programme,
    change_target,
    create_programme,
    create_programme_within,
    create_target,
    create_target_within,
    remove_target,
)
from outreach.programmes.commands.reading import create_programmes
from outreach.programmes.commands.storing import lock_year
from outreach.programmes.commands.tallies import add_tally, remove_tally
from outreach.programmes.commands.years import change_year, release_public_figures, set_limits

__all__ = [
    "Loaded",
    "add_tally",
    "change_programme",
    "change_target",
    "change_year",
    "create_programme",
    "create_programme_within",
    "create_programmes",
    "create_target",
    "create_target_within",
    "load_programmes",
    "load_programmes_within",
    "lock_year",
    "release_public_figures",
    "remove_tally",
    "remove_target",
    "set_limits",
]
