"""Whether a server enforces TLS, by its replies to one startup message in plaintext and over TLS.

One refusal in plaintext proves nothing: PostgreSQL returns the same SQLSTATE if no line of
pg_hba.conf matches the source address at all. A refusal in plaintext together with an
authentication request over TLS is the proof.
"""

from rds_tls_audit.evidence.observation import OfferOutcome
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.protocol.startup import Challenge, Reply

INVALID_AUTHORIZATION = "28000"

_INCONCLUSIVE = {
    "53300": (
        "the server has reached its connection limit, which it checks before it checks for TLS; "
        "end sessions or raise max_connections"
    ),
    "57P03": "the server is starting up or shutting down; audit it again later",
    "57P01": "the server is shutting down; audit it again later",
    "57P02": "the server is recovering from a crash; audit it again later",
    "08P01": (
        "a pooler or proxy in front of the server refuses plaintext itself; let the probe connect "
        "to the server directly"
    ),
}


def classify_enforcement(
    plaintext: Observed[Reply], over_tls: Observed[Reply]
) -> Observed[OfferOutcome]:
    """Compare the two replies.

    Args:
        plaintext: The reply to the startup message without TLS.
        over_tls: The reply to the same message over TLS.

    Returns:
        Whether plaintext is accepted; unseen if the replies prove neither.
    """
    if isinstance(plaintext, Unseen):
        return plaintext
    if isinstance(plaintext.value, Challenge):
        detail = f"{_describe(plaintext.value)} in plaintext"
        return Seen(value=OfferOutcome(accepted=True, detail=detail))
    sqlstate = plaintext.value.sqlstate
    if sqlstate != INVALID_AUTHORIZATION:
        why = _INCONCLUSIVE.get(sqlstate, "this does not show whether the server requires TLS")
        return Unseen(reason=f"the server replied to plaintext with SQLSTATE {sqlstate}: {why}")
    return _confirm_refusal(over_tls)


def _confirm_refusal(over_tls: Observed[Reply]) -> Observed[OfferOutcome]:
    refused = f"the server refused plaintext (SQLSTATE {INVALID_AUTHORIZATION})"
    if isinstance(over_tls, Unseen):
        return Unseen(reason=f"{refused}, but TLS did not confirm it: {over_tls.reason}")
    if isinstance(over_tls.value, Challenge):
        detail = f"SQLSTATE {INVALID_AUTHORIZATION}; over TLS, {_describe(over_tls.value)}"
        return Seen(value=OfferOutcome(accepted=False, detail=detail))
    if over_tls.value.sqlstate == INVALID_AUTHORIZATION:
        return Unseen(
            reason=f"{refused}, but it also refused TLS; no line of pg_hba.conf matches "
            "the probe's source address, or the line requires a client certificate"
        )
    return Unseen(
        reason=f"{refused}, but it also refused TLS (SQLSTATE {over_tls.value.sqlstate}), which "
        "may have the same cause"
    )


def _describe(challenge: Challenge) -> str:
    return f"it asked for {challenge.method}"
