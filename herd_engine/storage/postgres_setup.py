"""A database and its user on a PostgreSQL server, made by whoever may."""

import re
import secrets

import sqlalchemy as sa

from herd_engine.errors import ConflictError, ParameterError
from herd_engine.storage.database import open_database

NAME = re.compile("[a-z][a-z0-9_]{0,62}")


def create_postgres(admin_url: str, name: str) -> str:
    """Make a user and a database of the same name; return the address for that user, password and all.

    Parameters
    ----------
    admin_url : str
        Address of the server for somebody who may make both.
    name : str

    Raises
    ------
    ParameterError
        It is no plain name, or the address is none of PostgreSQL.
    ConflictError
        There is such a user, or such a database.
    StorageError
        The server does not answer, or refuses.
    """
    if not NAME.fullmatch(name):
        raise ParameterError("name", name, "be small letters, digits and _, a letter first")
    with open_database(admin_url) as server:
        if server.is_sqlite:
            raise ParameterError("server", server.place, "be the address of a PostgreSQL server")
        with server.reading() as connection:
            for table, column in (("pg_roles", "rolname"), ("pg_database", "datname")):
                query = sa.select(sa.literal(1)).select_from(sa.table(table)).where(sa.column(column) == name)
                if connection.execute(query).first() is not None:
                    message = f"There is a {name} on {server.place} already ({table})."
                    raise ConflictError(message, "postgres_taken", name)
        password = secrets.token_urlsafe(24)  # letters, digits, - and _: nothing that ends a literal
        alone = server.engine.execution_options(isolation_level="AUTOCOMMIT")
        with alone.connect() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            # Whoever makes it must be of the role to give it away; superusers are of every one.
            connection.exec_driver_sql(f"GRANT {name} TO CURRENT_USER")
            connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER {name}")
            connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        url = server.engine.url.set(username=name, password=password, database=name, drivername="postgresql")
    return url.render_as_string(hide_password=False)
