"""The clinic's work as lists: plans, sessions, reviews, appointments, letters, protocols and stock."""

from plans.admin import appointments, plans, protocols, reminders, reviews, sessions, stock

__all__ = ["appointments", "plans", "protocols", "reminders", "reviews", "sessions", "stock"]
