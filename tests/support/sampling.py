"""How many examples a property is held to."""

from hypothesis import HealthCheck, settings


def examples(count: int) -> settings:
    """`count` examples in the suite; a tenth of them against a mutant."""
    return settings(
        max_examples=count * settings.default.max_examples // 100,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
