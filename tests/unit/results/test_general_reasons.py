"""Every reason for missing evidence, without what belongs to one database.

The reasons come from the functions that produce them, so that a reworded reason fails here if the
patterns of `generalize` no longer fit. Only reasons that need a server or AWS are quoted.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest
from botocore.exceptions import ClientError

from docs.verify_on_aws import UNREACHED
from rds_tls_audit.adapters.api_errors import describe_error
from rds_tls_audit.adapters.credentials import AwsCredentialSource
from rds_tls_audit.adapters.postgres import queries
from rds_tls_audit.adapters.postgres.limits import (
    DEADLINE_EXCEEDED,
    ByteLimitExceededError,
    Limits,
)
from rds_tls_audit.adapters.postgres.session_rows import parse_session_view
from rds_tls_audit.adapters.postgres.sockets import ConnectError, connect, resolve
from rds_tls_audit.checks.catalog import (
    force_ssl,
    force_ssl_in_effect,
    minimum_protocol,
    sessions_encrypted,
    sessions_modern_tls,
)
from rds_tls_audit.checks.verdict import Verdict
from rds_tls_audit.evidence.certificate import UnreadableCertificateError, read_certificate
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.enforcement import classify_enforcement
from rds_tls_audit.evidence.handshake import Handshake
from rds_tls_audit.evidence.login_failure import explain_login_failure
from rds_tls_audit.evidence.observation import Observation, Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.configuration import GroupKey, GroupUsers
from rds_tls_audit.fleet.database import (
    LIMITLESS_UNSUPPORTED,
    TAG_SECRET,
    TAG_SKIP,
    TAG_WIRE,
    Database,
    Endpoint,
)
from rds_tls_audit.pipeline.messages import NOT_PROBED, UnprobedBatch
from rds_tls_audit.protocol import client_hello, startup
from rds_tls_audit.protocol.client_hello import NotTlsError
from rds_tls_audit.protocol.startup import NotPostgresError, Refusal, Reply
from rds_tls_audit.results.gaps import BATCH_FAILED, generalize
from rds_tls_audit.stages.probe import NOT_REACHED
from rds_tls_audit.stages.steps.probe_database import ProbePorts, probe_database
from tests.support.builders import (
    ABSENT,
    NOW,
    cluster,
    database,
    parameter_group,
    seen,
    session_view,
    setting,
    settings,
    target,
    tls_session,
)
from tests.support.empty_evidence import empty_evidence
from tests.support.unreachable_server import NoCredentials, UnreachableServer

type ReasonOf = Callable[[str, int], str]
"""Returns the reason for a database that has this name and number in it."""

DENIED = describe_error(ClientError({"Error": {"Code": "AccessDenied"}}, "GetSecretValue"))
SQLSTATES = ("28P01", "28000", "3D000", "42501", "55000", "53300", "57P03", "57P01", "XX000")


def reason_of(observed: Observed[object]) -> str:
    assert isinstance(observed, Unseen)
    return observed.reason


def missing_from(verdict: Verdict) -> str:
    assert verdict.missing is not None
    return verdict.missing


def message_of(error: type[Exception], call: Callable[[], object]) -> str:
    with pytest.raises(error) as raised:
        call()
    return str(raised.value)


def endpoint(name: str, number: int) -> Endpoint:
    return Endpoint(address=f"{name}.example.com", port=5000 + number)


def refused_connection(name: str, number: int) -> str:
    with socket.socket() as not_listening:
        not_listening.bind(("127.0.0.1", 0))
        address = (socket.AF_INET, not_listening.getsockname())
        return message_of(
            ConnectError, lambda: connect(endpoint(name, number), [address], Limits(60))
        )


def unreachable_address(name: str, number: int) -> str:
    broadcast = (socket.AF_INET, ("255.255.255.255", 5432))
    return message_of(
        ConnectError, lambda: connect(endpoint(name, number), [broadcast], Limits(60))
    )


def unresolved_name(name: str, number: int) -> str:
    # Two dots in a row are refused before DNS is asked.
    malformed = Endpoint(address=f"{name}..example.com", port=number)
    return message_of(ConnectError, lambda: resolve(malformed, Limits(60)))


@dataclass(frozen=True, slots=True)
class MisnamedServer(UnreachableServer):
    """Serves a certificate for another host name."""

    reached: bool = True

    def verify_handshake(self) -> Observed[Handshake]:
        """Complete the handshake without verifying the certificate."""
        detail = f"Hostname mismatch, certificate is not valid for '{self.host}'."
        return Seen(value=Handshake(trust=Trust.NAME_MISMATCH, detail=detail))


def observe(of: Database, host: str = "orders.example.com", **environment: str) -> Observation:
    ports = ProbePorts(
        server=lambda _: MisnamedServer(lambda: None, host),
        credentials=NoCredentials(),
        time_left=lambda: 60,
    )
    return probe_database(target(of), settings(**environment), ports)


def refused_login(sqlstate: str, source: str, *, after_login: bool = False) -> ReasonOf:
    def reason(name: str, number: int) -> str:
        credentials = Credentials(
            role=f"role_{name}",
            password="secret",  # noqa: S106 - an example
            source=f"the secret rds/{name}",
            iam_resource=None
            if source == "secret"
            else f"arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-{name}/rds_tls_audit",
        )
        why = explain_login_failure(sqlstate, credentials, after_login=after_login)
        return in_session(f"{why} (SQLSTATE {sqlstate}: no {{}} (at {{}}:5))")(name, number)

    return reason


def in_session(why: str) -> ReasonOf:
    """Return a reason of a session, as `adapters.postgres.session` words it."""
    return lambda name, _: f"role role_{name} in database my {name}: {why.replace('{}', name)}"


def hidden_sessions(name: str, number: int) -> str:
    del name
    view = parse_session_view([{"kind": queries.HIDDEN, "total": number}], sees_others=True)
    return view.why_partial or ""


def omitted_session_groups(name: str, number: int) -> str:
    del name
    view = session_view(tls_session(), groups_cut=number)
    return missing_from(sessions_modern_tls.evaluate(empty_evidence(sessions=seen(view))))


def unknown_cipher_suite(name: str, number: int) -> str:
    view = session_view(tls_session(tls_version="TLSv9", cipher=name, role=name, count=number))
    return missing_from(sessions_modern_tls.evaluate(empty_evidence(sessions=seen(view))))


def group_value(value: str, *, of_cluster: bool = False) -> ReasonOf:
    def reason(name: str, number: int) -> str:
        group = seen(parameter_group(value, name=name, of_cluster=of_cluster))
        users = GroupUsers(names=(f"{name}-2", f"{name}-3"), more=number)
        evidence = replace(empty_evidence(group=group), group_users=users)
        return missing_from(force_ssl.evaluate(evidence))

    return reason


def unusable_group_value(name: str, number: int) -> str:
    del number
    evidence = empty_evidence(group=seen(parameter_group("2", name=name)))
    return missing_from(force_ssl_in_effect.evaluate(evidence))


def invalid_length(name: str, number: int) -> str:
    del name
    header = b"R" + (900_000 + number).to_bytes(4)
    return message_of(NotPostgresError, lambda: startup.read_body_length(header))


OF_ONE_DATABASE: dict[str, tuple[ReasonOf, str]] = {
    "timed-out": (
        lambda name, number: f"connecting to {endpoint(name, number)} timed out; allow it",
        "connecting to its endpoint timed out; allow it",
    ),
    "timed-out-at-an-ipv6-address": (
        lambda _, number: f"connecting to [2001:db8::{number}]:{5000 + number} timed out; allow it",
        "connecting to its endpoint timed out; allow it",
    ),
    "refused": (refused_connection, "its endpoint refused the connection; check"),
    "unreachable": (unreachable_address, "its endpoint cannot be reached ("),
    "unresolved": (unresolved_name, "the name of its endpoint cannot be resolved; turn on"),
    "other-name": (
        lambda name, _: reason_of(observe(database(), f"{name}.example.com").login),
        "certificate is not valid for the endpoint's name",
    ),
    "other-name-of-an-unread-certificate": (
        lambda name, _: reason_of(observe(database(), f"{name}.example.com").certificate),
        "certificate is not valid for the endpoint's name",
    ),
    **{
        f"login-{source}-{sqlstate}": (refused_login(sqlstate, source), f"(SQLSTATE {sqlstate})")
        for source in ("secret", "token")
        for sqlstate in SQLSTATES
    },
    "login-trigger": (refused_login("P0001", "token", after_login=True), "(SQLSTATE P0001)"),
    "iam-resource": (refused_login("28000", "token"), ":dbuser:*/rds_tls_audit"),
    "secret-of-a-wrong-password": (refused_login("28P01", "secret"), "(the secret that its tag"),
    "scram": (in_session("SCRAM failed (server nonce {})"), "SCRAM failed"),
    "session-deadline": (in_session(DEADLINE_EXCEEDED), DEADLINE_EXCEEDED),
    "session-lost": (in_session("the connection was lost (reset)"), "the connection was lost ("),
    "secret-denied": (
        lambda name, _: f"the secret rds/{name} cannot be read: {DENIED}",
        f"the secret that its tag names cannot be read: {DENIED}",
    ),
    "secret-malformed": (
        lambda name, _: f"the secret arn:aws:{name}:b is not JSON with username and password",
        "the secret that its tag names is not JSON",
    ),
    "group-denied": (
        lambda name, _: f"{GroupKey(name=name, of_cluster=False)} could not be read: {DENIED}",
        f"its parameter group could not be read: {DENIED}",
    ),
    "cluster-group-denied": (
        lambda name, _: f"{GroupKey(name=name, of_cluster=True)} could not be read: {DENIED}",
        f"its parameter group could not be read: {DENIED}",
    ),
    "group-without-a-value": (group_value(ABSENT), "rds.force_ssl for its parameter group"),
    "cluster-group-without-a-value": (
        group_value(ABSENT, of_cluster=True),
        "rds.force_ssl for its parameter group",
    ),
    "group-with-another-value": (group_value("2"), "is 2 in its parameter group, but"),
    "group-with-an-unusable-value": (
        unusable_group_value,
        "rds.force_ssl for its parameter group",
    ),
    "hidden-sessions": (hidden_sessions, "hides sessions from"),
    "omitted-session-groups": (omitted_session_groups, "session groups did not fit"),
    "unknown-cipher-suite": (unknown_cipher_suite, "TLS version or cipher suite"),
    "invalid-length": (invalid_length, "has an invalid length"),
}


@pytest.mark.parametrize(("reason", "kept"), OF_ONE_DATABASE.values(), ids=OF_ONE_DATABASE)
def test_a_reason_is_the_same_for_two_databases_without_what_belongs_to_one(
    reason: ReasonOf, kept: str
) -> None:
    first, second = reason("alpha", 1), reason("beta", 22)

    assert first != second
    assert generalize(first) == generalize(second)
    assert kept in generalize(first)
    assert "alpha" not in generalize(first)
    assert generalize(generalize(first)) == generalize(first)


@pytest.mark.parametrize("case", ["timed-out", "unreachable", "unresolved"])
def test_the_verification_script_recognizes_a_failure_to_connect(case: str) -> None:
    reason, _ = OF_ONE_DATABASE[case]

    assert any(words in reason("alpha", 1) for words in UNREACHED)


def not_connectable() -> list[str]:
    paused = database(instance_class="db.serverless", cluster=cluster(min_capacity=0))
    reasons = [
        of.reason_not_connectable()
        for of in (
            paused,
            database(tags={TAG_SKIP: ""}),
            database(status="stopped"),
            database(endpoint=None),
        )
    ]
    return [reason for reason in reasons if reason]


def enforcement() -> list[str]:
    refused: Observed[Reply] = Seen(value=Refusal(sqlstate="28000"))
    inconclusive: list[Observed[Reply]] = [
        Seen(value=Refusal(sqlstate=sqlstate)) for sqlstate in (*SQLSTATES, "57P02", "08P01")
    ]
    return [
        reason_of(classify_enforcement(refused, Unseen(reason=DEADLINE_EXCEEDED))),
        *(reason_of(classify_enforcement(refused, over_tls)) for over_tls in inconclusive),
        *(reason_of(classify_enforcement(plaintext, refused)) for plaintext in inconclusive),
    ]


def replies_to_a_hello() -> list[str]:
    handshake, alert = b"\x16\x03\x01\x00\x30", b"\x15\x03\x01\x00\x02"
    headers = [b"", b"HTTP/", b"\x16\x03\x01\x00\x01"]
    records = [(handshake, bytes(48)), (handshake, b""), (alert, b"\x02\x50")]
    return [
        *(
            message_of(NotTlsError, partial(client_hello.read_record_length, header))
            for header in headers
        ),
        *(
            message_of(
                NotTlsError,
                partial(client_hello.parse_server_reply, client_hello.LEGACY, header, record),
            )
            for header, record in records
        ),
    ]


def unreadable_certificate() -> str:
    return message_of(
        UnreadableCertificateError,
        lambda: read_certificate(b"x", trust=Trust.VERIFIED, detail="", hosts=["db"], root=None),
    )


FAILED_BATCH = UnprobedBatch(
    run_id="run-1", batch=0, targets=(target(database()),), error={"Error": "States.Timeout"}
)


OF_ANY_DATABASE = (
    BATCH_FAILED,
    NOT_PROBED,
    LIMITLESS_UNSUPPORTED,
    DEADLINE_EXCEEDED,
    str(ByteLimitExceededError()),
    reason_of(NOT_REACHED.login),
    reason_of(FAILED_BATCH.unprobed_result(NOW).witnessed[0].observation.login),
    *not_connectable(),
    *enforcement(),
    *replies_to_a_hello(),
    unreadable_certificate(),
    message_of(NotPostgresError, lambda: startup.read_body_length(b"HTTP/")),
    reason_of(observe(database(), WIRE_PROBE="off").plaintext),
    reason_of(observe(database(tags={TAG_WIRE: "off"})).plaintext),
    reason_of(AwsCredentialSource("rds_tls_audit").find(database(iam_authentication=False))),
    reason_of(AwsCredentialSource("rds_tls_audit").find(database(tags={TAG_SECRET: "rds!db-1"}))),
    parse_session_view([], sees_others=False).why_partial or "",
    missing_from(sessions_encrypted.evaluate(empty_evidence(sessions=seen(session_view())))),
    missing_from(sessions_modern_tls.evaluate(empty_evidence(sessions=seen(session_view())))),
    missing_from(minimum_protocol.evaluate(empty_evidence(major_version=11))),
    missing_from(minimum_protocol.evaluate(empty_evidence(settings=seen({})))),
    missing_from(
        minimum_protocol.evaluate(
            empty_evidence(settings=seen({"ssl_min_protocol_version": setting("TLSv9")}))
        )
    ),
    "the cluster, whose parameter group decides, could not be listed",
    "a query returned malformed rows (KeyError)",
    "the probe failed with an unexpected error (KeyError at session.py:97); report it as a bug",
)


@pytest.mark.parametrize("reason", OF_ANY_DATABASE)
def test_a_reason_without_a_name_is_not_changed(reason: str) -> None:
    assert reason
    assert generalize(reason) == reason
