"""Pure rules of reported figures."""
