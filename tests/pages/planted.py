"""One clinic with one whole story in it, every private word of which can be told apart: what leaks is seen.

PERSON are words about who she is; CLINICAL are words only a clinician may read. None of them occurs anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import AuditLine, Closure, SpecialHours, Staff
from clinic.models.ids import new_id
from patients.links import UNSUBSCRIBE, make_link_token
from patients.models import ConsentForm, Patient
from patients.operations.consent_forms import FormWords, draft_consent_form, publish_consent_form
from patients.rules.consent import ConsentTopic
from plans.models import (
    Appointment,
    Lot,
    Offer,
    PairRating,
    Photo,
    Plan,
    Postroom,
    Protocol,
    Reminder,
    Replanning,
    Review,
    Session,
    ViewSet,
)
from plans.operations.booking import book_appointment, cancel_appointment
from plans.operations.feeds import make_feed
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.plans import activate_plan
from plans.operations.protocol_versions import draft_next_version
from plans.operations.requests import ask_to_move, report_problem
from plans.operations.uploads import begin_upload, receive_part
from plans.operations.uploads_develop import develop_upload
from plans.operations.uploads_wish import Wish
from plans.operations.waiting import want_earlier
from plans.rules.care_change import rule_to_json
from plans.rules.changes import Skip
from plans.rules.course import CareBy, CarePhase
from plans.rules.states import AppointmentPurpose, ReminderState
from plans.rules.wishes import Wishes
from tests.cast import Cast, change_plan, open_clinic, picture

BORN = date(1987, 2, 14)
PERSON = (
    "Zenobia", "Quillfeather", "zq-canary@example.org", "+6598765401", "canary-alert-needles",
    "14 Feb 1987", "1987-02-14", "14/02/1987",
)  # fmt: skip
CLINICAL = tuple(
    f"canary-{place}"
    for place in (
        "medicines", "allergies", "blood", "scalp", "assessment-notes", "override", "remarks", "happened", "lot",
        "lot-note", "product", "parting", "lighting", "review-notes", "review-says", "review-reason", "views-reason",
        "device", "skipped", "early", "report",
    )
)  # fmt: skip
NOBODY = UUID("0190a5d0-0000-7000-8000-000000000000")
ROLES = ("anonymous", "disabled", "desk", "clinician", "manager", "elsewhere")


@dataclass
class World:
    """The objects a page can be about, by the word the table uses for them, and a browser for every column."""

    cast: Cast
    patient: Patient
    about: dict[str, object]
    tokens: dict[str, str]
    browsers: dict[str, Client] = field(default_factory=dict)

    def key_of(self, word: str) -> object:
        return getattr(self.about[word], "pk", self.about[word])

    def log_in(self, role: str) -> None:
        """A disabled person's session began while they were still let in."""
        self.browsers[role] = Client(raise_request_exception=False)
        if role != "anonymous":
            self.browsers[role].force_login(self.person(role))

    def person(self, role: str) -> Staff:
        people = {"desk": self.cast.desk, "clinician": self.cast.doctor, "manager": self.cast.manager}
        return {**people, "elsewhere": self.cast.outsider, "disabled": self.about["disabled"]}[role]


