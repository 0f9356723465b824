"""Plans by chance: random courses under way, with what was done, booked, skipped and set by hand, as plain facts."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from hypothesis import reject, settings
from hypothesis import strategies as st

from clinic.rules.local_time import at_local
from clinic.rules.refusal import Refusal
from clinic.rules.spans import Span, Unit
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Move, Pin, Remove, Skip, id_to_come
from plans.rules.course import Course, Maintenance
from plans.rules.layout import lay_out
from plans.rules.picture import picture_of
from plans.rules.plan_changes import Add, ChangeRule, MoveReview, NewVersion
from plans.rules.plan_facts import NEW, Booking, PlanFacts, PromisedReview
from plans.rules.reminders import AppointmentFacts
from plans.rules.reviews import review_dates
from plans.rules.rhythm import Pause
from plans.rules.states import AppointmentPurpose, AppointmentState, SessionState
from plans.rules.windows import session_windows
from tests.rules.courses import NO_DYE, NO_WASH, REVIEWS, courses, days

SINGAPORE = ZoneInfo("Asia/Singapore")
ZONES = (SINGAPORE, ZoneInfo("America/New_York"), ZoneInfo("Europe/Lisbon"))
TEN, HOUR = time(10), timedelta(hours=1)
UPKEEP = Maintenance(Span.parse("6 months"), Span.parse("6 months"), Span.parse("12 months"))


def some_id(name):
    return uuid5(NAMESPACE_URL, name)


def plan_of(course, starts_on, *, zone=SINGAPORE, today=None, counts=None):
    """A plan that begins on that day; it is noon there. Session n has the ref `ref(n)`."""
    today = today or starts_on
    steps = tuple(replace(step, ref=ref(step.number)) for step in lay_out(course, counts))
    dues = review_dates(course, first_done=None, first_target=starts_on)
    rows = tuple(PromisedReview(d.key, some_id(f"review {d.key}"), d.title, d.due, d.opens, d.closes) for d in dues)
    now = at_local(today, time(12), zone)
    return PlanFacts(course, steps, starts_on, zone, now, today, reviews=rows)


def ref(number):
    return str(some_id(f"session {number}"))


def on_day(facts, today):
    return replace(facts, today=today, now=at_local(today, time(12), facts.zone))


def instants(facts, day, minutes=60):
    starts = at_local(day, TEN, facts.zone)
    return starts, starts + timedelta(minutes=minutes)


def booked(facts, subject, day):
    """The facts with an appointment at ten o'clock for a session, or for a review."""
    starts, ends = instants(facts, day)
    purpose = AppointmentPurpose.SESSION if any(s.ref == subject for s in facts.steps) else AppointmentPurpose.REVIEW
    made = facts.now - timedelta(days=1)
    row = AppointmentFacts(some_id(f"visit {subject}"), purpose, starts, ends, AppointmentState.BOOKED, "booked", made)
    with_row = replace(facts, bookings=(*facts.bookings, Booking(subject, row)))
    return with_row.with_step(subject, booked_on=day)


def completed(facts, number, day):
    """The facts once that session was held, without asking when "now" is."""
    return Complete(ref(number), *instants(facts, day)).applied(facts)


def windows_of(facts):
    return session_windows(facts.course, facts.steps, starts_on=facts.starts_on, pauses=facts.pauses, today=facts.today)


def to_come(facts):
    """Sessions to come in the order of their days."""
    by_number = {step.number: step for step in facts.steps}
    return [by_number[number] for number in windows_of(facts) if by_number[number].is_to_do]


def free(facts):
    return [step for step in to_come(facts) if not (step.booked_on or step.pinned)]


def dates(picture):
    """Every session's days, by ref, whatever it is numbered."""
    return {
        key: (view.state, view.day, (w.earliest, w.target, w.latest, w.calculated) if (w := view.window) else None)
        for key, view in picture.sessions.items()
    }


def plain_courses():
    """Courses whose reviews have keys of their own, with rules people know."""
    return st.builds(
        lambda course, rules: replace(course, reviews=REVIEWS, care_rules=(*course.care_rules, *rules)),
        courses(),
        st.lists(st.sampled_from([NO_DYE, NO_WASH]), max_size=2, unique=True),
    )


