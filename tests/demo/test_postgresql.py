"""The local PostgreSQL servers start, speak TLS as told, and leave nothing behind."""

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

from emulation.pki import Authority
from emulation.postgresql import PostgresServer, ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError, usable_bin_dir
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

CLEAR_AND_TLS = ["host all all 127.0.0.1/32 trust"]
TLS_ONLY = ["hostssl all all 127.0.0.1/32 trust"]
DEADLINE_SECONDS = 300


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[PostgresServer]:
    with PostgresServer(
        hba=TLS_ONLY,
        certificate=authority.issue(["localhost", "127.0.0.1"]),
        settings={"application_name": "it's quoted"},
        setup_sql=["CREATE DATABASE orders", "CREATE ROLE app LOGIN"],
    ) as running:
        yield running


def connect(port: int, context: ssl.SSLContext | None = None) -> str:
    """Log in over TCP, and give the cipher of the session; empty in clear."""
    connection = pg8000.native.Connection(
        "app",
        host="127.0.0.1",
        port=port,
        database="orders",
        timeout=DEADLINE_SECONDS,
        ssl_context=context or False,
    )
    try:
        rows = connection.run("SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    finally:
        connection.close()
    return rows[0][0] or ""


def port_is_open(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(DEADLINE_SECONDS)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def test_setup_and_settings_are_in_place(server: PostgresServer) -> None:
    assert server.sql("SELECT datname FROM pg_database WHERE datname = 'orders'") == [("orders",)]
    assert server.sql("SHOW application_name") == [("it's quoted",)]


def test_plaintext_is_refused_where_only_hostssl_lines_are(server: PostgresServer) -> None:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        connect(server.port)
    assert refused.value.args[0]["C"] == "28000"


def test_a_strict_client_can_connect_with_tls(server: PostgresServer, authority: Authority) -> None:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    assert connect(server.port, context).startswith("TLS_")


def test_an_rsa_certificate_allows_rsa_key_exchange(
    server: PostgresServer, authority: Authority
) -> None:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-GCM-SHA384")
    assert connect(server.port, context) == "AES256-GCM-SHA384"


def test_other_hba_lines_are_in_effect_at_once(server: PostgresServer) -> None:
    server.replace_hba(CLEAR_AND_TLS)
    assert connect(server.port) == ""
    server.replace_hba(TLS_ONLY)
    with pytest.raises(pg8000.native.DatabaseError):
        connect(server.port)


def test_hba_lines_with_a_fault_are_refused_and_the_old_ones_stay(
    server: PostgresServer, authority: Authority
) -> None:
    with pytest.raises(ServerFailedError, match="invalid connection type"):
        server.replace_hba(["hostsll all all all trust"])
    assert connect(
        server.port, ssl.create_default_context(cadata=authority.certificate_pem.decode())
    )
    server.replace_hba(TLS_ONLY)


def test_a_server_without_certificate_has_tls_off() -> None:
    with PostgresServer(hba=CLEAR_AND_TLS, ipv6=True) as plain:
        assert plain.sql("SHOW ssl") == [("off",)]
        assert plain.sql("SHOW listen_addresses") == [("127.0.0.1, ::1",)]


def test_a_start_that_fails_says_what_the_server_logged() -> None:
    server = PostgresServer(hba=[], settings={"shared_buffers": "no size"})
    with pytest.raises(ServerFailedError, match="invalid value for parameter"):
        server.start()
    with pytest.raises(ServerFailedError, match="not running"):
        server.log()


def test_a_setup_that_fails_stops_the_server() -> None:
    server = PostgresServer(hba=[], setup_sql=["SELECT no_such_column"])
    with pytest.raises(pg8000.native.DatabaseError):
        server.start()
    assert not port_is_open(server.port)


def test_twelve_servers_start_together() -> None:
    servers = [PostgresServer(hba=CLEAR_AND_TLS) for _ in range(12)]
    with ThreadPoolExecutor(len(servers)) as pool:
        try:
            for started in [pool.submit(server.start) for server in servers]:
                started.result(timeout=DEADLINE_SECONDS)
            assert len({server.port for server in servers}) == len(servers)
            assert all(port_is_open(server.port) for server in servers)
        finally:
            for stopped in [pool.submit(server.stop) for server in servers]:
                stopped.result(timeout=DEADLINE_SECONDS)
    assert not any(port_is_open(server.port) for server in servers)


def test_a_server_goes_with_the_process_that_was_killed() -> None:
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
    wait_until(lambda: not (port_is_open(int(port)) or Path(data).exists()), "it is gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read what others cannot")
def test_programs_that_the_database_account_cannot_reach_are_copied(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(usable_bin_dir(None).parent, home / "pg", symlinks=True)
    home.chmod(0o700)
    with PostgresServer(hba=[], bin_dir=home / "pg" / "bin") as server:
        assert server.sql("SELECT 1") == [(1,)]


def test_a_directory_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresNotFoundError, match="holds no postgres"):
        PostgresServer(hba=[], bin_dir=tmp_path).start()
