"""Requests of people without an account to become a unit's contact: the inbox of staff, and what they decide.

The public form is that of ``outreach.persons``.
"""
