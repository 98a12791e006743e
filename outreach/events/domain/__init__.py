"""Pure rules of sessions and of what they occupy."""
