"""Candidates that LiteLLM reaches (extra `litellm`)."""
