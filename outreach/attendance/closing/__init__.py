"""What a held session asks for before it is closed: figures, evidence, remarks; and what is overdue."""
