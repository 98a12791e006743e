"""Rules of the first run."""
