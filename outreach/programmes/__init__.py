"""What was promised for a year: programmes, targets, tallies, holidays, and the formulas of counting."""
