"""A protocol's rows as the rules' `Course`, and back."""

from __future__ import annotations

from plans.models.protocol import Alongside, CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.rules import course as rules
from plans.rules.course import CareBy, CareKind, CarePhase, Course, Interval, Maintenance, Modality


def course_of(protocol: Protocol) -> Course:
    """Read a protocol version. Prefetch with `.whole()` where several are read."""
    return Course(
        components=tuple(_component(row) for row in protocol.components.all()),
        reviews=tuple(
            rules.ReviewPoint(row.key, row.title, row.offset, row.opens_before, row.closes_after)
            for row in protocol.review_points.all()
        ),
        care_rules=tuple(_care_rule(row) for row in protocol.care_rules.all()),
        least_gaps=tuple(
            rules.LeastGap(Modality(row.first), Modality(row.second), row.span) for row in protocol.least_gaps.all()
        ),
        maintenance=_maintenance(protocol),
        view_set=protocol.view_set,
        expectations=tuple(rules.Expectation(**item) for item in protocol.expectations),
        alongside=tuple(
            rules.Alongside(row.key, Modality(row.modality), row.name, row.starts, row.lasts, row.source)
            for row in protocol.alongside.all()
        ),
    )


def write_course(protocol: Protocol, course: Course) -> None:
    """Write a course's rows under a new protocol version. The protocol row itself must be saved already."""
    Component.objects.bulk_create(
        Component(
            protocol=protocol,
            position=place,
            key=part.key,
            modality=part.modality,
            sessions_min=part.sessions_min,
            sessions_usual=part.sessions_usual,
            sessions_max=part.sessions_max,
            interval_earliest=part.interval.earliest,
            interval_target=part.interval.target,
            interval_latest=part.interval.latest,
            starts=part.starts,
            shares_visit_with=part.shares_visit_with,
            minutes=part.minutes,
            starts_after=part.starts_after,
        )
        for place, part in enumerate(course.components)
    )
    ReviewPoint.objects.bulk_create(
        ReviewPoint(
            protocol=protocol,
            position=place,
            key=point.key,
            title=point.title,
            offset=point.offset,
            opens_before=point.opens_before,
            closes_after=point.closes_after,
        )
        for place, point in enumerate(course.reviews)
    )
    CareRule.objects.bulk_create(
        CareRule(
            protocol=protocol,
            position=place,
            key=rule.key,
            phase=rule.phase,
            kind=rule.kind,
            act=rule.act,
            text=rule.text,
            source=rule.source,
            starts=rule.starts,
            ends=rule.ends,
            ongoing=rule.ongoing,
            by=rule.by,
            modalities=[m.value for m in rule.modalities],
            conflicts_with=rule.conflicts_with,
            in_force=rule.in_force,
        )
        for place, rule in enumerate(course.care_rules)
    )
    LeastGap.objects.bulk_create(
        LeastGap(protocol=protocol, first=gap.first, second=gap.second, span=gap.span) for gap in course.least_gaps
    )
    Alongside.objects.bulk_create(
        Alongside(
            protocol=protocol,
            position=place,
            key=one.key,
            modality=one.modality,
            name=one.name,
            starts=one.starts,
            lasts=one.lasts,
            source=one.source,
        )
        for place, one in enumerate(course.alongside)
    )


def _component(row: Component) -> rules.Component:
    return rules.Component(
        key=row.key,
        modality=Modality(row.modality),
        sessions_min=row.sessions_min,
        sessions_usual=row.sessions_usual,
        sessions_max=row.sessions_max,
        interval=Interval(row.interval_earliest, row.interval_target, row.interval_latest),
        starts=row.starts,
        shares_visit_with=row.shares_visit_with,
        minutes=row.minutes,
        starts_after=row.starts_after,
    )


def _care_rule(row: CareRule) -> rules.CareRule:
    return rules.CareRule(
        key=row.key,
        phase=CarePhase(row.phase),
        kind=CareKind(row.kind),
        act=row.act,
        text=row.text,
        source=row.source,
        starts=row.starts,
        ends=row.ends,
        ongoing=row.ongoing,
        by=CareBy(row.by),
        modalities=tuple(Modality(m) for m in row.modalities),
        conflicts_with=row.conflicts_with,
        in_force=row.in_force,
    )


def _maintenance(protocol: Protocol) -> Maintenance | None:
    if not (protocol.booster_earliest and protocol.booster_target and protocol.booster_latest):
        return None
    return Maintenance(protocol.booster_earliest, protocol.booster_target, protocol.booster_latest)
