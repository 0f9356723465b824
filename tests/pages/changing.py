"""Looking at a change and accepting it, as a browser would, on a plan under way."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from django.urls import reverse

from clinic.rules.spans import Span
from plans.models import Plan, Protocol, Session
from plans.models.protocol_course import course_of
from plans.operations.protocol_versions import draft_next_version, publish_protocol, write_draft
from tests.pages.visits import Clinic, seen

WHY = "She asked for it"


def under_way(clinic: Clinic) -> Plan:
    """Exosome and PRP together, four times: the first is done, the second booked on its best day."""
    plan = clinic.plan()
    first, second = plan.sessions.order_by("number")[:2]
    clinic.cast.photograph(plan.reviews.get(months=0), views=1)
    clinic.cast.hold(first, clinic.cast.at(first.target, 12))
    clinic.stand_at(clinic.cast.now)
    second.refresh_from_db()
    clinic.cast.book(second, clinic.cast.at(second.target, 10))
    return plan


def session(plan: Plan, number: int) -> Session:
    return plan.sessions.get(number=number)


def words(page: str) -> str:
    """What people read on it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def ask(clinic: Clinic, plan: Plan, kind: str, about: str = "", **said: object) -> str:
    """Show what it would mean."""
    return send(clinic, plan, kind, about, do="look", **said)


def accept(clinic: Clinic, plan: Plan, kind: str, about: str = "", *, after: str = "", **said: object) -> str:
    """Look, then accept what was shown, as the browser would; `after`: the page that was looked at."""
    page = after or ask(clinic, plan, kind, about, **said)
    sent = {"seen": hidden(page, "seen"), "answers": hidden(page, "answers"), "reason": WHY, **said}
    return send(clinic, plan, kind, about, do="accept", **sent)


def send(clinic: Clinic, plan: Plan, kind: str, about: str, **said: object) -> str:
    where = reverse("plans:plan-change", args=[plan.pk, kind]) + about
    answer = clinic.doctor.post(where, said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(clinic: Clinic, plan: Plan, kind: str, about: str = "") -> str:
    return seen(clinic.doctor, "plan-change", plan.pk, kind, ask=about)


def newer_version(clinic: Clinic, plan: Plan) -> Protocol:
    """The same protocol, a week more between sessions of exosome."""
    by = {"by": clinic.cast.manager, "now": clinic.cast.now}
    draft = draft_next_version(protocol_id=plan.protocol_id, **by)
    course = course_of(draft)
    spans = {
        name: Span.parse(text) for name, text in (("earliest", "6 weeks"), ("target", "7 weeks"), ("latest", "9 weeks"))
    }
    parts = [replace(part, interval=replace(part.interval, **spans)) for part in course.components]
    write_draft(protocol_id=draft.pk, course=replace(course, components=tuple(parts)), **by)
    return publish_protocol(protocol_id=draft.pk, change_note="Further apart", **by)