def plant() -> World:
    """Build the story through the operations; afterwards add the words that no operation of this story wrote."""
    cast = open_clinic(keys=("exosome-prp-same-day",))
    for person in (cast.desk, cast.doctor, cast.manager, cast.outsider):
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    cast.serum = _lot(cast)
    patient = cast.patient(
        "Zenobia", last_name="Quillfeather", email=PERSON[2], phone=PERSON[3], birth_date=BORN, alert=PERSON[4]
    )
    assessment = cast.assess(
        patient, medicines="canary-medicines", allergies="canary-allergies", blood_tests="canary-blood",
        scalp_health="canary-scalp", notes="canary-assessment-notes",
    )  # fmt: skip
    consents = cast.sign(patient)
    plan = _activated(cast, cast.draft(patient, assessment, starts_on=cast.today))
    photo = _photographed(cast, plan.reviews.get(months=0))
    first, second, third, *_, last = plan.sessions.order_by("number")
    _held(cast, first)
    _noted(plan.reviews.get(months=3))
    coming = cast.book(second, cast.at(second.target, 14))
    change_plan(last.plan, Skip(str(last.pk)), reason="canary-skipped", by=cast.doctor, now=cast.now)
    letter = _failed_letter(coming)
    draft = cast.draft(patient, assessment)
    started = cast.book_review(plan.reviews.get(months=6), coming.starts - timedelta(hours=3))
    cast.now = coming.starts - timedelta(hours=1)  # she is expected within the hour, and was missed at the one before
    about = {
        "patient": patient, "assessment": assessment, "consent": consents[0], "plan": plan, "draft": draft,
        "session": second, "unbooked": third, "done": first, "appointment": coming, "started": started,
        "review": plan.reviews.get(months=3),
        "photo": photo, "letter": letter, "treatment": first.treatments.exclude(lot=None).get(), "lot": cast.serum,
        "product": cast.serum.product, "protocol": plan.protocol, "nextprotocol": _next(cast, plan), "viewset": ViewSet.objects.first(),
        "consentform": _own_form(cast, ConsentTopic.TREATMENT), "ownform": _own_form(cast, ConsentTopic.OFF_LABEL, True),
        "location": cast.here, "practitioner": cast.practitioners[0], "room": cast.rooms[0], "staff": cast.doctor,
        "auditline": AuditLine.objects.filter(patient_id=patient.pk).first(),
        "disabled": _disabled(cast), "item": second.checklist.filter(phase=CarePhase.PRE, by=CareBy.PATIENT).first(),
    }  # fmt: skip
    about |= {"closure": _closure(cast), "special": _special(cast), "week": f"practitioner-{cast.practitioners[0].pk}"}
    about["rating"] = _rating(cast, photo)
    about |= _waiting(cast, coming)
    about |= _asked(cast, coming)
    about |= _uploaded(cast, about["review"])
    world = World(cast, patient, about, _tokens(patient, cast.now))
    for role in ROLES:
        world.log_in(role)
    made = make_feed(thing_id=cast.practitioners[0].pk, shows_names=False, by=cast.manager, now=cast.now)
    about["feed"], about["feedsecret"] = made.feed, made.secret
    # Nothing ticks beside these tests, and the watchdog says so.
    Postroom.objects.create(last_tick_at=cast.now - timedelta(days=1))
    about["coming"] = Reminder.objects.filter(patient=patient, state=ReminderState.PLANNED).first()
    about["care_rule"] = "no-dye"
    about["care_change"] = _care_change(cast, plan)
    about["table"] = _table(world.browsers["desk"], cast)
    return world


def _closure(cast: Cast) -> Closure:
    """Leave, long after this story."""
    starts = cast.at(cast.today + timedelta(days=300))
    return Closure.objects.create(
        location=cast.here, practitioner=cast.practitioners[0], kind="leave", starts=starts,
        ends=starts + timedelta(days=2), made_by=cast.desk, made_at=cast.now,
    )  # fmt: skip


def _special(cast: Cast) -> SpecialHours:
    day = cast.today + timedelta(days=310)
    return SpecialHours.objects.create(location=cast.here, day=day, opens=time(10), closes=time(12))


def _own_form(cast: Cast, topic: ConsentTopic, is_published: bool = False) -> ConsentForm:
    """A form of this place alone: written, or in force."""
    words = FormWords("Our own form", "We explain.\nI agree.")
    by = {"by": cast.manager, "now": cast.now}
    form = draft_consent_form(topic=topic, location_id=cast.here.pk, jurisdiction="", words=words, **by)
    return publish_consent_form(form_id=form.pk, **by) if is_published else form


def _next(cast: Cast, plan: Plan) -> Protocol:
    """The protocol's next version, being written."""
    return draft_next_version(protocol_id=plan.protocol_id, by=cast.manager, now=cast.now)


def _care_change(cast: Cast, plan: Plan) -> Replanning:
    """A changed care rule that left this patient's plan alone: its page would name her."""
    rule = plan.course.rule("no-dye")
    return Replanning.objects.create(
        rule_key="no-dye", rule_json=rule_to_json(rule), reason="So asked", asked_by=cast.manager, asked_at=cast.now,
        total=1, looked_at=1, state="done", finished_at=cast.now,
        trouble=[{"plan": str(plan.pk), "code": "adapted", "why": "Left alone."}],
    )  # fmt: skip


def _lot(cast: Cast) -> Lot:
    cast.serum.product.name = "canary-product"
    cast.serum.product.save()
    cast.serum.number, cast.serum.note = "canary-lot", "canary-lot-note"
    cast.serum.save()
    return cast.serum


def _activated(cast: Cast, plan: Plan) -> Plan:
    return activate_plan(plan_id=plan.pk, override_reason="canary-override", by=cast.doctor, now=cast.now)


def _photographed(cast: Cast, review: Review) -> Photo:
    return add_photo(
        review_id=review.pk, view_id=review.view_set.views.first().pk, upload=b"", developed=picture(),
        conditions=PhotoConditions(parting="canary-parting", lighting="canary-lighting", taken_at=cast.now),
        by=cast.doctor, now=cast.now,
    )  # fmt: skip


