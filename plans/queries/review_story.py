"""A review's page: its photos then and now, what it found against the baseline, what the sources expect by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Appointment, Photo, Plan, Review, View
from plans.queries.outcomes import (
    Before,
    Line,
    before_of,
    figure_of,
    grade_words,
    lines_of,
    salt_words,
    score_lines,
)
from plans.queries.pairs import Pair, baseline_of, pairs_of
from plans.queries.ratings import rating_of
from plans.queries.spoken import between_words
from plans.rules.expect_when import ABOUT, Phase, expected_when
from plans.rules.outcome import Figure
from plans.rules.states import Decision, PlanState, ReviewState, SessionState
from plans.rules.wording import day_words, distance_words

CONSEQUENCES: Mapping[Decision, str] = {
    Decision.CONTINUE: "The plan goes on as it is: its sessions and reviews keep their dates.",
    Decision.ADJUST: "One session more or fewer, another day, a pause, another rhythm.",
    Decision.ADD_TREATMENT: "A further session, another course beside this one, or a medicine at home.",
    Decision.MAINTENANCE: "A booster that keeps up what the course has done.",
    Decision.STOP_AND_REFER: "The plan ends: what is to come is cancelled, and its mails with it.",
}
RATINGS = {
    -3: "Much worse", -2: "Worse", -1: "A little worse", 0: "The same",
    1: "A little better", 2: "Better", 3: "Much better",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says may be seen by now. `is_now`: it belongs to these weeks, not to those before."""

    when: str
    text: str
    source: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """The mean of the blinded ratings of one view, and of how many."""

    view: View
    mean: float
    count: int

    @property
    def words(self) -> str:
        sign = "+" if self.mean > 0 else "−" if self.mean < 0 else ""
        return f"{sign}{abs(self.mean):g}"


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """`pairs` in the view set's order; `baseline` None at the baseline itself."""

    review: Review
    plan: Plan
    zone: ZoneInfo
    today: date
    when: str
    appointment: Appointment | None
    baseline: Review | None
    pairs: tuple[Pair, ...]
    last: Photo | None
    has_consent: bool
    can_add: bool
    can_decide: bool
    is_open: bool
    rating_words: str
    own: tuple[Figure, ...]
    before: Before
    expected: tuple[Said, ...]
    ratings: tuple[Rated, ...]

    @property
    def is_baseline(self) -> bool:
        return self.review.months == 0

    @property
    def missing(self) -> tuple[View, ...]:
        return tuple(pair.view for pair in self.pairs if pair.now is None)

    @property
    def needed(self) -> tuple[View, ...]:
        """The missing views without which it is not closed, or with a written reason."""
        return tuple(view for view in self.missing if view.is_required)

    @property
    def has_words(self) -> bool:
        """Whether anything was written down that is no figure."""
        row = self.review
        said = (row.patient_says, row.adherence, row.side_effects, row.notes, self.rating_words, self.grade_words)
        return any(said)

    @property
    def salt_words(self) -> str:
        return salt_words(self.review.figures)

    @property
    def grade_words(self) -> str:
        return grade_words(self.review.scale, self.review.grade)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What was recorded so far, each figure against the baseline."""
        review = self.review
        return (*lines_of(self.own, self.before), *score_lines(review.figures, review.wash_count, self.before))

    @property
    def taken(self) -> int:
        return len(self.pairs) - len(self.missing)


def review_story(by: Staff, review_id: UUID, *, now: datetime) -> ReviewStory:
    """Return the page. Forbidden for who may not see photos; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    rows = Review.objects.visible_to(by).select_related(
        "plan__patient__home_location", "plan__location", "plan__assessment", "view_set", "decided_by"
    )
    review = rows.get(pk=review_id)
    plan, zone = review.plan, review.plan.location.zone
    today = local_day(now, zone)
    baseline = baseline_of(review)
    pairs = pairs_of(review, baseline, zone=zone)
    is_open = review.state == ReviewState.PROMISED
    consent = plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists()
    means = rating_of(review)
    return ReviewStory(
        review=review,
        plan=plan,
        zone=zone,
        today=today,
        when=_when(review, today),
        appointment=review.appointments.live().select_related("location", "practitioner").first(),
        baseline=baseline,
        pairs=pairs,
        last=max((pair.now for pair in pairs if pair.now), key=lambda one: one.added_at, default=None),
        has_consent=consent,
        can_add=is_open and consent and by.can(Deed.ADD_PHOTO),
        can_decide=is_open and by.can(Deed.REVIEW) and plan.state != PlanState.DRAFT,
        is_open=is_open,
        rating_words=RATINGS.get(review.patient_rating, "") if review.patient_rating is not None else "",
        own=tuple(figure_of(row) for row in review.measurements.all()),
        before=before_of(review, baseline),
        expected=tuple(_expected(review)),
        ratings=tuple(Rated(pair.view, *means[pair.view.pk]) for pair in pairs if pair.view.pk in means),
    )


def _expected(review: Review) -> Iterator[Said]:
    """Yield what the sources say of the weeks around this review, counted from the first session."""
    if not review.months or not review.plan.course.expectations:
        return
    first = review.plan.sessions.filter(state=SessionState.DONE).order_by("ended_at").first()
    zone = review.plan.location.zone
    begun = local_day(first.ended_at, zone) if first and first.ended_at else review.plan.starts_on
    for one in review.plan.course.expectations:
        span = expected_when(one.when, begun)
        if span and span.begins <= review.due and (span.ends is None or span.ends > review.due - ABOUT):
            yield Said(one.when, one.text, one.source, span.phase(review.due) is Phase.NOW)


def _when(review: Review, today: date) -> str:
    if review.months == 0:
        return f"Before the first session, {day_words(review.due)}."
    due = f"Due {day_words(review.due)}, {distance_words(review.due, today)}."
    return f"{due} Between {between_words(review.opens, review.closes)}."
