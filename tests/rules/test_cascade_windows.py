"""The engine against a second one, written from the design alone: no pauses, no gaps, no upkeep, no search."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from clinic.rules.spans import Span, later
from plans.rules.states import SessionState
from plans.rules.windows import session_windows
from tests.rules.plans import few, plain_courses, plans


class Oracle:
    """Session k counts from session k-1 of its component: where it was done, else booked, else its target."""

    def __init__(self, facts):
        self.facts, self.known = facts, {}
        self.steps = [step for step in facts.steps if step.state is not SessionState.CANCELLED]

    def chain(self, key):
        mine = [(p.ordinal, step) for step in self.steps for p in step.parts if p.component == key]
        return [step for _, step in sorted(mine, key=lambda one: one[0])]

    def window(self, step):
        if step.ref not in self.known:
            days = [self.part(step, self.facts.course.component(part.component)) for part in step.parts]
            earliest = max(day[0] for day in days)
            latest = max(min(day[2] for day in days), earliest)
            target = min(max(day[1] for day in days), latest)
            self.known[step.ref] = (earliest, max(target, earliest), latest)
        return self.known[step.ref]

    def at(self, step):
        target = step.pinned or self.window(step)[1]
        if step.state is SessionState.SKIPPED:
            return target
        return step.done_on or step.booked_on or max(target, self.facts.today)

    def part(self, step, component):
        chain = self.chain(component.key)
        place = chain.index(step)
        if place == 0:
            day = later(self.facts.starts_on, component.starts)
            slack = later(day, component.interval.latest) - later(day, component.interval.target)
            return day, day, day + max(slack, timedelta(weeks=2))
        spans = (component.interval.earliest, component.interval.target, component.interval.latest)
        earliest, target, latest = (self.counted(chain, place - 1, component, span) for span in spans)
        return earliest, max(earliest, target), max(earliest, target, latest)

    def counted(self, chain, place, component, span):
        """From as far back as every session in between was held on its very day: so months never drift."""
        anchor, unit, total = self.at(chain[place]), span.unit, 0
        while unit is (step_span := component.interval.target if place else component.starts).unit:
            base = self.at(chain[place - 1]) if place else self.facts.starts_on
            if self.at(chain[place]) != self.reached(chain, place, component) or (place and base is None):
                break
            total, anchor, place = total + step_span.number, base, place - 1
            if place < 0 or not step_span.number:
                break
        return later(anchor, Span(total + span.number, unit))

    def reached(self, chain, place, component):
        if place == 0:
            return later(self.facts.starts_on, component.starts)
        return self.counted(chain, place - 1, component, component.interval.target)


@few
@given(plans(plain_courses().map(lambda c: replace(c, least_gaps=(), maintenance=None)), pauses=False))
def test_every_window_is_what_the_design_says(facts):
    oracle = Oracle(facts)
    windows = session_windows(facts.course, facts.steps, starts_on=facts.starts_on, today=facts.today)
    for step in oracle.steps:
        window = windows[step.number]
        assert (window.earliest, window.calculated, window.latest) == oracle.window(step)
