from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.rules.identity import fold_name


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "", "Not stated"


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    ARABIC = "ar", "العربية"


class MailboxState(models.TextChoices):
    GOOD = "good", "Reachable"
    DEAD = "dead", "Phone this patient"


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, staff: Staff) -> PatientQuerySet:
        return self if staff.is_superuser else self.filter(home_location__staff=staff)

    def matching(self, words: str) -> PatientQuerySet:
        """Part of a name, an e-mail address or the digits of a phone number."""
        found = self
        for word in words.split():
            folded = fold_name(word)
            digits = "".join(c for c in word if c.isdigit())
            either = Q(email__icontains=word)
            if folded:
                either |= Q(folded_name__contains=folded)
            if len(digits) >= 4:
                either |= Q(phone__contains=digits)
            found = found.filter(either)
        return found


class Patient(models.Model):
    """A person, how to reach them, and what they want to be sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100, blank=True)
    folded_name = models.CharField(max_length=220, editable=False, db_index=True)
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, blank=True, default=Sex.UNKNOWN)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    home_location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="patients")
    alert = models.CharField(
        max_length=200,
        blank=True,
        help_text="Seen on every page and every appointment: an allergy, a hearing aid, a needle fear.",
    )
    wants_appointment_mail = models.BooleanField("mails about appointments", default=True)
    wants_care_mail = models.BooleanField("mails about care before and after", default=True)
    wants_review_mail = models.BooleanField("invitations to reviews", default=True)
    mailbox = models.CharField(max_length=8, choices=MailboxState.choices, default=MailboxState.GOOD, editable=False)
    link_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised to revoke all links sent so far."
    )
    registered_at = models.DateTimeField(editable=False)

    history = HistoricalRecords()
    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["folded_name", "id"]
        indexes = [
            models.Index(fields=["home_location", "folded_name"], name="patients_of_a_location"),
            models.Index(fields=["email"], name="patients_by_email"),
            models.Index(fields=["birth_date", "folded_name"], name="patients_same_person"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def age_on(self, day: date) -> int | None:
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded_name = fold_name(f"{self.first_name} {self.last_name}")
        super().save(*args, **kwargs)
