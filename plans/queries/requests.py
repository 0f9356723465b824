"""What patients asked for and reported, narrowed to what the viewer may read: a problem's words are clinical."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, PatientRequest
from plans.queries.day_rows import what_words
from plans.queries.own_report import LOOKED_AHEAD, working_day
from plans.rules.signs import SIGNS, known_signs
from plans.rules.states import AppointmentState, RequestKind
from plans.rules.waiting import EXPECTED

SHOWN, SETTLED_SHOWN = 50, 15
HELD = (AppointmentState.DONE, AppointmentState.IN_TREATMENT)
WITH = ("patient", "location", "appointment__location", "appointment__session", "appointment__review", "settled_by")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`signs`, `words`: None for those who may not read them. `tell`: whose patient she is. `promised`: the day by
    which she was told she is phoned. `answer` is None where the answer is clinical too."""

    request: PatientRequest
    zone: ZoneInfo
    what: str
    about: str
    signs: str | None
    words: str | None
    answer: str | None
    age: str
    tell: str
    promised: date | None
    is_late: bool
    can_move: bool
    can_settle: bool


@dataclass(frozen=True, slots=True)
class RequestList:
    """`count`: how many wait, of which the first are shown."""

    open: tuple[RequestLine, ...]
    settled: tuple[RequestLine, ...]
    count: int
    several_places: bool


def request_list(by: Staff, *, now: datetime) -> RequestList:
    """Open ones, urgent and then oldest first; what was settled last below. Eight queries, however many there are."""
    if not by.can(Deed.BOOK):
        raise Forbidden(Deed.BOOK)
    rows = PatientRequest.objects.visible_to(by).select_related(*WITH)
    waiting = list(rows.open().order_by("-is_urgent", "asked_at", "pk")[: SHOWN + 1])
    settled = list(rows.filter(settled_at__isnull=False).order_by("-settled_at", "-pk")[:SETTLED_SHOWN])
    count = open_requests(by) if len(waiting) > SHOWN else len(waiting)
    waiting = waiting[:SHOWN]
    return RequestList(
        open=_lines(waiting, by, now),
        settled=_lines(settled, by, now),
        count=count,
        several_places=len({row.location_id for row in (*waiting, *settled)}) > 1,
    )


def requests_of(patient: Patient, *, by: Staff, now: datetime) -> tuple[RequestLine, ...]:
    """Her open ones and the last settled, for her page."""
    if not by.can(Deed.BOOK):
        return ()
    rows = PatientRequest.objects.visible_to(by).filter(patient=patient).select_related(*WITH)
    found = list(rows.order_by("-asked_at")[:5])
    return _lines(found, by, now)


def open_requests(by: Staff) -> int:
    return PatientRequest.objects.visible_to(by).open().count() if by.can(Deed.BOOK) else 0


def _lines(rows: Sequence[PatientRequest], by: Staff, now: datetime) -> tuple[RequestLine, ...]:
    problems = [row for row in rows if row.kind == RequestKind.PROBLEM]
    tell, promised = _whom_to_tell(problems), _promised([row for row in problems if not row.settled_at])
    return tuple(_line(row, tell, promised, by, now) for row in rows)


def _line(
    row: PatientRequest, tell: dict[UUID | None, str], promised: dict[UUID, date | None], by: Staff, now: datetime
) -> RequestLine:
    zone, visit = row.location.zone, row.appointment
    is_problem = row.kind == RequestKind.PROBLEM
    may_read = not is_problem or by.can(Deed.SEE_CLINICAL)
    signs = ", ".join(SIGNS[key].words for key in known_signs(row.signs))
    by_day = promised.get(row.pk)
    return RequestLine(
        request=row,
        zone=zone,
        what=_what(row),
        about=what_words(visit) if visit else "",
        signs=signs if may_read else None,
        words=", ".join(filter(None, (row.wishes, row.text))) if may_read else None,
        answer=row.answer if may_read else None,
        age=age_words(now - row.asked_at),
        tell=tell.get(row.session_id, "") if is_problem else "",
        promised=by_day,
        is_late=by_day is not None and not row.settled_at and local_day(now, zone) > by_day,
        can_move=visit is not None and visit.state in EXPECTED and visit.starts > now,
        can_settle=may_read and not row.settled_at,
    )


def _what(row: PatientRequest) -> str:
    return {
        RequestKind.MOVE: "Asks for another time",
        RequestKind.CANCEL: "Cannot come",
        RequestKind.PROBLEM: "Reported a problem",
    }[RequestKind(row.kind)]


def _whom_to_tell(problems: Iterable[PatientRequest]) -> dict[UUID | None, str]:
    """Who held the session after which it was noticed, by the session. One query."""
    sessions = {row.session_id for row in problems if row.session_id}
    if not sessions:
        return {}
    held = Appointment.objects.filter(session__in=sessions, state__in=HELD).order_by("starts")
    return dict(held.values_list("session_id", "practitioner__name"))


def _promised(problems: Sequence[PatientRequest]) -> dict[UUID, date | None]:
    """The working day each of them was told; nothing where she was told to call instead. Three queries."""
    told = [row for row in problems if not row.is_urgent]
    if not told:
        return {}
    places = {row.location_id: row.location for row in told}
    days = [local_day(row.asked_at, row.location.zone) for row in told]
    book = OpenBook.read(list(places.values()), first=min(days), last=max(days) + LOOKED_AHEAD)
    return {row.pk: working_day(book, row.location, day) for row, day in zip(told, days, strict=True)}


def age_words(age: timedelta) -> str:
    """Return "just now", "12 minutes ago", "3 hours ago", "2 days ago"."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for size, word in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "just now"
