"""OpenTelemetry's JSON form of spans, read once for all: what pipelines send, and what files hold."""
