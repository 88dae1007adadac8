"""The endpoint of `passmuster simulate`: OpenAI-compatible, on loopback, with known answers and times."""
