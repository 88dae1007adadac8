"""Alembic migrations, numbered; `schema` is what they lead to."""
