"""Long reports: made beside, kept for download."""
