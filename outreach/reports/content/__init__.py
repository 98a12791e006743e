"""What a report says, put together from its figures; how it looks is for the templates."""
