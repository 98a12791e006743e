"""覆盖率: how many of their members organisations served, against the goal of the year."""
