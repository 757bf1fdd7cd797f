"""Properties are checked however slow the machine is: a busy one must not fail a test of the language."""

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")
