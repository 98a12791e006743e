"""评价: what the host and the units that were there say of a session, whether it was ordered or not."""
