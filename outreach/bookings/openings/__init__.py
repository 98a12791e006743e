"""开放预约: openings in waves, and the limits of what one unit may take."""
