"""Messages: features enqueue them in their own transaction, channels deliver them."""
