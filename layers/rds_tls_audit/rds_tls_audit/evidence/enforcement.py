"""Whether a server enforces TLS: the same StartupMessage in clear and inside TLS, laid together.

One refusal in clear proves nothing: PostgreSQL gives the same SQLSTATE where the source address
matches no line of pg_hba.conf at all. Refused in clear and challenged inside TLS does.
"""

from rds_tls_audit.evidence.observation import OfferOutcome
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.protocol.startup import Challenge, Reply

INVALID_AUTHORIZATION = "28000"

_SAYS_NOTHING = {
    "53300": "the server's connection limit is reached, which it checks before TLS",
    "57P03": "the server is starting up or shutting down",
    "57P01": "the server is shutting down",
    "57P02": "the server is recovering from a crash",
    "08P01": "something in front of the server (a pooler or proxy) refuses plaintext itself",
}


def classify_enforcement(
    clear: Observed[Reply], inside_tls: Observed[Reply]
) -> Observed[OfferOutcome]:
    """Pair the two replies; anything that does not prove either is unseen."""
    if isinstance(clear, Unseen):
        return clear
    if isinstance(clear.value, Challenge):
        return Seen(value=OfferOutcome(accepted=True, detail=f"{clear.value.method} in clear"))
    sqlstate = clear.value.sqlstate
    if sqlstate != INVALID_AUTHORIZATION:
        why = _SAYS_NOTHING.get(sqlstate, "which proves nothing")
        return Unseen(reason=f"plaintext is answered with SQLSTATE {sqlstate}: {why}")
    refused = f"plaintext is refused (SQLSTATE {sqlstate})"
    if isinstance(inside_tls, Unseen):
        return Unseen(reason=f"{refused}, but not confirmed inside TLS: {inside_tls.reason}")
    if isinstance(inside_tls.value, Challenge):
        detail = f"SQLSTATE {sqlstate} in clear, {inside_tls.value.method} inside TLS"
        return Seen(value=OfferOutcome(accepted=False, detail=detail))
    if inside_tls.value.sqlstate == INVALID_AUTHORIZATION:
        why = "pg_hba.conf has no line for our source address, or asks for a client certificate"
        return Unseen(reason=f"{refused}, and so is the same inside TLS: {why}")
    return Unseen(reason=f"{refused}, and inside TLS SQLSTATE {inside_tls.value.sqlstate}")
