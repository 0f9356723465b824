from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from clinic.rules.jurisdictions import Jurisdiction
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import FormFacts, FormState
from patients.rules.consent_text import sentences_of

FOR_ALL = Q(location__isnull=True)
OF_ONE_PLACE = Q(location__isnull=False)
DRAFT, PUBLISHED = Q(state=FormState.DRAFT), Q(state=FormState.PUBLISHED)


class ConsentFormQuerySet(models.QuerySet["ConsentForm"]):
    def visible_to(self, staff: Staff) -> ConsentFormQuerySet:
        """Forms for all, and those of one's own places."""
        return self if staff.is_superuser else self.filter(FOR_ALL | Q(location__in=staff.locations.values("pk")))

    def published(self) -> ConsentFormQuerySet:
        return self.filter(PUBLISHED)

    def family_of(self, form: ConsentForm) -> ConsentFormQuerySet:
        """All versions of one form: the same topic for the same people."""
        return self.filter(topic=form.topic, location=form.location_id, jurisdiction=form.jurisdiction)


class ConsentForm(models.Model):
    """What a patient reads on one topic, in one version. Once published, its words never change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.CharField(max_length=20, choices=[(t.value, t.label) for t in ConsentTopic])
    location = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consent_forms",
        help_text="Empty: for every location of the jurisdiction below.",
    )
    jurisdiction = models.CharField(
        max_length=8,
        choices=[(j.value, j.label) for j in Jurisdiction],
        blank=True,
        default="",
        help_text="Empty: for every jurisdiction that has no form of its own.",
    )
    version = models.PositiveIntegerField(editable=False)
    label = models.CharField("version", max_length=20, blank=True, editable=False)
    title = models.CharField(max_length=120)
    text = models.TextField(help_text="One sentence on each line, addressed to the patient. No medical promise.")
    source = models.CharField(
        max_length=120,
        blank=True,
        help_text="Keys of who says so: S0–S4 the articles, F1–F2 the FDA, V1, V2, N1 others.",
    )
    state = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in FormState], default=FormState.DRAFT, editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    objects = ConsentFormQuerySet.as_manager()

    class Meta:
        ordering = ["topic", "jurisdiction", "location", "-version"]
        constraints = [
            models.CheckConstraint(
                condition=FOR_ALL | Q(jurisdiction=""), name="a_places_own_form_names_no_jurisdiction"
            ),
            models.CheckConstraint(condition=DRAFT | Q(published_at__isnull=False), name="a_form_in_use_was_published"),
            models.CheckConstraint(condition=Q(version__gte=1), name="form_versions_begin_at_one"),
            models.UniqueConstraint(
                fields=["topic", "jurisdiction", "version"], condition=FOR_ALL, name="one_form_per_version"
            ),
            models.UniqueConstraint(
                fields=["topic", "location", "version"], condition=OF_ONE_PLACE, name="one_own_form_per_version"
            ),
            models.UniqueConstraint(
                fields=["topic", "jurisdiction"], condition=FOR_ALL & PUBLISHED, name="one_form_in_force"
            ),
            models.UniqueConstraint(
                fields=["topic", "location"], condition=OF_ONE_PLACE & PUBLISHED, name="one_own_form_in_force"
            ),
            models.UniqueConstraint(
                fields=["topic", "jurisdiction"], condition=FOR_ALL & DRAFT, name="one_form_being_written"
            ),
            models.UniqueConstraint(
                fields=["topic", "location"], condition=OF_ONE_PLACE & DRAFT, name="one_own_form_being_written"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.version_words}"

    @property
    def version_words(self) -> str:
        return self.label or f"draft of version {self.version}"

    @property
    def whom_for(self) -> str:
        """Whose patients read it."""
        if self.location is not None:
            return self.location.name
        return Jurisdiction(self.jurisdiction).label if self.jurisdiction else "Every location"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is explained, without the last sentence."""
        return sentences_of(self.text)[:-1]

    @property
    def declaration(self) -> str:
        """The last sentence: what the patient says yes to."""
        return sentences_of(self.text)[-1]

    @property
    def facts(self) -> FormFacts:
        return FormFacts(
            self.pk, ConsentTopic(self.topic), self.location_id, self.jurisdiction, self.version, self.version_words
        )
