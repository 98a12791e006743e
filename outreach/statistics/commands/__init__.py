"""Writes of statistics tables."""
