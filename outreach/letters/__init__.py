"""Papers that go out to units: the menu of a season, notices of openings, confirmation letters, and their templates."""
