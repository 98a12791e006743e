"""Rules of programmes, targets and what they promise: pure."""
