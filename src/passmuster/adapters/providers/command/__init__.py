"""Candidates that are programs: kept alive, or one process per request."""
