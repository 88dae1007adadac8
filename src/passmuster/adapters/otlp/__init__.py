"""OTLP spans as they are written: what providers and readers of traffic share."""
