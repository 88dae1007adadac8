"""Metrics of what an agent did: tools, their order, the state it left."""
