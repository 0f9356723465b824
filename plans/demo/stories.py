"""The people of the demo clinic. Nobody here exists; every name is made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from patients.models import AreaFinding
from patients.rules.consent import ConsentTopic
from plans.demo.changed_stories import extended_and_adapted, kept_up_with_a_booster, paused_for_a_while
from plans.demo.day_stories import came_to_talk, did_not_come, is_late
from plans.demo.scenes import Story, held, here_today, session_of, vertex_density
from plans.demo.stage import TOPICS, Stage
from plans.demo.waiting_stories import waits_for_an_earlier_time
from plans.operations.booking import cancel_appointment, confirm_own_appointment, move_appointment
from plans.operations.offers import make_offers
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.operations.visits import check_in, mark_no_show
from plans.rules.states import Decision


def combined_in_the_middle(stage: Stage) -> Story:
    """Exosome and PRP together, two of four done, the third today."""
    yield stage.at(-72)
    patient = stage.register(
        "Mara", "Lindqvist", date(1984, 5, 17), email="mara.lindqvist@example.test", phone="+65 8000 0001", sex="female"
    )
    found = stage.assess(patient, scale="ludwig", grade="I")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-prp-same-day", found, starts_in=2, counts={"exosome": 4, "prp": 4}, price=3200)
    yield from held(stage, plan, 1, day=-70, photos=0.52, seed=11)
    yield from held(stage, plan, 2, day=-35)
    yield stage.at(-20)
    third = stage.book(session_of(plan, 3), stage.near(-15))
    yield stage.at(-2, 12)
    confirm_own_appointment(patient_id=patient.pk, appointment_id=third.pk, now=stage.now)
    stage.ready(session_of(plan, 3), is_numbed=False)
    yield from here_today(stage, third)


def reviewed_after_three_months(stage: Stage) -> Story:
    """PRP with a decided 3-month review: photos before and after."""
    yield stage.at(-104)
    patient = stage.register(
        "Tomas", "Okonjo-Vale", date(1979, 11, 2), email="tomas.okonjo@example.test", phone="+65 8000 0002", sex="male"
    )
    found = stage.assess(patient, scale="norwood_hamilton", grade="III")
    stage.consent(patient, (*TOPICS, ConsentTopic.PHOTO_TEACHING))
    plan = stage.plan(patient, "prp", found, starts_in=4, price=1800)
    yield from held(stage, plan, 1, day=-100, photos=0.45, seed=22, density="118.0")
    yield from held(stage, plan, 2, day=-65)
    yield from held(stage, plan, 3, day=-30)
    yield stage.at(-16)
    review = plan.reviews.get(months=3)
    visit = stage.book_review(review, stage.at(-7, 14))
    yield visit.starts
    check_in(appointment_id=visit.pk, by=stage.desk, now=stage.now)
    yield visit.ends
    stage.photograph(review, density=0.72, seed=22)
    outcome = ReviewOutcome(
        decision=Decision.CONTINUE,
        decision_reason="Clear gain at the vertex; finish the course as planned.",
        shedding_scale=3,
        measured=(vertex_density("139.0"),),
        patient_rating=2,
        patient_says="Less hair in the shower.",
    )
    decide_review(review_id=review.pk, outcome=outcome, by=stage.doctor, now=stage.now)
    stage.book(session_of(plan, 4), stage.at(5, 10))


def overdue(stage: Stage) -> Story:
    """Two sessions done, then silence: the third is late and nothing is booked."""
    yield stage.at(-96)
    patient = stage.register(
        "Ines", "Calder", date(1990, 2, 9), email="ines.calder@example.test", phone="+65 8000 0003", sex="female"
    )
    found = stage.assess(patient, scale="sinclair", grade="2")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-monthly-standard", found, starts_in=1, price=2400)
    yield from held(stage, plan, 1, day=-95, photos=0.6, seed=33, views=2)
    yield from held(stage, plan, 2, day=-60)


def missed_last_week(stage: Stage) -> Story:
    """A no-show that nobody has booked again yet."""
    yield stage.at(-50)
    patient = stage.register(
        "Yusuf", "Brandt", date(1988, 8, 23), email="yusuf.brandt@example.test", phone="+65 8000 0004", sex="male"
    )
    found = stage.assess(patient, scale="norwood_hamilton", grade="III vertex")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-monthly-short", found, starts_in=2, price=2100)
    yield from held(stage, plan, 1, day=-48, photos=0.5, seed=44, views=2)
    yield from held(stage, plan, 2, day=-22)
    yield stage.at(-12)
    third = stage.book(
        session_of(plan, 3), stage.on(max(session_of(plan, 3).earliest, stage.today - timedelta(days=1)), 10), with_=1
    )
    if third.ends <= stage.at(0, 9):
        yield third.ends + timedelta(minutes=20)
        mark_no_show(appointment_id=third.pk, by=stage.desk, now=stage.now)


def not_suitable_now(stage: Stage) -> Story:
    """Pregnant: assessed, told why not, to be looked at again."""
    yield stage.at(-9, 15)
    patient = stage.register(
        "Lena",
        "Achterberg",
        date(1993, 6, 30),
        email="lena.achterberg@example.test",
        phone="+65 8000 0005",
        sex="female",
        alert="Pregnant until spring",
    )
    recheck = stage.today + timedelta(days=200)
    stage.assess(patient, scale="ludwig", grade="I", contraindications=["pregnancy"], recheck_on=recheck)


def on_blood_thinners(stage: Stage) -> Story:
    """A relative contraindication, and a clinician's written reason to go on."""
    yield stage.at(-30)
    patient = stage.register(
        "Gordon",
        "Pell",
        date(1969, 1, 12),
        email="gordon.pell@example.test",
        phone="+65 8000 0006",
        sex="male",
        alert="Takes a blood thinner",
    )
    found = stage.assess(
        patient,
        scale="norwood_hamilton",
        grade="IV",
        contraindications=["anticoagulants"],
        medicines="Low-dose blood thinner, cardiologist informed.",
    )
    stage.consent(patient)
    reason = "Cardiologist agrees; pressure after each point, bruising explained."
    plan = stage.plan(patient, "prp", found, starts_in=3, override=reason)
    yield stage.at(-27, 9)
    first = stage.book(session_of(plan, 1), stage.at(-26, 9))
    yield first.starts - timedelta(minutes=20)
    stage.photograph(plan.reviews.get(months=0), density=0.4, seed=66, views=2)
    yield first.ends
    stage.treat(session_of(plan, 1), first, pain=4, override=reason)
    yield stage.at(-10)
    stage.book(session_of(plan, 2), stage.at(10, 9))


