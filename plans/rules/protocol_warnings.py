"""What a clinic should know before it publishes a protocol, and may still decide: nothing of this blocks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

from clinic.rules.local_time import local_day
from plans.rules.course import CareKind, CarePhase, CareRule, Course, LeastGap, Modality
from plans.rules.protocol_concerns import Concern, calls_for
from plans.rules.protocol_trial import Trial, TrialSession, try_out
from plans.rules.restrictions import Occasion, Restriction, free_days_between, restrictions
from plans.rules.wording import act_words, day_words, list_words, modality_words

REGROWTH, REGROWTH_MEDICINES = "regrowth_medicine", ("minoxidil", "finasteride", "dutasteride")
ONE_DAY, FURTHEST_APART = timedelta(days=1), 190


def warnings(course: Course, trial: Trial) -> tuple[Concern, ...]:
    """Return what the course says and what its dates show, tried out from the day of `trial`."""
    return (
        *_no_free_day(course, trial),
        *_no_end(course),
        *_forced_late(course, trial),
        *_impossible_deeds(course, trial),
        *_reviews(trial),
        *_medicine(course),
    )


def _in_force(course: Course, kind: CareKind) -> list[CareRule]:
    return [rule for rule in course.care_rules if rule.in_force and rule.kind is kind]


def _no_free_day(course: Course, trial: Trial) -> Iterator[Concern]:
    """Source: domain section 6: with 4 weeks after and 1 week before, sessions less than 5 weeks apart leave no day."""
    endless = {period.act for period in trial.periods if period.ends is None}
    rules = _in_force(course, CareKind.AVOID)
    for act in dict.fromkeys(rule.act for rule in rules if rule.act not in endless):
        mine = [rule for rule in rules if rule.act == act]
        sessions = [one for one in trial.sessions if any(calls_for(rule, one.occasion.modalities) for rule in mine)]
        crowded = next((pair for pair in pairwise(sessions) if _is_crowded(act, *pair, trial)), None)
        if crowded is None:
            continue
        one, other = crowded
        apart = (other.window.target - one.window.target).days
        yield Concern(
            "no_free_day",
            f"Between session {one.number} and session {other.number}, {apart} days apart, there is no day on which "
            f"{act_words(act)} is allowed.{_apart_enough(act, mine, one.occasion, other.occasion, trial)}",
            tuple(rule.key for rule in mine),
            "Lengthen the interval, shorten one of the rules, or tell patients before they begin.",
        )


def _is_crowded(act: str, one: TrialSession, other: TrialSession, trial: Trial) -> bool:
    """Return whether no whole day between two sessions is free for the act. The day after a session is no gap."""
    first, last = one.window.target + ONE_DAY, other.window.target - ONE_DAY
    return first <= last and not free_days_between(act, trial.periods, first, last, trial.zone)


def _apart_enough(act: str, rules: list[CareRule], one: Occasion, other: Occasion, trial: Trial) -> str:
    """Say from how many days apart there would be such a day."""
    first, length = local_day(one.starts, trial.zone), other.ends - other.starts
    for days in range(2, FURTHEST_APART):
        moved = one.starts + timedelta(days)
        periods = restrictions(rules, [one, replace(other, starts=moved, ends=moved + length)], zone=trial.zone)
        if free_days_between(act, periods, first + ONE_DAY, first + timedelta(days - 1), trial.zone):
            return f" They would have to be at least {days} days apart."
    return ""


def _no_end(course: Course) -> Iterator[Concern]:
    for rule in _in_force(course, CareKind.AVOID):
        if rule.phase is CarePhase.AFTER and rule.ends is None and not rule.ongoing:
            yield Concern(
                "no_end",
                f"“{rule.text.rstrip('.')}” has no end: patients read that it holds until the clinic says otherwise.",
                (rule.key,),
                "Give it an end, or mark it as ongoing.",
            )


def _forced_late(course: Course, trial: Trial) -> Iterator[Concern]:
    """A least gap may push a session out of the very window its own interval gives it."""
    if not course.least_gaps:
        return
    free = try_out(replace(course, least_gaps=()), starts_on=trial.starts_on, zone=trial.zone)
    allowed = {_place(session.number, free): session.window for session in free.sessions}
    for session in trial.sessions:
        window = allowed.get(_place(session.number, trial))
        if window and session.window.earliest > window.latest:
            gaps = list_words([f"{gap.span} between {_pair_words(gap)}" for gap in course.least_gaps])
            yield Concern(
                "forced_late",
                f"Session {session.number} ({session.given}) cannot be before {day_words(session.window.earliest)}, "
                f"although its interval ends {day_words(window.latest)}: the least gap ({gaps}) forces it later.",
                (),
                "Shorten the gap, lengthen the interval, or give both at the same visit.",
            )
            return


def _pair_words(gap: LeastGap) -> str:
    return list_words(list(dict.fromkeys([modality_words(gap.first), modality_words(gap.second)])))


def _place(number: int, trial: Trial) -> tuple[str, int]:
    """What makes a session the same in both layouts: what is given, and how many of these came before."""
    session = next(one for one in trial.sessions if one.number == number)
    before = sum(one.given == session.given for one in trial.sessions if one.number < number)
    return session.given, before


def _impossible_deeds(course: Course, trial: Trial) -> Iterator[Concern]:
    """Something to do before a session while the aftercare of the one before still forbids it."""
    avoid = [rule for rule in _in_force(course, CareKind.AVOID) if rule.phase is CarePhase.AFTER]
    for rule in _in_force(course, CareKind.DO):
        against = [other for other in avoid if other.act == rule.act]
        if rule.phase is not CarePhase.PRE or not against or rule.starts is None:
            continue
        shut = (pair for pair in pairwise(trial.sessions) if _is_shut(rule, against, *pair, trial))
        for one, other in islice(shut, 1):
            yield Concern(
                "cannot_do",
                f"“{rule.text.rstrip('.')}” before session {other.number} cannot be done: after session {one.number} "
                f"{act_words(rule.act)} is forbidden for longer than that.",
                (rule.key, *(one.key for one in against)),
                "Lengthen the interval, or shorten the aftercare.",
            )


def _is_shut(rule: CareRule, against: list[CareRule], one: TrialSession, other: TrialSession, trial: Trial) -> bool:
    """Return whether the aftercare of `one` covers the whole time in which `rule` asks for something before `other`."""
    asked = restrictions([replace(rule, kind=CareKind.AVOID)], [other.occasion], zone=trial.zone)
    periods = restrictions(against, [one.occasion], zone=trial.zone)
    return any(p.begins <= a.begins and (p.ends or _end(a)) >= _end(a) for a in asked for p in periods)


def _end(period: Restriction) -> datetime:
    return period.ends or period.begins


def _reviews(trial: Trial) -> Iterator[Concern]:
    first = trial.sessions[0].window.target
    if not any(review.due == first for review in trial.reviews):
        yield Concern(
            "no_baseline",
            "There is no baseline: later photos would have nothing to be compared with.",
            (),
            "Add a review at “0 days”.",
        )
    for review in trial.reviews:
        inside = [s for s in trial.sessions if review.due > first and review.opens <= s.window.target <= review.closes]
        if inside:
            yield Concern(
                "session_in_review",
                f"Session {inside[0].number} ({day_words(inside[0].window.target)}) lies in the window of the "
                f"{review.title} ({day_words(review.opens)} to {day_words(review.closes)}).",
                (),
                "Hold the review before that session, or it judges a scalp that was just treated.",
            )


def _medicine(course: Course) -> Iterator[Concern]:
    waits = [rule for rule in _in_force(course, CareKind.AVOID) if rule.act == REGROWTH]
    for one in course.alongside:
        if waits and one.modality is Modality.MEDICAL and any(n in one.name.lower() for n in REGROWTH_MEDICINES):
            yield Concern(
                "medicine_paused",
                f"{one.name} is taken alongside, but “{waits[0].text.rstrip('.')}” holds after every session.",
                tuple(rule.key for rule in waits),
                "Say to each patient whether to pause or to continue it, or change the rule.",
            )
