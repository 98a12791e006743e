"""Materials (物资): handbooks and book sets in stock, applied for, allocated by need, handed out and tallied."""
