"""What units say came of a session; the organiser confirms or corrects it, and only then it counts."""
