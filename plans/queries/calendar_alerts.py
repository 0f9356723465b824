"""What somebody has to know of an appointment before it begins, in a word or two: the same answers as `readiness`, read
for a thousand of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery

from clinic.rules.local_time import local_day
from patients.models import Assessment, Consent, MailboxState
from patients.models.consent_facts import published_forms
from patients.models.facts import why_not_treat
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import MISSING, Agreed, FormFacts
from patients.rules.consent_forms import consent_faults as judge
from patients.rules.contraindications import may_override
from patients.rules.suitability import Verdict
from plans.models import Photo, Plan, Review, Session
from plans.models.appointment import LIVE
from plans.queries.calendar_rows import Row
from plans.queries.readiness import Standing
from plans.rules.course import Modality
from plans.rules.states import AppointmentPurpose, PlanState, ReviewState, SessionState
from plans.rules.wording import list_words, modality_words

COUNTED = (SessionState.PLANNED, SessionState.DONE)
# Nothing in these holds a treatment up, unless a contraindication was ticked besides.
HARMLESS = (Verdict.SUITABLE, Verdict.POSSIBLY, Verdict.NOT_ASSESSED)


class Alert(NamedTuple):
    """`kind` is a class: "alarm" what is grave, "wait" what somebody should ask or look at, "calm" a thing to know."""

    kind: str
    words: str


GRAVEST = ALARM, WAIT, CALM = "alarm", "wait", "calm"


class PlanFacts(NamedTuple):
    state: str
    modalities: Mapping[str, Modality]
    total: int
    has_begun: bool
    is_bare: bool


@dataclass(slots=True)
class AlertBook:
    """Everything about the patients of some rows, read in five queries at most; asks nothing any more."""

    plans: Mapping[UUID, PlanFacts]
    agreed: Mapping[UUID, frozenset[Agreed]]
    published: tuple[FormFacts, ...]
    assessments: Mapping[UUID, Assessment]
    _judged: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict)
    _found: dict[UUID, tuple[tuple[Alert, ...], Standing | None]] = field(default_factory=dict)

    @classmethod
    def read(cls, rows: Sequence[Row]) -> AlertBook:
        plans = read_plans({row.plan for row in rows if row.plan})
        live = {row.patient for row in rows if row.state in LIVE}
        if not live:
            return cls(plans, {}, (), {})
        return cls(plans, _agreed(live), published_forms(), _doubtful(live))

    def what(self, row: Row) -> str:
        """ "Session 3 of 4 · exosome and PRP"."""
        if row.plan is None:
            return row.review or AppointmentPurpose(row.purpose).label
        given = [modality_words(one) for one in self.given(row)]
        return f"Session {row.number} of {self.plans[row.plan].total} · {list_words(given)}"

    def given(self, row: Row) -> tuple[Modality, ...]:
        if row.plan is None:
            return ()
        known = self.plans[row.plan].modalities
        return tuple(dict.fromkeys(known[key] for key, _ in row.parts))

    def alerts(self, row: Row, zone: ZoneInfo) -> tuple[tuple[Alert, ...], Standing | None]:
        """What to know, gravest first, and how it stands: None once it is over."""
        if row.pk not in self._found:
            self._found[row.pk] = self._look_at(row, zone)
        return self._found[row.pk]

    def _look_at(self, row: Row, zone: ZoneInfo) -> tuple[tuple[Alert, ...], Standing | None]:
        found = [Alert(ALARM, row.alert)] if row.alert else []
        if row.state not in LIVE:
            return tuple(found), None
        whys = list(self._whys(row, zone))
        found += [Alert(ALARM if standing is Standing.NOT_READY else WAIT, words) for words, standing in whys]
        if row.purpose == AppointmentPurpose.REVIEW and not row.has_photos:
            found.append(Alert(CALM, "Photos due"))
        if not row.email or row.mailbox == MailboxState.DEAD:
            found.append(Alert(CALM, "No e-mail"))
        standings = {standing for _, standing in whys}
        grave = (Standing.NOT_READY, Standing.CHECK)
        worst = next((one for one in grave if one in standings), Standing.READY)
        return tuple(sorted(found, key=lambda one: GRAVEST.index(one.kind))), worst

    def _whys(self, row: Row, zone: ZoneInfo) -> Iterator[tuple[str, Standing]]:
        topics = {one.topic for one in self.agreed.get(row.patient, ())}
        if row.purpose == AppointmentPurpose.REVIEW and ConsentTopic.PHOTO_RECORD not in topics:
            yield "Photo consent missing", Standing.NOT_READY
        if row.plan is None or row.session is None:
            return
        plan = self.plans[row.plan]
        if plan.state != PlanState.ACTIVE:
            yield f"Plan {PlanState(plan.state).label.lower()}", Standing.NOT_READY
            return
        given = tuple(one.value for one in self.given(row))
        codes = self._consent_codes(row, given, first=not plan.has_begun)
        if codes:
            yield "Consent missing" if MISSING in codes else "Consent outdated", Standing.NOT_READY
        day = local_day(row.starts, zone)
        if (assessment := self.assessments.get(row.patient)) and (
            refusal := why_not_treat(assessment, given, day=day, override_reason="")
        ):
            yield "Clinician to look first", Standing.CHECK if may_override(refusal.code) else Standing.NOT_READY
        if plan.is_bare:
            yield "Baseline photos missing", Standing.NOT_READY
        if row.earliest and day < row.earliest:
            yield "Too early: before its window", Standing.CHECK
        if row.latest and day > row.latest:
            yield "Late: after its window", Standing.CHECK
        if row.is_unticked:
            yield "Checklist open", Standing.CHECK

    def _consent_codes(self, row: Row, given: tuple[str, ...], *, first: bool) -> tuple[str, ...]:
        """Most have agreed to the same: each case is judged once."""
        agreed = self.agreed.get(row.patient, frozenset())
        key = (agreed, given, row.home, row.jurisdiction, first)
        if key not in self._judged:
            faults = judge(
                agreed, self.published, given, location=row.home, jurisdiction=row.jurisdiction, first_session=first
            )
            self._judged[key] = tuple(fault.code for fault in faults)
        return self._judged[key]


def read_plans(plans: Collection[UUID]) -> dict[UUID, PlanFacts]:
    """What a calendar says of each plan: what is given, out of how many, whether it has begun without photos. One
    query, or none."""
    if not plans:
        return {}
    sessions = Session.objects.filter(plan=OuterRef("pk")).order_by()
    total = sessions.filter(state__in=COUNTED).values("plan").annotate(n=Count("pk")).values("n")
    photos = Photo.objects.filter(review=OuterRef("pk"), superseded_at__isnull=True)
    bare = Review.objects.filter(~Exists(photos), plan=OuterRef("pk"), months=0, state=ReviewState.PROMISED)
    rows = Plan.objects.filter(pk__in=plans).annotate(
        components=F("course_json__components"),
        total=Subquery(total, output_field=IntegerField()),
        has_begun=Exists(sessions.filter(state=SessionState.DONE)),
        has_bare=Exists(bare),
    )
    found = rows.order_by().values_list("pk", "state", "components", "total", "has_begun", "has_bare")
    return {
        pk: PlanFacts(
            state, {one["key"]: Modality(one["modality"]) for one in parts}, total or 0, begun, bare and not begun
        )
        for pk, state, parts, total, begun, bare in found
    }


def _agreed(patients: Collection[UUID]) -> dict[UUID, frozenset[Agreed]]:
    """The consents in force, as `ConsentBook` has them."""
    rows = Consent.objects.in_force().filter(patient__in=patients).order_by()
    fields = ("topic", "location_id", "jurisdiction", "version", "label")
    found: dict[UUID, set[Agreed]] = {}
    forms: dict[UUID, FormFacts] = {}
    # The same few consents again and again: made once each.
    made: dict[tuple[object, ...], Agreed] = {}
    columns = ("patient_id", "topic", "form_version", "form_id", *(f"form__{name}" for name in fields))
    for patient, topic, words, form, *rest in rows.values_list(*columns):
        key = (topic, words, form)
        if key not in made:
            if form:
                about, *place = rest
                forms.setdefault(form, FormFacts(form, ConsentTopic(about), *place))
            made[key] = Agreed(ConsentTopic(topic), words, forms.get(form))
        found.setdefault(patient, set()).add(made[key])
    return {patient: frozenset(those) for patient, those in found.items()}


def _doubtful(patients: Collection[UUID]) -> dict[UUID, Assessment]:
    """Everybody's newest assessment, where something in it may hold a treatment up. Two queries, mostly one."""
    newer = Assessment.objects.filter(patient=OuterRef("patient")).order_by("-made_at", "-id").values("pk")[:1]
    rows = Assessment.objects.filter(~Q(verdict__in=HARMLESS) | ~Q(contraindications=[]), patient__in=patients)
    newest = rows.filter(pk=Subquery(newer)).select_related("patient").prefetch_related("findings")
    return {row.patient_id: row for row in newest}
