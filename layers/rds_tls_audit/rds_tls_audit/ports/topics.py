"""Where digests are sent."""

from collections.abc import Callable, Mapping

from rds_tls_audit.digest.summary import Summary

type Topics = Mapping[str, Callable[[Summary], None]]
"""How to send a digest to each topic, by the name of the topic."""
