"""The plan a patient takes home: everything it says, as plain values for the typesetter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from clinic.rules.local_time import local_day
from patients.rules.consent import ConsentTopic, needed_for_treatment
from plans.documents.care_table import Care, avoid_lines, by_time, care_lines
from plans.documents.dates_on_paper import review_row, session_row
from plans.letters.care_words import pre_care
from plans.letters.facts import RED_FLAGS
from plans.models import Session
from plans.models.facts import modalities_of
from plans.queries.at_home import home_lines
from plans.queries.chart import Chart
from plans.queries.plan_document import PlanDocument
from plans.rules.course import CarePhase, Course, Modality
from plans.rules.library_shared import Source
from plans.rules.states import PlanState, SessionState
from plans.rules.wording import day_words, first_up, zone_words
from plans.templatetags.sources import OURS, OWNER, known_sources

CENT = Decimal("0.01")
RED_FLAGS_SAID_BY = "S3"
STATE_WORDS = {
    PlanState.DRAFT: "This is a draft: nothing is fixed yet, and nothing is booked.",
    PlanState.PAUSED: "The plan is paused at the moment. The dates will be later when it goes on.",
    PlanState.STOPPED: "This plan was stopped: nothing more of it is to come.",
    PlanState.COMPLETED: "This course is complete.",
}


@dataclass(frozen=True, slots=True)
class PaperPhoto:
    """A JPEG, the view it shows and when it was taken."""

    jpeg: bytes
    view: str
    taken_at: datetime


def plan_paper(found: PlanDocument, *, photo: PaperPhoto | None) -> dict[str, object]:
    """Return what stands on the paper, ready for JSON."""
    plan, chart = found.plan, found.chart
    course, place = plan.course, plan.location
    sessions = [one for one in chart.sessions[plan.pk] if one.state != SessionState.CANCELLED]
    given = list(dict.fromkeys(modality for one in sessions for modality in modalities_of(one, course)))
    before, after = (care_lines(course.care_rules, phase, given) for phase in (CarePhase.PRE, CarePhase.AFTER))
    certain = chart.restrictions(chart.held())
    coming = chart.restrictions(chart.held(with_estimates=True, as_if_active=plan.pk))
    home = home_lines(
        course.alongside,
        starts_on=plan.starts_on,
        today=chart.today,
        certain=certain,
        with_estimates=coming,
        zone=chart.zone,
    )
    consents = list(_consents(found, given))
    cited = [plan.protocol.source, RED_FLAGS_SAID_BY, *(one["source"] for one in consents)]
    cited += [line.source for line in (*before, *after)] + [one.source for one in course.expectations]
    cited += [line.one.source for line in home]
    return {
        "clinic": {"name": place.name, "address": place.address, "phone": place.phone, "email": place.email},
        "patient": plan.patient.name,
        "title": plan.title,
        "source": _cite(plan.protocol.source),
        "clinician": str(plan.clinician),
        "draft": plan.state == PlanState.DRAFT,
        "state": STATE_WORDS.get(PlanState(plan.state), ""),
        "printed": day_words(chart.today),
        "zone": zone_words(place.zone),
        "sessions": [session_row(one, course, chart.live.get(one.pk), chart.today) for one in sessions],
        "next": _next(chart, course, sessions),
        "before": _grouped(before),
        "after": _grouped(after),
        "avoid": [asdict(one) for one in avoid_lines(coming, certain, zone=chart.zone, now=chart.now)],
        "red_flags": [first_up(flag) for flag in RED_FLAGS],
        "reviews": [review_row(one, chart.live.get(one.pk), chart.today) for one in chart.reviews[plan.pk]],
        "expectations": _grouped([Care(one.when, one.text, "", one.source) for one in course.expectations]),
        "home": [{"name": line.one.name, "when": line.when, "now": line.now} for line in home],
        "price": _price(plan.price, plan.currency, len(sessions)),
        "consents": consents,
        "sources": [asdict(one) for one in _sources(cited)],
        "photo": _photo(photo, chart),
    }


def _grouped(lines: Iterable[Care]) -> list[dict[str, object]]:
    cited = [replace(line, source=_cite(line.source)) for line in lines]
    return [asdict(group) for group in by_time(cited)]


def _next(chart: Chart, course: Course, sessions: Sequence[Session]) -> dict[str, object]:
    """The care before the next booked session, with its dates; empty where none is booked."""
    booked = [one for one in sessions if one.pk in chart.live and chart.live[one.pk].starts > chart.now]
    if not booked:
        return {"number": 0, "items": []}
    soonest = min(booked, key=lambda one: chart.live[one.pk].starts)
    appointment = chart.live[soonest.pk]
    items = pre_care(
        course.care_rules,
        modalities_of(soonest, course),
        starts=appointment.starts,
        zone=appointment.location.zone,
        today=chart.today,
    )
    return {"number": soonest.number, "items": list(items)}


def _price(price: Decimal | None, currency: str, sessions: int) -> dict[str, str]:
    """The whole course, and one session of it where that is a whole number of cents."""
    if price is None:
        return {"course": "", "session": ""}
    each = price / sessions if sessions > 1 else None
    is_round = each is not None and each == each.quantize(CENT)
    return {
        "course": f"{currency} {_money(price)}",
        "session": f"{currency} {_money(each)}" if each and is_round else "",
    }


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def _consents(found: PlanDocument, given: Sequence[Modality]) -> Iterator[dict[str, str]]:
    """The words agreed to; where nothing is on record yet, the words that will be asked for."""
    for topic in needed_for_treatment([modality.value for modality in given]):
        yield _consent(found, topic)


def _consent(found: PlanDocument, topic: ConsentTopic) -> dict[str, str]:
    row = found.consents.get(topic)
    said = f"You agreed on {day_words(row.told_on)}, form {row.form_version}." if row else "Not signed yet."
    form = row.form if row else found.forms.get(topic)
    return {
        "topic": form.title if form else topic.label,
        "sentence": form.declaration if form else topic.sentence,
        "source": _cite(form.source if form else topic.source),
        "said": said,
    }


def _photo(photo: PaperPhoto | None, chart: Chart) -> dict[str, object]:
    if photo is None:
        return {"jpeg": [], "words": ""}
    taken = day_words(local_day(photo.taken_at, chart.zone))
    return {"jpeg": list(photo.jpeg), "words": f"{photo.view}, {taken}: before the first session."}


def _cite(keys: str) -> str:
    """The keys a patient can look up below; what the clinic itself decided is cited from nowhere."""
    return ", ".join(key for key in _keys(keys) if key not in (OWNER, OURS))


def _sources(cited: Iterable[str]) -> Iterator[Source]:
    """Each source once, in the library's order."""
    wanted = {key for keys in cited for key in _keys(keys)}
    return (source for key, source in known_sources().items() if key in wanted and key not in (OWNER, OURS))


def _keys(keys: str) -> Iterator[str]:
    return filter(None, (key.strip() for key in keys.split(",")))
