"""Where the shop keeps its data."""

import os


def database_url() -> str:
    """The address of the database, for SQLAlchemy; a database in memory where none was told."""
    told = os.environ.get("DATABASE_URL", "sqlite://")
    return told.replace("postgresql://", "postgresql+psycopg://", 1)
