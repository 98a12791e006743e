"""The first run: the first administrator by a code, the steps of the first year, copying from the shipped examples."""
