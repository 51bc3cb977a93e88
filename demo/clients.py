"""Applications that hold a session with a demo server, each with its own TLS settings."""

import ssl
import warnings

import pg8000.native

from demo.databases import Client, ClientTls

PASSWORD = "the-password-of-a-client"  # noqa: S105 - of servers that live for a minute, on loopback
_TIMEOUT_SECONDS = 120


def connect(client: Client, port: int) -> pg8000.native.Connection:
    """Open the client's session with the server on this port of 127.0.0.1.

    Raises:
        pg8000.native.DatabaseError: the server refuses the connection; the error contains the
            server's message.

    """
    return pg8000.native.Connection(
        client.role,
        password=PASSWORD,
        host="127.0.0.1",
        port=port,
        database="postgres",
        application_name=client.application,
        ssl_context=_ssl_context(client.tls),
        timeout=_TIMEOUT_SECONDS,
    )


def _ssl_context(tls: ClientTls) -> ssl.SSLContext | bool:
    if tls is ClientTls.NONE:
        return False
    # Like most drivers by default: the session is encrypted, but no certificate is verified.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if tls is ClientTls.LEGACY:
        # RSA key exchange needs no signature: many servers can no longer sign for TLS 1.1.
        context.set_ciphers("AES128-SHA:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # outdated on purpose
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context
