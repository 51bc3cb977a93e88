import pytest

from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence.observation import SessionView
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples, is_partial
from tests.support.builders import session_view, tls_session
from tests.unit.readiness.history_builder import day


@pytest.mark.parametrize(
    ("view", "partial"),
    [
        pytest.param(session_view(), False, id="no-session"),
        pytest.param(session_view(tls_session()), False, id="every-session-named"),
        pytest.param(session_view(why_partial="denied"), True, id="hidden-sessions"),
        pytest.param(session_view(tls_session(), groups_cut=1), True, id="a-long-list-cut"),
        pytest.param(session_view(tls_session(role=None)), True, id="a-hidden-role"),
        pytest.param(session_view(modern_left_out=7), False, id="omitted-but-known-to-be-modern"),
    ],
)
def test_a_view_that_does_not_name_every_client_is_partial(
    view: SessionView, *, partial: bool
) -> None:
    assert is_partial(view) is partial


def test_a_day_can_be_stored() -> None:
    assert decode(encode(day(3, opened=None)), DailySamples, "a day") == day(3, opened=None)
