"""Requests of people without an account to become a unit's contact: a public form, and the inbox of staff.

The form says the same to everybody: neither whether the unit is known nor whether it has a contact already.
"""
