"""Candidates behind OpenAI-compatible endpoints, by the surface that they are asked on."""
