"""Every course of the library from the first session to maintenance, against days counted by hand (`walks.py`)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.rules.local_time import at_local
from plans.rules.course import Modality
from plans.rules.layout import lay_out
from plans.rules.library import LIBRARY, read_library
from plans.rules.restrictions import (
    Occasion,
    forbidden_at,
    free_days_between,
    next_free_day,
    no_free_day_sentence,
    restrictions,
)
from plans.rules.reviews import review_dates
from plans.rules.states import SessionState
from plans.rules.steps import Part, Step, StepKind
from plans.rules.windows import booster_window, session_windows
from tests.rules.walks import EXOSOME_WALKS
from tests.rules.walks_together import OTHER_WALKS

PROTOCOLS = {protocol.key: protocol for protocol in read_library(LIBRARY)}
WALKS = EXOSOME_WALKS + OTHER_WALKS
CAIRO, SINGAPORE = ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Singapore")


def day(written):
    """Read "Mon 5 Oct 2026"; a weekday that does not belong to the date is a slip in the table."""
    found = datetime.strptime(written, "%a %d %b %Y").date()
    assert f"{found:%a} {found.day} {found:%b %Y}" == written
    return found


def rows_of(walk):
    """Return (line, verb, cells) of each row."""
    lines = [(n, line.partition("#")[0].strip()) for n, line in enumerate(walk.rows.splitlines(), start=1)]
    split = [(n, *line.split(maxsplit=1)) for n, line in lines if line]
    return [(n, verb, [cell.strip() for cell in rest.split("|")]) for n, verb, rest in split]


def parts_of(given):
    """Read "exosome 1 + prp 1"."""
    pairs = [part.split() for part in given.split(" + ")]
    return tuple(Part(component, int(ordinal)) for component, ordinal in pairs)


def text(found):
    return f"{found:%a} {found.day} {found:%b %Y}"


def first_and_last(days):
    if not days:
        return "none"
    assert days[-1] - days[0] == timedelta(days=len(days) - 1), "days for dye between two sessions lie together"
    return f"{text(days[0])} to {text(days[-1])}"


def around(step, on, course, zone, *, minutes=60, clock=time(14), certain=True):
    starts = at_local(on, clock, zone)
    given = tuple(course.component(part.component).modality for part in step.parts)
    return Occasion(step.number, starts, starts + timedelta(minutes=minutes), given, certain)


class Walker:
    """One patient's plan, moved on row by row. Each row's method asserts what the row says."""

    def __init__(self, walk):
        protocol = PROTOCOLS[walk.protocol]
        # A look at 12 months is offered beside the promised ones: here it is taken.
        self.course = replace(protocol.course, reviews=protocol.course.reviews + protocol.reviews_offered)
        self.zone = ZoneInfo(walk.zone)
        self.starts_on = day(walk.starts)
        self.steps = {step.number: step for step in lay_out(self.course, walk.counts)}
        self.first_target = self.windows()[1].target
        self.notes_read = True

    def windows(self):
        return session_windows(self.course, self.steps.values(), starts_on=self.starts_on)

    def day_of(self, number):
        step = self.steps[number]
        return step.done_on or step.booked_on or self.windows()[number].target

    def dye(self, *, only_done=False):
        """Return every period without dye, from what was done alone or from the whole plan."""
        steps = [step for step in self.steps.values() if step.done_on or not only_done]
        occasions = [
            around(step, self.day_of(step.number), self.course, self.zone, certain=bool(step.done_on)) for step in steps
        ]
        return restrictions(self.course.care_rules, occasions, zone=self.zone)

    def free(self, first, last):
        return first_and_last(free_days_between("dye", self.dye(), self.day_of(first), self.day_of(last), self.zone))

    def dye_again(self, number, *, only_done=False):
        return text(next_free_day("dye", self.dye(only_done=only_done), self.day_of(number), self.zone))

    # --- The rows ---

    def course_row(self, last_target, first_free):
        last = max(self.steps)
        assert text(self.day_of(last)) == last_target
        span = (self.starts_on, self.day_of(last))
        free = free_days_between("dye", self.dye(), *span, self.zone)
        assert (text(free[0]) if free else "none") == first_free
        said = no_free_day_sentence("dye", self.dye(), *span, self.zone)
        assert bool(said) == (first_free == "none")

    def due_row(self, number, given, *days):
        step, window = self.steps[int(number)], self.windows()[int(number)]
        assert set(step.parts) == set(parts_of(given))
        assert (text(window.earliest), text(window.target), text(window.latest)) == days
        self.last_notes, self.notes_read = window.notes, not window.notes

    def note_row(self, note):
        assert self.last_notes == (note,)
        self.notes_read = True

    def booked_row(self, number, on, free, dye):
        n = int(number)
        self.steps[n] = replace(self.steps[n], booked_on=day(on))
        assert self.free(n - 1, n) == free
        assert self.dye_again(n - 1) == dye

    def done_row(self, number, on, how, alone, free, dye):
        n, held = int(number), day(on)
        window = self.windows()[n]
        assert how == how_it_lies(held, window)
        self.steps[n] = replace(self.steps[n], state=SessionState.DONE, done_on=held)
        assert self.windows()[n] == window, "what was done changed its own window"
        assert self.dye_again(n, only_done=True) == alone
        assert (self.free(n, n + 1) if n + 1 in self.steps else "-") == free
        assert self.dye_again(n) == dye

    def booster_row(self, number, given, *days):
        n = int(number)
        assert n not in self.steps
        last_done = max(step.done_on for step in self.steps.values())
        is_first = all(step.kind is StepKind.COURSE for step in self.steps.values())
        self.steps[n] = Step(n, parts_of(given), kind=StepKind.BOOSTER)
        self.due_row(number, given, *days)
        alone = booster_window(self.course, last_done, number=n)
        assert not is_first or (text(alone.earliest), text(alone.target), text(alone.latest)) == days, (
            "booster_window differs"
        )

    def estimate_row(self, *cells):
        assert self.review(cells, first_done=None).estimated

    def review_row(self, *cells):
        assert not self.review(cells, first_done=self.steps[1].done_on).estimated

    def review(self, cells, *, first_done):
        key, *days = cells
        dated = review_dates(self.course, first_done=first_done, first_target=self.first_target)
        (found,) = [review for review in dated if review.key == key]
        assert [text(found.opens), text(found.due), text(found.closes)] == days
        return found


def how_it_lies(on, window):
    assert on >= window.earliest, "no course here is given too soon"
    if on == window.target:
        return "on target"
    return "early" if on < window.target else "in time" if on <= window.latest else "late"


@pytest.mark.parametrize("walk", WALKS, ids=[walk.name for walk in WALKS])
def test_a_course_is_dated_as_counted_by_hand(walk):
    walker = Walker(walk)
    for line, verb, cells in rows_of(walk):
        assert verb == "note" or walker.notes_read, f"row {line}: the row before has a note that the table does not say"
        try:
            getattr(walker, f"{verb}_row")(*cells)
        except AssertionError as wrong:
            wrong.add_note(f"row {line}: {verb} {' | '.join(cells)}")
            raise
    assert walker.notes_read
    undone = [step.number for step in walker.steps.values() if not step.done_on]
    assert len(undone) == len(walker.steps) if walk.is_only_dated else set(undone) <= {max(walker.steps)}


@pytest.mark.parametrize("key", PROTOCOLS)
def test_every_course_is_walked_through_to_maintenance(key):
    walks = [walk for walk in WALKS if walk.protocol == key]
    verbs = [verb for walk in walks for _, verb, _ in rows_of(walk)]
    course = PROTOCOLS[key].course
    assert (verbs.count("booster") >= 2) == (course.maintenance is not None)
    assert course.maintenance or booster_window(course, date(2026, 11, 30)) is None
    for walk in walks:
        told = {verb: {cells[0] for _, v, cells in rows_of(walk) if v == verb} for verb in ("estimate", "review")}
        reviews = {review.key for review in (*course.reviews, *PROTOCOLS[key].reviews_offered)}
        assert told["estimate"] == reviews
        assert told["review"] == (set() if walk.is_only_dated else reviews)


def test_the_table_knows_every_way_a_session_can_go():
    cells = [(verb, cells) for walk in WALKS for _, verb, cells in rows_of(walk)]
    assert {cells[2] for verb, cells in cells if verb == "done"} == {"on target", "early", "in time", "late"}
    assert {"booked", "note", "booster"} <= {verb for verb, _ in cells}


# --- The hours: Cairo, where the clocks go back after Thu 29 Oct 2026 and forward on Fri 30 Apr 2027 -----------------


def dye_and_wash(on, clock, zone):
    course = PROTOCOLS["prp"].course
    session = around(Step(1, (Part("prp", 1),)), on, course, zone, clock=clock, minutes=45)
    assert session.modalities == (Modality.PRP,)
    return restrictions(course.care_rules, [session], zone=zone)


def test_four_weeks_without_dye_begin_in_summer_time_and_end_in_winter_time():
    # Mon 5 Oct 14:00 to 14:45 in Cairo, UTC+3. It ends as Tue 3 Nov begins: 00:00 at UTC+2 is 22:00 UTC the day before.
    periods = dye_and_wash(date(2026, 10, 5), time(14), CAIRO)
    (dye,) = [period for period in periods if period.act == "dye"]
    # Before the session from Mon 28 Sep, 00:00 at UTC+3, and without a break until the four weeks are over.
    assert dye.begins == datetime(2026, 9, 27, 21, tzinfo=UTC)
    assert dye.ends == datetime(2026, 11, 2, 22, tzinfo=UTC)
    assert dye.safe_on == date(2026, 11, 3)


def test_a_day_without_washing_is_24_hours_although_the_clocks_go_back():
    # Thu 29 Oct, 14:45 at UTC+3 is 11:45 UTC; 24 hours later it is 13:45 at UTC+2.
    wash = [p for p in dye_and_wash(date(2026, 10, 29), time(14), CAIRO) if p.act == "wash"]
    assert forbidden_at(wash, datetime(2026, 10, 30, 13, 44, tzinfo=CAIRO))
    assert not forbidden_at(wash, datetime(2026, 10, 30, 13, 45, tzinfo=CAIRO))


@pytest.mark.parametrize(("zone", "again"), [(CAIRO, date(2027, 5, 5)), (SINGAPORE, date(2027, 5, 4))])
def test_an_hour_lost_in_spring_can_cost_a_day(zone, again):
    # Mon 5 Apr, 23:30 + 28 days: Mon 3 May 23:30 by the clock, but in hours Tue 4 May 00:30 where an hour was lost.
    (dye,) = [p for p in dye_and_wash(date(2027, 4, 5), time(22, 45), zone) if p.act == "dye"]
    assert dye.safe_on == again
