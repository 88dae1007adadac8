"""Candidates behind Anthropic's Messages API."""
