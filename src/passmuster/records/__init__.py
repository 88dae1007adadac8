"""Frozen values: what the rest of passmuster speaks of. Pure; imports nothing but the standard library."""
