"""Bookings of seats and claims of whole sessions."""
