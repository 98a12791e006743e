"""Own words: organisers change what messages say."""
