"""The gate: how much worse a change makes things, line by line, and whether it may pass."""
