"""How hard random input looks for faults; HYPOTHESIS_PROFILE=quick is for one's own desk, mutants for mutmut."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "ci", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=100)
settings.register_profile(
    "mutants",
    settings.get_profile("ci"),
    max_examples=25,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
