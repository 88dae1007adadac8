"""What an LLM adds: over rivals that are none, in each stratum, and what it brings with it."""
