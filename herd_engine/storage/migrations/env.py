"""How Alembic runs the migrations: within the transaction that ``upgrade`` has begun."""

from alembic import context

from herd_engine.storage import operation_tables  # noqa: F401 - its tables are of the same metadata
from herd_engine.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # true of SQLite as well, once the driver begins no transactions by itself
)
with context.begin_transaction():
    context.run_migrations()
