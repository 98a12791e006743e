"""The year-end report."""
