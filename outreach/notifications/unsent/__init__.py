"""What could not be sent: seen by staff, who decide whether it goes again."""