def staggered_begins(stage: Stage) -> Story:
    """Exosome first, PRP two weeks later: the first session is today, and the baseline photos are still missing."""
    yield stage.at(-12)
    patient = stage.register(
        "Aurelia",
        "Santos-Whitcombe",
        date(1986, 3, 3),
        email="aurelia.santos@example.test",
        phone="+65 8000 0007",
        sex="female",
    )
    found = stage.assess(patient, scale="ludwig", grade="II")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-prp-staggered", found, starts_in=12, price=3900)
    first = stage.book(session_of(plan, 1), stage.near(60))
    yield stage.at(-4)
    stage.book(session_of(plan, 2), stage.on(session_of(plan, 2).target, 11), with_=1)
    yield from here_today(stage, first)


def no_consent_yet(stage: Stage) -> Story:
    """A draft that cannot be activated: consent is missing."""
    yield stage.at(-1, 16)
    patient = stage.register(
        "Pieter",
        "Nakamura",
        date(1995, 12, 19),
        email="pieter.nakamura@example.test",
        phone="+65 8000 0008",
        sex="male",
    )
    found = stage.assess(patient, scale="norwood_hamilton", grade="II")
    stage.plan(patient, "exosome-weekly-intensive", found, starts_in=5, active=False)


def review_is_due(stage: Stage) -> Story:
    """Three months are over: invited, booked today, photos to take."""
    yield stage.at(-96)
    patient = stage.register(
        "Noor",
        "Haddad-Ferreira",
        date(1982, 9, 8),
        email="noor.haddad@example.test",
        phone="+65 8000 0009",
        sex="female",
    )
    found = stage.assess(patient, scale="ludwig", grade="I")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-single-then-review", found, starts_in=3)
    yield from held(stage, plan, 1, day=-92, photos=0.55, seed=99, density="124.0")
    yield stage.at(-8)
    visit = stage.book_review(plan.reviews.get(months=3), stage.near(90), with_=1)
    yield from here_today(stage, visit)


