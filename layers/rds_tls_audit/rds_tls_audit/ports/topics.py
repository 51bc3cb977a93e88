"""The topics that digests are sent to."""

from collections.abc import Callable, Mapping

from rds_tls_audit.digest.summary import Summary

type Topics = Mapping[str, Callable[[Summary], None]]
"""The functions that send a digest, by the name of their topic."""
