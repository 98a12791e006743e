"""Rules of costs. Pure."""
