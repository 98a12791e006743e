"""What is passed on: pictures and texts for chat groups, and a list for other sites."""
