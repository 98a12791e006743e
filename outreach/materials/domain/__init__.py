"""Rules of materials. Pure."""
