"""Generated evidence of every kind, for property tests; most of it was observed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.evidence.observation import Certificate, SessionView, Setting, Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL
from tests.support.builders import (
    ABSENT,
    MODERN_SUITE,
    NOW,
    certificate,
    days,
    gss_session,
    offer_outcome,
    parameter_group,
    plaintext_session,
    session_view,
    setting,
    tls_session,
)
from tests.support.empty_evidence import empty_evidence

REMOVED = Unseen(reason="removed")
SECOND = timedelta(seconds=1)


def observed[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[Observed[T]]:
    # Most values are seen, because the tests remove every subset of them anyway.
    is_seen = st.sampled_from((True, True, True, False))
    return st.tuples(is_seen, values).map(lambda pair: Seen(value=pair[1]) if pair[0] else REMOVED)


FORCE_SSL_VALUES = ("0", "1", "0", "1", ABSENT, None, "", "on", "2")
MIN_PROTOCOLS = (ABSENT, None, "", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLSv1.4")
DATES = (
    days(-400),
    NOW - SECOND,
    NOW,
    NOW + SECOND,
    days(15),
    days(30),
    days(30) + SECOND,
    days(300),
    days(9_000),
)
PALETTE = (
    plaintext_session(),
    plaintext_session(role=None, application=None, network=None, count=7),
    tls_session(),
    tls_session(tls_version="TLSv1.2", cipher=MODERN_SUITE, role="batch", count=40),
    tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA", role="legacy"),
    tls_session(tls_version="TLSv1.2", cipher="ECDHE-RSA-DES-CBC3-SHA", role="weak"),
    tls_session(tls_version="TLSv1.2", cipher="AES256-GCM-SHA384", role="dated"),
    tls_session(tls_version="TLSv1.2", cipher="ECDHE-RSA-AES256-SHA", role="dated"),
    tls_session(tls_version="TLSv1.2", cipher=None),
    tls_session(tls_version="TLSv9", cipher="TLS_NEW"),
    gss_session(),
)

groups = st.builds(
    parameter_group,
    st.sampled_from(FORCE_SSL_VALUES),
    st.sampled_from(MIN_PROTOCOLS),
    of_cluster=st.booleans(),
)
answers = st.booleans().map(lambda accepted: offer_outcome(accepted=accepted))
dates = st.sampled_from(DATES)
authorities = st.builds(
    CertificateAuthority, valid_till=dates, trusted=st.sampled_from([None, True, False])
)


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    return certificate(
        trust=draw(st.sampled_from(Trust)),
        not_before=draw(st.sampled_from((days(-500), days(1)))),
        not_after=draw(dates),
        authority_not_after=draw(st.none() | dates),
        names=draw(st.sampled_from(((), ("db.example.com",)))),
        strict_note=draw(st.sampled_from((None, "strict clients refuse it"))),
    )


@st.composite
def live_settings(draw: st.DrawFn) -> Mapping[str, Setting]:
    value = draw(st.sampled_from([value for value in MIN_PROTOCOLS if value is not None]))
    return {"ssl": setting("on")} | ({} if value == ABSENT else {MIN_PROTOCOL: setting(value)})


@st.composite
def views(draw: st.DrawFn) -> SessionView:
    listed = draw(st.lists(st.sampled_from(PALETTE), max_size=4, unique=True))
    left_out, cut = draw(st.sampled_from(((0, 0), (0, 0), (5, 0), (0, 3))))
    view = session_view(*listed)
    return replace(
        view,
        total=view.total + left_out + cut,
        modern_left_out=left_out,
        groups_cut=cut,
        why_partial=draw(
            st.sampled_from((None, None, "the server hides 2 sessions from the role"))
        ),
        rds_own=draw(st.sampled_from(((), (plaintext_session(role="rdsadmin"),)))),
    )


@st.composite
def database_evidence(draw: st.DrawFn) -> DatabaseEvidence:
    return empty_evidence(
        major_version=draw(st.sampled_from((0, *range(10, 19)))),
        apply_status=draw(
            st.sampled_from((None, "in-sync", "pending-reboot", "applying", "failed-to-apply"))
        ),
        certificate_warning_days=draw(st.sampled_from((0, 30))),
        group=draw(observed(groups)),
        plaintext=draw(observed(answers)),
        legacy_tls=draw(observed(answers)),
        weak_ciphers=draw(observed(answers)),
        certificate=draw(observed(certificates())),
        certificate_valid_till=draw(observed(dates)),
        authority=draw(observed(authorities)),
        settings=draw(observed(live_settings())),
        sessions=draw(observed(views())),
    )
