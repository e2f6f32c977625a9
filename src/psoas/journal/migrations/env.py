"""How Alembic reaches the database: by the connection handed to it, inside the transaction it is in.

``psoas.journal.schema`` opens that transaction, so that all migrations that are due are one step, done or not done.
"""

from alembic import context

from psoas.journal.tables import Row

# Batch mode rebuilds a table where a database cannot alter it in place, and alters it where it can.
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
