"""Databases for tests: made in tens of milliseconds, gone after the test."""

import secrets
from collections.abc import Awaitable, Callable

from deploy.local.databases import dsn_for, ensure_database, ensure_role, run_statements

Migrate = Callable[[str], Awaitable[object]]


class ScratchDatabases:
    """The databases of one test run on a server that other runs may use as well.

    Their owner is a role that may do no more than a service's, so that tests notice what a service may not do.
    """

    def __init__(self, admin_dsn: str) -> None:
        """Nothing is created yet; `open` does."""
        run = secrets.token_hex(4)
        self._admin_dsn = admin_dsn
        self._owner = f"tests_{run}"
        self._password = secrets.token_urlsafe(16)
        self._templates: dict[str, str] = {}
        self._databases: set[str] = set()

    async def open(self) -> None:
        """Create the role."""
        await ensure_role(self._admin_dsn, self._owner, self._password)

    async def close(self) -> None:
        """Drop what is left, and the role."""
        for database in [*self._databases]:
            await self._drop(database)
        await run_statements(self._admin_dsn, [("DROP ROLE %I", self._owner)])

    async def create(self) -> str:
        """A new, empty database; returns its DSN."""
        database = self._new_name()
        await ensure_database(self._admin_dsn, database, self._owner)
        return self._dsn(database)

    async def make_template(self, name: str, migrate: Migrate) -> None:
        """Migrate a database to copy from; the second call with a name does nothing.

        Args:
            name: For `clone`.
            migrate: Gets the DSN and closes every connection that it opens.

        """
        if name not in self._templates:
            dsn = await self.create()
            await migrate(dsn)
            self._templates[name] = _database_of(dsn)

    async def clone(self, name: str) -> str:
        """A copy of a template; returns its DSN."""
        database = self._new_name()
        statement = ("CREATE DATABASE %I OWNER %I TEMPLATE %I", database, self._owner, self._templates[name])
        await run_statements(self._admin_dsn, [statement])
        return self._dsn(database)

    async def drop(self, dsn: str) -> None:
        """Remove a database with whoever is still connected to it."""
        await self._drop(_database_of(dsn))

    def _new_name(self) -> str:
        database = f"{self._owner}_{secrets.token_hex(4)}"
        self._databases.add(database)
        return database

    def _dsn(self, database: str) -> str:
        return dsn_for(self._admin_dsn, database=database, user=self._owner, password=self._password)

    async def _drop(self, database: str) -> None:
        await run_statements(self._admin_dsn, [("DROP DATABASE IF EXISTS %I WITH (FORCE)", database)])
        self._databases.discard(database)


def _database_of(dsn: str) -> str:
    return dsn.partition("?")[0].rpartition("/")[2]
