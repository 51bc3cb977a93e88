"""Connect to one database server: its replies before login, and the login itself."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from rds_tls_audit.adapters.postgres.limits import DEADLINE_EXCEEDED, Limits
from rds_tls_audit.adapters.postgres.session import Pg8000Session, SessionError
from rds_tls_audit.adapters.postgres.sockets import (
    Address,
    BoundedTlsSocket,
    connect,
    receive,
    resolve,
    send,
)
from rds_tls_audit.adapters.postgres.tls import TlsContexts, classify_verification_error
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.handshake import Handshake, TlsStartup
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.protocol import client_hello, startup
from rds_tls_audit.protocol.client_hello import NotTlsError, Offer, OfferReply
from rds_tls_audit.protocol.startup import NotPostgresError, Reply
from rds_tls_audit.text import escape


class TlsNotOfferedError(OSError):
    """The server did not accept the request for TLS."""


class WireServer:
    """Implements `Server` of `ports.database_server` with sockets."""

    def __init__(self, *, dial: Endpoint, host: str, contexts: TlsContexts, limits: Limits) -> None:
        """Prepare connections to `dial`, with certificates verified for `host`; send nothing."""
        self.host = host
        self.limits = limits
        self.connections = 0
        """How many connections were tried, established or not."""
        self.reached = False
        """Whether any connection was established."""
        self._dial = dial
        self._contexts = contexts
        self._addresses: tuple[Address, ...] = ()
        self._verified: BoundedTlsSocket | None = None

    def send_startup_plaintext(self, message: bytes) -> Observed[Reply]:
        """Send a startup message without TLS."""
        return _observe(lambda: self._send_startup_plaintext(message))

    def send_startup_over_tls(self, message: bytes | None) -> Observed[TlsStartup]:
        """Complete a TLS handshake without verification; send a startup message if one is given."""
        return _observe(lambda: self._send_startup_over_tls(message))

    def offer_hello(self, offer: Offer) -> Observed[OfferReply]:
        """Send a ClientHello that offers this and nothing else."""
        return _observe(lambda: self._offer_hello(offer))

    def verify_handshake(self) -> Observed[Handshake]:
        """Verify the server's certificate; a connection that may log in stays open for `log_in`."""
        return _observe(self._verify_handshake)

    def log_in(self, credentials: Credentials, databases: Sequence[str]) -> Observed[Pg8000Session]:
        """Log in over verified TLS, to the first of these databases that accepts the login."""
        reason = (
            "there is no database to log in to, because the probe never uses a template database; "
            "name another one in the tag rds-tls-audit:database"
        )
        for database in databases:
            try:
                tls = self._verified or self._handshake(self._contexts.verified)
                self._verified = None
                return Seen(value=Pg8000Session(tls, credentials, database))
            except OSError as error:
                return Unseen(reason=_describe(error))
            except SessionError as error:
                reason = str(error)
                if not error.try_another_database:
                    break
        return Unseen(reason=reason)

    def close(self) -> None:
        """Close the connection that `verify_handshake` left open."""
        if self._verified is not None:
            self._verified.close()
            self._verified = None

    def _send_startup_plaintext(self, message: bytes) -> Reply:
        with self._open_connection() as plain:
            send(plain, message, self.limits)
            return _read_first_reply(lambda size: receive(plain, size, self.limits))

    def _send_startup_over_tls(self, message: bytes | None) -> TlsStartup:
        with closing(self._handshake(self._contexts.unverified)) as tls:
            certificate = tls.getpeercert(binary_form=True)
            if message is None:
                reply: Observed[Reply] = Unseen(reason="no startup message was sent")
                return TlsStartup(reply=reply, certificate=certificate, tls=tls.negotiated())

            def ask() -> Reply:
                tls.sendall(message)
                return _read_first_reply(tls.receive)

            return TlsStartup(reply=_observe(ask), certificate=certificate, tls=tls.negotiated())

    def _offer_hello(self, offer: Offer) -> OfferReply:
        hello = client_hello.build_client_hello(offer, self.host, os.urandom(32))
        with self._open_connection() as plain:
            self._request_tls(plain)
            send(plain, hello, self.limits)
            header = receive(plain, client_hello.RECORD_HEADER_BYTES, self.limits)
            record = receive(plain, client_hello.read_record_length(header), self.limits)
            return client_hello.parse_server_reply(offer, header, record)

    def _verify_handshake(self) -> Handshake:
        try:
            self._verified = self._handshake(self._contexts.verified)
        except ssl.SSLCertVerificationError as error:
            return Handshake(trust=classify_verification_error(error), detail=error.verify_message)
        except ssl.SSLError as error:
            return self._verify_any_protocol(_describe(error))
        return _to_handshake(self._verified, may_log_in=True)

    def _verify_any_protocol(self, why_not_log_in: str) -> Handshake:
        try:
            with closing(self._handshake(self._contexts.verified_any_protocol)) as tls:
                return _to_handshake(tls, detail=why_not_log_in)
        except ssl.SSLCertVerificationError as error:
            return Handshake(trust=classify_verification_error(error), detail=error.verify_message)

    def _handshake(self, context: ssl.SSLContext) -> BoundedTlsSocket:
        plain = self._connect()
        try:
            self._request_tls(plain)
            tls = context.wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
        except BaseException:
            plain.close()
            raise
        # Only a TLS socket may ever carry a password.
        if not isinstance(tls, BoundedTlsSocket):
            tls.close()
            raise TypeError("the TLS context creates sockets of another class")
        try:
            tls.handshake(self.limits)
        except BaseException:
            tls.close()
            raise
        return tls

    def _request_tls(self, plain: socket.socket) -> None:
        send(plain, startup.SSL_REQUEST, self.limits)
        # Read one byte only: any further byte before the handshake would be unprotected.
        reply = receive(plain, 1, self.limits)
        if reply == startup.TLS_NOT_OFFERED:
            raise TlsNotOfferedError("the server does not offer TLS")
        if reply != startup.TLS_OFFERED:
            raise TlsNotOfferedError(
                "the server did not reply to the request for TLS; check what is listening on this "
                "port"
            )

    def _connect(self) -> socket.socket:
        if not self._addresses:
            self._addresses = resolve(self._dial, self.limits)
        self.connections += 1
        plain = connect(self._dial, self._addresses, self.limits)
        self.reached = True
        return plain

    @contextmanager
    def _open_connection(self) -> Iterator[socket.socket]:
        with closing(self._connect()) as plain:
            yield plain


def _to_handshake(
    tls: BoundedTlsSocket, *, detail: str = "", may_log_in: bool = False
) -> Handshake:
    return Handshake(
        trust=Trust.VERIFIED,
        detail=detail,
        certificate=tls.getpeercert(binary_form=True),
        root=tls.get_verified_chain()[-1],
        tls=tls.negotiated(),
        may_log_in=may_log_in,
    )


def _read_first_reply(read: Callable[[int], bytes]) -> Reply:
    header = read(startup.HEADER_BYTES)
    if not header:
        raise ConnectionResetError("the server closed it without a reply")
    length = startup.read_body_length(header)
    body = read(length)
    if len(body) < length:
        raise ConnectionResetError("the server closed it within its reply")
    return startup.parse_reply(header, body)


def _observe[T](ask: Callable[[], T]) -> Observed[T]:
    try:
        return Seen(value=ask())
    except (OSError, NotPostgresError, NotTlsError) as error:
        return Unseen(reason=_describe(error))


def _describe(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return escape(f"TLS failed: {error.reason or error}")
    if isinstance(error, TimeoutError):
        return DEADLINE_EXCEEDED
    if isinstance(error, ConnectionError):
        return escape(f"the connection was lost: {error.strerror or error}")
    return escape(str(error))
