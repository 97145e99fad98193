"""Alembic environment: runs as the database's owner, on the URL given by the caller or the settings."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from portal.db import driver_url


def url() -> str:
    """The owner's URL: handed over by the caller, else from the environment."""
    given = context.config.get_main_option("sqlalchemy.url")
    if given:
        return given
    from config import Settings

    return Settings.from_env().database_url


def run() -> None:
    """Apply the migrations under a lock, so that two starts at once do not both try."""
    engine = create_engine(driver_url(url()), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(727001)"))
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("select pg_advisory_unlock(727001)"))
        connection.commit()
    engine.dispose()


run()
