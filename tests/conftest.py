"""The same for every test: an environment of its own, and no hurry."""

from hypothesis import HealthCheck, settings

from tests.support.environment import isolate

isolate()

# How long an example takes says something of the machine alone.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
