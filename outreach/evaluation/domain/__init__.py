"""Rules of the scorecard. Pure."""
