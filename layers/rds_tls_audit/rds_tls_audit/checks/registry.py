"""The registry of checks: one for each module of the catalog."""

import importlib
import pkgutil
from functools import cache

from rds_tls_audit.checks import catalog
from rds_tls_audit.checks.check import Check


@cache
def all_checks() -> tuple[Check, ...]:
    """Import every module of the catalog and return its checks, sorted by position."""
    modules = [
        importlib.import_module(f"{catalog.__name__}.{module.name}")
        for module in pkgutil.iter_modules(catalog.__path__)
    ]
    found: list[Check] = [module.CHECK for module in modules]
    return tuple(sorted(found, key=lambda check: check.position))
