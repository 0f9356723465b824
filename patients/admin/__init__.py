"""People and what was found about them, as work lists."""

from patients.admin import clinical, consent_forms, people

__all__ = ["clinical", "consent_forms", "people"]