@st.composite
def plans(draw, of=None, *, held=True, pins=True, bookings=True, pauses=True):
    """A plan under way: held so far in order, close to its best days; what is to come is booked, skipped or pinned."""
    course = draw(of if of is not None else plain_courses())
    facts = plan_of(course, draw(days), zone=draw(st.sampled_from(ZONES)))
    last = facts.starts_on
    for _ in range(draw(st.integers(0, len(facts.steps) - 1)) if held else 0):
        step = to_come(facts)[0]
        day = max(last, windows_of(facts)[step.number].target + timedelta(days=draw(st.integers(-3, 12))))
        facts = Complete(step.ref, *instants(facts, day)).applied(on_day(facts, day))
        last = day
    facts = on_day(facts, last + timedelta(days=draw(st.integers(0, 30))))
    if pauses and draw(st.booleans()):
        begins = last + timedelta(days=draw(st.integers(0, 20)))
        facts = replace(facts, pauses=(Pause(begins, begins + timedelta(days=draw(st.integers(0, 60)))),))
    fates = ["free", "free", *(["booked", "booked"] if bookings else []), *(["pinned"] if pins else []), "skipped"]
    for step in to_come(facts):
        day = max(facts.today, windows_of(facts)[step.number].target + timedelta(days=draw(st.integers(-9, 30))))
        match draw(st.sampled_from(fates)):
            case "booked":
                facts = booked(facts, step.ref, day)
            case "pinned":
                facts = Pin(step.ref, day).applied(facts) if day <= facts.today + timedelta(days=1800) else facts
            case "skipped" if len(to_come(facts)) > 1:
                facts = Skip(step.ref).applied(facts)
    return facts


@st.composite
def changes(draw, facts):
    """Any change of that plan; some of them will be refused."""
    step = draw(st.sampled_from([step for step in facts.steps if step.is_to_do]))
    day = facts.today + timedelta(days=draw(st.integers(0, 90)))
    key = draw(st.sampled_from([part.key for part in facts.course.components]))
    return draw(
        st.sampled_from(
            [
                Complete(step.ref, *instants(facts, day)),
                Move(step.ref, *instants(facts, day + timedelta(days=1))),
                Pin(step.ref, day),
                Skip(step.ref),
                Remove(step.ref),
                Add((key,)),
                NewVersion(draw(other_version(facts.course))),
                ChangeRule(replace(NO_DYE, ends=Span(draw(st.integers(1, 60)), Unit.DAYS))),
                MoveReview("month-3", Span(draw(st.integers(1, 9)), Unit.MONTHS)),
            ]
        )
    )


@st.composite
def other_version(draw, course):
    """The same components with other numbers of sessions and other best days."""
    parts = []
    for part in course.components:
        usual = draw(st.integers(1, 8))
        target = Span(draw(st.integers(part.interval.earliest.number, part.interval.latest.number)), part.starts.unit)
        unit = part.interval.target.unit
        interval = replace(part.interval, target=Span(target.number, unit))
        parts.append(replace(part, sessions_usual=usual, sessions_max=usual, interval=interval))
    return replace(course, components=tuple(parts))


@st.composite
def plans_and_changes(draw, **chosen):
    facts = draw(plans(**chosen).filter(lambda plan: any(step.is_to_do for step in plan.steps)))
    return facts, draw(changes(facts))


def tried(facts, change, choices=None):
    """The preview, or no example at all when the change is refused."""
    try:
        return preview(facts, change, choices)
    except Refusal:
        return reject()


def refused(facts, change, choices=None):
    """The refusal's code; its sentence is one: it begins with a capital letter and ends with a full stop."""
    try:
        preview(facts, change, choices)
    except Refusal as refusal:
        assert refusal.sentence[0].isupper() or refusal.sentence[0].isdigit()
        assert refusal.sentence[-1] in ".”"
        return refusal.code
    raise AssertionError(f"{change} was not refused.")


def stored(facts):
    """What a database gives back once the change is written: ids for what is new, a course read from JSON."""
    ids = {
        step.ref: str(some_id(f"{step.ref} of {len(facts.steps)}")) for step in facts.steps if step.ref.startswith(NEW)
    }
    steps = tuple(replace(step, ref=ids.get(step.ref, step.ref)) for step in facts.steps)
    known = {row.key for row in facts.reviews}
    new_rows = tuple(
        PromisedReview(v.key, id_to_come(f"review {v.key}"), v.title, v.due, v.opens, v.closes)
        for v in picture_of(facts).reviews.values()
        if v.key not in known
    )
    course = Course.from_json(facts.course.to_json())
    return replace(facts, course=course, steps=steps, reviews=(*facts.reviews, *new_rows)), ids


def with_ids(picture, ids):
    """The picture with the ids that were given to what was new."""
    sessions = {ids.get(key, key): replace(v, ref=ids.get(key, key)) for key, v in picture.sessions.items()}
    return replace(picture, sessions=sessions)


# Each example dates a whole plan several times: a few in the daily run, all of them in the long one.
few = settings(max_examples=25 if settings().max_examples < 1000 else settings().max_examples)

DONE, SKIPPED, CANCELLED = SessionState.DONE, SessionState.SKIPPED, SessionState.CANCELLED
