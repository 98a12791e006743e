"""The one place that counts; every page, API, PDF and feed that shows a figure asks it."""
