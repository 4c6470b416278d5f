"""How long an example takes says nothing about the code: a busy machine fails no test of properties."""

from hypothesis import HealthCheck, settings

settings.register_profile("netview", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("netview")
