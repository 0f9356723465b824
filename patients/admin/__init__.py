"""People and what was found about them, as work lists."""

from patients.admin import clinical, people

__all__ = ["clinical", "people"]
