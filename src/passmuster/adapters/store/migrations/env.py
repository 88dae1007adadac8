"""What Alembic runs to apply the migrations, on the connection that `migrate` hands over."""

from alembic import context

from passmuster.adapters.store.schema import metadata

# Alembic sets `config` while it runs this file; anyone else (a test collector) only imports it.
if hasattr(context, "config"):
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,  # SQLite can; Alembic assumes that it cannot
    )
    with context.begin_transaction():
        context.run_migrations()
