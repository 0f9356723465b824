"""A form as its manager sees it: what changed since the version before, and whom publishing would ask again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from clinic.models import Location, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Consent, ConsentForm, Patient
from patients.models.consent_facts import published_forms
from patients.queries.consents import sources_of
from patients.rules.consent import ConsentTopic, needed_for_treatment
from patients.rules.consent_forms import FormState, form_that_applies
from patients.rules.consent_library import ConsentSource
from patients.rules.consent_text import LineChange, compare_texts

# Named by string: a plan stands right of a patient.
OPEN_PLANS, DONE, EXOSOME = ("draft", "active", "paused"), "done", "exosome"


@dataclass(frozen=True, slots=True)
class FormStory:
    form: ConsentForm
    before: ConsentForm | None
    changes: tuple[LineChange, ...]
    versions: tuple[ConsentForm, ...]
    sources: tuple[ConsentSource, ...]

    @property
    def is_draft(self) -> bool:
        return self.form.state == FormState.DRAFT

    @property
    def draft(self) -> ConsentForm | None:
        """The next version, when somebody is writing it."""
        return next((form for form in self.versions if form.state == FormState.DRAFT), None)

    @property
    def has_changed(self) -> bool:
        return any(change.kind != "same" for change in self.changes)


def form_story(by: Staff, form_id: UUID, *, against: UUID | None = None) -> FormStory:
    """Return one form beside the version before it, or beside another version of the same form. Two queries."""
    if not by.can(Deed.CHANGE_CLINIC):
        raise Forbidden(Deed.CHANGE_CLINIC)
    form = ConsentForm.objects.visible_to(by).select_related("location").get(pk=form_id)
    versions = tuple(ConsentForm.objects.family_of(form).select_related("location").order_by("-version"))
    earlier = [other for other in versions if other.version < form.version]
    before = next((other for other in earlier if other.pk == against), earlier[0] if earlier else None)
    changes = compare_texts(before.text, form.text) if before else ()
    return FormStory(form, before, changes, versions, sources_of(form.source))


def patients_to_ask_again(form: ConsentForm) -> QuerySet[Patient]:
    """Return who has agreed to the topic and could not begin their first session once `form` is in force.

    They have an open plan before its first session that needs the topic, and read this form at their place.
    """
    topic = ConsentTopic(form.topic)
    if topic not in needed_for_treatment((EXOSOME,)):
        return Patient.objects.none()
    plans = apps.get_model("plans", "Plan")._default_manager.filter(patient=OuterRef("pk"), state__in=OPEN_PLANS)
    begun = apps.get_model("plans", "Session")._default_manager.filter(plan=OuterRef("pk"), state=DONE)
    waiting = plans.filter(~Exists(begun))
    if topic not in needed_for_treatment(()):
        waiting = waiting.filter(protocol__components__modality=EXOSOME)
    agreed = Consent.objects.in_force().filter(patient=OuterRef("pk"), topic=topic)
    return Patient.objects.filter(Exists(waiting), Exists(agreed), home_location__in=_places_of(form))


def _places_of(form: ConsentForm) -> list[UUID]:
    """The places where this form would be the one that applies."""
    facts, topic = form.facts, ConsentTopic(form.topic)
    others = [other for other in published_forms() if other.family != facts.family]
    return [
        pk
        for pk, jurisdiction in Location.objects.values_list("pk", "jurisdiction")
        if form_that_applies([*others, facts], topic, location=pk, jurisdiction=jurisdiction) == facts
    ]
