"""What reaches through every feature when persons change: work handed over, duplicates merged."""