def _uploaded(cast: Cast, review: Review) -> dict[str, object]:
    """A picture that waits for its view at a review still open, and a view it may be placed at."""
    whose = {"by": cast.doctor, "now": cast.now}
    row = begin_upload(review_id=review.pk, size=9, fingerprint="planted-file", wish=Wish(), **whose)
    receive_part(upload_id=row.pk, offset=0, part=b"nine byte", **whose)
    another = replace(picture(), source_sha256="f" * 64, taken_at=datetime(2026, 1, 2))
    upload = develop_upload(upload_id=row.pk, now=cast.now, develop=lambda _: another)
    return {"upload": upload, "uploadview": review.view_set.views.first()}


def _held(cast: Cast, session: Session) -> None:
    given = [replace(one, what_happened="canary-happened") for one in cast.given(session)]
    cast.hold(
        session, cast.at(session.target, 12), treatments=given, remarks="canary-remarks", override_reason="canary-early"
    )


def _noted(review: Review) -> None:
    """A review still to be decided, with everything a clinician may have written on it."""
    review.notes, review.patient_says = "canary-review-notes", "canary-review-says"
    review.decision_reason, review.missing_views_reason = "canary-review-reason", "canary-views-reason"
    review.side_effects = "canary-side-effects"
    review.save()
    review.measurements.create(
        measure="density", area="vertex", value=Decimal("118.5"), method="trichoscopy", device="canary-device"
    )


def _failed_letter(appointment: Appointment) -> Reminder:
    """One letter that waits for a human, with the bytes it was to be sent in."""
    letter = Reminder.objects.filter(patient=appointment.patient).order_by("due_at").first()
    letter.state, letter.recipient, letter.subject = ReminderState.FAILED, PERSON[2], "Your appointment"
    letter.mime = f"To: {PERSON[2]}\r\nSubject: Your appointment\r\n\r\nHello Zenobia".encode()
    letter.message_id = "<letter@example.org>"
    letter.save()
    return letter


def _table(browser: Client, cast: Cast) -> UUID:
    """A table the front desk has sent and not brought in yet."""
    file = SimpleUploadedFile("people.csv", b"First name,Last name,Birth date\nZenobia,Quillfeather,1987-02-14\n")
    answer = browser.post(reverse("patients:import"), {"file": file, "location": str(cast.here.pk)})
    return UUID(answer.headers["Location"].rstrip("/").rpartition("/")[2])


def _disabled(cast: Cast) -> Staff:
    gone = Staff.objects.create(
        username="gone", is_staff=True, is_active=False, is_front_desk=True, is_clinician=True, is_manager=True
    )
    gone.locations.set([cast.here])
    return gone


def _rating(cast: Cast, photo: Photo) -> PairRating:
    """A pair laid out for the clinician; the same photo twice, of which nothing is asked here."""
    return PairRating.objects.create(
        review=photo.review, view=photo.view, before=photo, after=photo, rater=cast.doctor, is_later_left=True,
        shown_at=cast.now,
    )  # fmt: skip


def _waiting(cast: Cast, coming: Appointment) -> dict[str, object]:
    """She would come earlier, and was offered a time that she gave up herself."""
    when, by = coming.starts + timedelta(days=5), {"by": cast.desk, "now": cast.now}
    who = {"patient_id": coming.patient_id, "purpose": AppointmentPurpose.CONSULTATION, "minutes": 30, **cast.place()}
    freed = cancel_appointment(
        appointment_id=book_appointment(starts=when, **who, **by).pk, reason="travels", tell=False, **by
    )
    entry = want_earlier(appointment_id=coming.pk, wishes=Wishes(), **by)
    offer = Offer.objects.create(
        entry=entry, freed=freed, practitioner=freed.practitioner, starts=freed.starts, ends=freed.ends,
        made_at=cast.now, useful_until=freed.starts,
    )  # fmt: skip
    return {"waiting": entry, "freed": freed, "offer": offer}


def _asked(cast: Cast, coming: Appointment) -> dict[str, object]:
    """She reported a problem, and another one without words; and she asked for another time."""
    who = {"patient_id": coming.patient_id, "now": cast.now}
    report_problem(signs=("discharge",), text="canary-report", token=new_id(), **who)
    own = report_problem(signs=("itching",), text="", token=new_id(), **who)
    wish = ask_to_move(appointment_id=coming.pk, wishes="Mondays", text="", token=new_id(), **who)
    return {"ownproblem": own, "wish": wish}


def _tokens(patient: Patient, now: datetime) -> dict[str, str]:
    return {
        "page": make_link_token(patient, now=now),
        "unsubscribe": make_link_token(patient, purpose=UNSUBSCRIBE, extra="care", now=now),
    }
