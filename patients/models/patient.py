from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Lower, Replace
from simple_history.models import HistoricalRecords

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.models.finding import matching
from patients.rules.identity import fold_name
from patients.rules.search import GAP, pieces_of


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
        """A condition on each row, not a join: the patients still come in the order of an index."""
        works_here = Staff.locations.through.objects.filter(staff=staff, location=OuterRef("home_location"))
        return self if staff.is_superuser else self.filter(Exists(works_here))

    def matching(self, words: str) -> PatientQuerySet:
        """Part of a name, an e-mail address or a phone number, for each of the words."""
        return matching(self, pieces_of(words))[0]

    def page_matching(self, words: str, size: int, after: Patient | None = None) -> list[Patient]:
        """Return the first `size` of them by name, or those that come after one of them."""
        rows, are_few = matching(self, pieces_of(words))
        # Few are fetched and sorted: an expression keeps the database from reading everybody in the order of names.
        named = rows.annotate(by_name=Concat("folded_name", Value("")) if are_few else F("folded_name"))
        if after:
            further = Q(by_name__gt=after.folded_name) | Q(pk__gt=after.pk)
            named = named.filter(further, by_name__gte=after.folded_name)
        return list(named.order_by("by_name", "pk")[:size])


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
    search_text = models.GeneratedField(
        expression=Concat(
            Value(GAP), Replace("folded_name", Value(" "), Value(GAP)),
            Value(f"\n{GAP}"), Lower("email"),
            Value(f"\n{GAP}"), Replace("phone", Value("+"), Value("")), output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
        help_text="What a search looks at, written by the database itself.",
    )  # fmt: skip

    history = HistoricalRecords(excluded_fields=["search_text"])
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
