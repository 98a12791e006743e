"""What reaches through every feature when persons change: work handed over, duplicates merged.

And where somebody without an account asks to become a unit's contact. That form says the same to everybody: neither
whether the unit is known nor whether it has a contact already.
"""
