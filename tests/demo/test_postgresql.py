"""The PostgreSQL servers start, use TLS as configured, and leave nothing behind."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pg8000.native
import pytest

from emulation.pki import RootAuthority
from emulation.postgresql import PostgresServer, ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError, usable_bin_dir
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

PLAINTEXT_AND_TLS = ["host all all 127.0.0.1/32 trust"]
TLS_ONLY = ["hostssl all all 127.0.0.1/32 trust"]
TIMEOUT_SECONDS = 300


@pytest.fixture(scope="module")
def server(authority: RootAuthority) -> Iterator[PostgresServer]:
    with PostgresServer(
        hba=TLS_ONLY,
        certificate=authority.issue(["localhost", "127.0.0.1"]),
        settings={"application_name": "it's quoted"},
        setup_sql=["CREATE DATABASE orders", "CREATE ROLE app LOGIN"],
    ) as running:
        yield running


def connect(port: int, context: ssl.SSLContext | None = None) -> str:
    """Log in over TCP, and return the session's cipher suite; empty without TLS."""
    connection = pg8000.native.Connection(
        "app",
        host="127.0.0.1",
        port=port,
        database="orders",
        timeout=TIMEOUT_SECONDS,
        ssl_context=context or False,
    )
    try:
        rows = connection.run("SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    finally:
        connection.close()
    return rows[0][0] or ""


def port_is_open(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(TIMEOUT_SECONDS)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def test_a_started_server_has_its_settings_and_the_effects_of_its_setup(
    server: PostgresServer,
) -> None:
    assert server.sql("SELECT datname FROM pg_database WHERE datname = 'orders'") == [("orders",)]
    assert server.sql("SHOW application_name") == [("it's quoted",)]


def test_plaintext_is_refused_if_all_hba_lines_are_hostssl(server: PostgresServer) -> None:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        connect(server.port)
    assert refused.value.args[0]["C"] == "28000"


def test_a_strict_client_can_connect_with_tls(
    server: PostgresServer, authority: RootAuthority
) -> None:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    assert connect(server.port, context).startswith("TLS_")


def test_an_rsa_certificate_allows_rsa_key_exchange(
    server: PostgresServer, authority: RootAuthority
) -> None:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-GCM-SHA384")
    assert connect(server.port, context) == "AES256-GCM-SHA384"


def test_replaced_hba_lines_take_effect_immediately(server: PostgresServer) -> None:
    server.replace_hba(PLAINTEXT_AND_TLS)
    assert connect(server.port) == ""
    server.replace_hba(TLS_ONLY)
    with pytest.raises(pg8000.native.DatabaseError):
        connect(server.port)


def test_invalid_hba_lines_are_refused_and_the_old_lines_stay_in_effect(
    server: PostgresServer, authority: RootAuthority
) -> None:
    with pytest.raises(ServerFailedError, match="invalid connection type"):
        server.replace_hba(["hostsll all all all trust"])
    assert connect(
        server.port, ssl.create_default_context(cadata=authority.certificate_pem.decode())
    )
    server.replace_hba(TLS_ONLY)


def test_a_server_without_certificate_has_tls_off() -> None:
    with PostgresServer(hba=PLAINTEXT_AND_TLS, ipv6=True) as plain:
        assert plain.sql("SHOW ssl") == [("off",)]
        assert plain.sql("SHOW listen_addresses") == [("127.0.0.1, ::1",)]


def test_the_error_of_a_failed_start_contains_the_server_log() -> None:
    server = PostgresServer(hba=[], settings={"shared_buffers": "no size"})
    with pytest.raises(ServerFailedError, match="invalid value for parameter"):
        server.start()
    with pytest.raises(ServerFailedError, match="not running"):
        server.log()


def test_failing_setup_sql_stops_the_server() -> None:
    server = PostgresServer(hba=[], setup_sql=["SELECT no_such_column"])
    with pytest.raises(pg8000.native.DatabaseError):
        server.start()
    assert not port_is_open(server.port)


def test_twelve_servers_start_together() -> None:
    servers = [PostgresServer(hba=PLAINTEXT_AND_TLS) for _ in range(12)]
    with ThreadPoolExecutor(len(servers)) as pool:
        try:
            for started in [pool.submit(server.start) for server in servers]:
                started.result(timeout=TIMEOUT_SECONDS)
            assert len({server.port for server in servers}) == len(servers)
            assert all(port_is_open(server.port) for server in servers)
        finally:
            for stopped in [pool.submit(server.stop) for server in servers]:
                stopped.result(timeout=TIMEOUT_SECONDS)
    assert not any(port_is_open(server.port) for server in servers)


def test_a_server_and_its_files_are_removed_when_its_process_is_killed() -> None:
    script = (
        "from emulation.postgresql import PostgresServer\n"
        "server = PostgresServer(hba=[])\n"
        "server.start()\n"
        "print(server.port, server.sql('SHOW data_directory')[0][0], flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        port, data = process.stdout.readline().split()
        assert port_is_open(int(port))
        process.send_signal(signal.SIGKILL)
    wait_until(
        lambda: not (port_is_open(int(port)) or Path(data).exists()),
        "the server and its files are removed",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another database account")
def test_programs_that_the_database_account_cannot_reach_are_copied(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(usable_bin_dir(None).parent, home / "pg", symlinks=True)
    home.chmod(0o700)
    with PostgresServer(hba=[], bin_dir=home / "pg" / "bin") as server:
        assert server.sql("SELECT 1") == [(1,)]


def test_a_directory_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresNotFoundError, match=str(tmp_path)):
        PostgresServer(hba=[], bin_dir=tmp_path).start()