def cannot_be_mailed(stage: Stage) -> Story:
    """The address does not exist: the first letter fails, the desk phones instead."""
    yield stage.at(-6)
    patient = stage.register(
        "Esther", "Quill", date(1975, 4, 27), email="esther.quill@nowhere.test", phone="+65 8000 0010", sex="female"
    )
    found = stage.assess(patient, scale="sinclair", grade="3", poor_response_to_prp=True)
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-monthly-standard", found, starts_in=8, price=2400)
    stage.book(session_of(plan, 1), stage.at(2, 10), with_=1)


def moved_and_cancelled(stage: Stage) -> Story:
    """Moved once at his wish, then he had to cancel: to be booked again, and his time offered to who waits for one."""
    yield stage.at(-40)
    patient = stage.register(
        "Rafael", "Amsel", date(1991, 7, 14), email="rafael.amsel@example.test", phone="+65 8000 0011", sex="male"
    )
    found = stage.assess(patient, scale="norwood_hamilton", grade="II")
    stage.consent(patient)
    plan = stage.plan(patient, "prp", found, starts_in=2)
    yield from held(stage, plan, 1, day=-38, photos=0.65, seed=12, views=2)
    yield stage.at(-15)
    second = stage.book(session_of(plan, 2), stage.at(1, 9))
    yield stage.at(-6)
    second = move_appointment(
        appointment_id=second.pk,
        starts=stage.at(3, 15),
        minutes=60,
        practitioner_id=stage.practitioners[0].pk,
        room_id=stage.rooms[0].pk,
        reason="asked for an afternoon",
        by=stage.desk,
        now=stage.now,
    )
    yield stage.at(-1, 11)
    cancel_appointment(appointment_id=second.pk, reason="has a cold", by=stage.desk, now=stage.now)
    make_offers(freed_appointment_id=second.pk, by=stage.desk, now=stage.now)


def arrives_today(stage: Stage) -> Story:
    """Mesotherapy, second session, waiting in the chair."""
    yield stage.at(-25)
    patient = stage.register(
        "Wilhelmina-Josephine",
        "van der Berghe-Montgomery-Castellanos",
        date(1998, 10, 1),
        email="wilhelmina@example.test",
        phone="+65 8000 0012",
        sex="female",
    )
    found = stage.assess(patient, hair_loss_type="diffuse", blood_tests="Ferritin 18 µg/l, vitamin D low.")
    stage.consent(patient, (ConsentTopic.TREATMENT, ConsentTopic.PHOTO_RECORD))
    plan = stage.plan(patient, "mesotherapy", found, starts_in=4)
    yield from held(stage, plan, 1, day=-21, photos=0.7, seed=77, views=2)
    yield stage.at(-9)
    second = stage.book(session_of(plan, 2), stage.near(15), with_=1)
    yield stage.at(-1, 18)
    stage.ready(session_of(plan, 2), is_numbed=False)
    yield from here_today(stage, second)


def bald_patch(stage: Stage) -> Story:
    """No living follicle left: not suitable, a transplant surgeon is named instead."""
    yield stage.at(-18, 13)
    patient = stage.register(
        "Casimir", "Doyle", date(1961, 5, 5), email="casimir.doyle@example.test", phone="+65 8000 0013", sex="male"
    )
    finding = AreaFinding(area="vertex", thinning="severe", bald=True, viability="not_viable", method="trichoscope")
    stage.assess(patient, finding, scale="norwood_hamilton", grade="VI", long_standing_smooth=True)


AT_HARBOUR: tuple[Callable[[Stage], Story], ...] = (
    combined_in_the_middle, reviewed_after_three_months, overdue, missed_last_week, not_suitable_now,
    on_blood_thinners, staggered_begins, no_consent_yet, review_is_due, cannot_be_mailed, moved_and_cancelled,
    arrives_today, bald_patch, paused_for_a_while, extended_and_adapted, kept_up_with_a_booster,
    came_to_talk, is_late, did_not_come, waits_for_an_earlier_time,
)  # fmt: skip
