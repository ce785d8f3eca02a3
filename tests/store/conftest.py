"""Stores for tests: a SQLite file, and a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_ORDINARY = "nobody"
"""PostgreSQL refuses to run as root."""


def _postgresql() -> Path | None:
    """Where Debian, or the PATH, has the server's programs."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session", name="server")
def _server() -> Iterator[str]:
    """Start a server that only a socket in its own folder reaches; give its address."""
    if sys.platform == "win32" or (programs := _postgresql()) is None:
        pytest.skip("PostgreSQL's server is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    user = _ORDINARY if os.getuid() == 0 else None
    # Not below pytest's own folder, which nobody else may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    data = folder / "data"
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder)

    run("initdb", "-U", "grade", "-A", "trust", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://grade@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(name="url", params=["sqlite", "postgresql"])
def _url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store."""
    if request.param == "sqlite":
        return str(tmp_path / "class.db")
    import psycopg

    server: str = request.getfixturevalue("server")
    name = f"class_{tmp_path.name}".lower().replace("-", "_").replace("[", "_").replace("]", "_")
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name[:60]}"')
    return server.format(name[:60])
