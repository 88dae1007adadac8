"""Model calls in OpenTelemetry spans: read, and received on loopback."""
