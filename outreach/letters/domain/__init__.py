"""Rules; no database, no HTTP."""
