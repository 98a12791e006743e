"""Rules of ticking. Pure."""
