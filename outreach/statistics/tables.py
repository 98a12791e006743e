"""Forms, tables that organisations fill, and their values. No logic here."""
