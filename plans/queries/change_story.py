"""What a change of a plan is about, before anything is typed: the plan, its facts, and what can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan, Protocol
from plans.models.plan_facts import read_plan_facts
from plans.models.protocol_course import course_of
from plans.queries.change_kinds import Kind
from plans.rules.course import Course, Modality
from plans.rules.diff_words import session_name, session_when
from plans.rules.picture import Picture, picture_of
from plans.rules.plan_facts import PlanFacts
from plans.rules.states import ProtocolState, SessionState
from plans.rules.wording import day_words

NEW_ITEM = "new"
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change can be about. `key` is its ref or key in the rules, `others` what an address may call it too."""

    key: str
    name: str
    heading: str
    detail: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeStory:
    """`subject` is None as long as one has to be chosen from `subjects`. `why_not`: it cannot be done now at all.

    `version` is the protocol version that can be followed instead, with its `course`; `versions` what all of them say.
    """

    kind: Kind
    plan: Plan
    facts: PlanFacts
    before: Picture
    subjects: tuple[Subject, ...]
    subject: Subject | None
    why_not: str
    version: Protocol | None = None
    course: Course | None = None
    versions: tuple[Course, ...] = ()

    @property
    def today(self) -> date:
        return self.facts.today

    @property
    def title(self) -> str:
        if self.is_new_item:
            return "Add a medicine or a referral"
        return self.kind.heading(self.subject.name if self.subject else _ANY[self.kind.asks])

    @property
    def done(self) -> str:
        return "It is written down." if self.is_new_item else self.kind.done(self.subject.name if self.subject else "")

    @property
    def is_new_item(self) -> bool:
        return self.kind is Kind.ALONGSIDE and self.subject is not None and self.subject.key == NEW_ITEM

    @property
    def must_choose(self) -> bool:
        return bool(self.kind.asks) and self.subject is None and not self.why_not


_ANY = {
    "": "",
    "session": "a session",
    "review": "a review",
    "rule": "a care rule",
    "item": "what stands alongside",
    "version": "another version",
}


def change_story(by: Staff, plan_id: UUID, kind: Kind, asked: Mapping[str, str], *, now: datetime) -> ChangeStory:
    """Return the page. `asked` is what stands behind the question mark: which session, review, rule or medicine."""
    if not by.can(Deed.CHANGE_PLAN):
        raise Forbidden(Deed.CHANGE_PLAN)
    rows = Plan.objects.visible_to(by).select_related("patient__home_location", "location", "protocol")
    plan = rows.get(pk=plan_id)
    facts = read_plan_facts(plan, now=now)
    versions = _versions(plan) if kind is Kind.VERSION else []
    before, version = picture_of(facts), _newest(plan, versions)
    subjects = tuple(_subjects(kind, facts, before, version))
    return ChangeStory(
        kind=kind,
        plan=plan,
        facts=facts,
        before=before,
        subjects=subjects,
        subject=_chosen(subjects, asked.get(kind.asks, "")),
        why_not=_why_not(kind, facts, subjects),
        version=version,
        course=course_of(version) if version else None,
        versions=tuple(map(course_of, versions)),
    )


def _versions(plan: Plan) -> list[Protocol]:
    """Every version of the plan's protocol with all it says."""
    return list(Protocol.objects.filter(key=plan.protocol.key).whole())


def _newest(plan: Plan, versions: Iterable[Protocol]) -> Protocol | None:
    """The published version of the same protocol, unless the plan follows it already."""
    published = (one for one in versions if one.state == ProtocolState.PUBLISHED)
    return next((one for one in published if one.pk != plan.protocol_id), None)


def _chosen(subjects: tuple[Subject, ...], asked: str) -> Subject | None:
    if len(subjects) == 1 and not asked:
        return subjects[0]
    return next((one for one in subjects if asked in (one.key, *one.others)), None)


def _why_not(kind: Kind, facts: PlanFacts, subjects: tuple[Subject, ...]) -> str:
    if not kind.is_open_in(facts.state):
        return _NOT_NOW.get(kind) or f"This plan is {facts.state.label.lower()}: it can no longer be changed like this."
    return _NOTHING_THERE.get(kind, "No session is to come.") if kind.asks and not subjects else ""


_NOT_NOW = {
    Kind.PAUSE: "Only a plan that is under way can be paused.",
    Kind.RESUME: "This plan is not paused.",
}
_NOTHING_THERE = {
    Kind.UNSKIP: "No session was skipped.",
    Kind.REVIEW: "No review is open that could be moved.",
    Kind.CARE_RULE: "This plan has no care rules.",
    Kind.VERSION: "The plan follows the newest published version of its protocol already.",
}


def _subjects(kind: Kind, facts: PlanFacts, before: Picture, version: Protocol | None) -> Iterable[Subject]:
    match kind.asks:
        case "session":
            wanted = SessionState.SKIPPED if kind is Kind.UNSKIP else SessionState.PLANNED
            return _sessions(before, wanted)
        case "review":
            return _reviews(facts, before)
        case "rule":
            return _rules(facts.course)
        case "item":
            return _items(facts.course)
        case "version":
            return _version(version)
    return ()


def _sessions(before: Picture, state: SessionState) -> Iterator[Subject]:
    for view in sorted(before.sessions.values(), key=lambda view: view.number):
        if view.state is state:
            yield Subject(view.ref, f"session {view.number}", session_name(view), session_when(view))


def _reviews(facts: PlanFacts, before: Picture) -> Iterator[Subject]:
    """Those after the baseline that nobody has decided yet."""
    rows = {row.key: row for row in facts.reviews}
    for point in facts.course.reviews:
        row = rows.get(point.key)
        if point.offset.number and (row is None or row.is_open):
            due = f"{point.offset} after the first session: {day_words(before.reviews[point.key].due)}"
            known = (str(row.id),) if row else ()
            yield Subject(point.key, f"the review “{point.title}”", point.title, due, known)


def _rules(course: Course) -> Iterator[Subject]:
    for rule in course.care_rules:
        text = rule.text if len(rule.text) <= LONGEST_NAME else f"{rule.text[: LONGEST_NAME - 1].rstrip()}…"
        when = f"{rule.phase.label} a session, {rule.kind.label.lower()}"
        detail = when if rule.in_force else f"{when}, not in force"
        yield Subject(rule.key, f"the rule “{text.rstrip('.')}”", rule.text, detail)


def _items(course: Course) -> Iterator[Subject]:
    for one in course.alongside:
        what = "Referral" if one.modality is Modality.TRANSPLANT else "Medicine at home"
        since = f", since {day_words(one.began_on)}" if one.began_on else ", not begun"
        ended = f", stopped on {day_words(one.stopped_on)}" if one.stopped_on else ""
        yield Subject(one.key, one.name, one.name, f"{what}{since}{ended}")
    yield Subject(NEW_ITEM, "", "Something new", "Add a medicine or a referral")


def _version(version: Protocol | None) -> Iterator[Subject]:
    if version:
        yield Subject(str(version.pk), f"version {version.version}", str(version), version.change_note)
