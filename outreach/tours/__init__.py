"""Tours: a troupe's days from unit to unit, put in order by the way, made into sessions in one go."""
