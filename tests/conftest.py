"""What holds for every test: no examples that are timed, and no file of the user's who runs them."""

import os
import tempfile

from hypothesis import HealthCheck, settings

# How long an example takes says nothing about the code: a busy machine fails no test of properties.
settings.register_profile("netview", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("netview")

_homes = tempfile.TemporaryDirectory(prefix="netview-tests-")
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = _homes.name
