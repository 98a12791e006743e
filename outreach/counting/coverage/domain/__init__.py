"""Pure rules of coverage."""
