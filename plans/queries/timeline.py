"""A plan's time line: its sessions, reviews, medicines and restrictions as the rows that `rules.timeline` places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.roles import Deed
from plans.models import Appointment, Pause
from plans.queries.at_home import HomeLine, Stretch
from plans.queries.plan_lines import ReviewLine, SessionLine
from plans.rules.restrictions import Restriction
from plans.rules.states import ReviewState, SessionState
from plans.rules.timeline import Drawing, Entry, Mark, Row, draw
from plans.rules.wording import act_words, clock_words, day_words, first_up

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOON = 0.5
OUT_OF_THE_ORDINARY = ("late", "skipped", "cancelled")
ONE_DAY_SECONDS = 86400
Page = tuple[str, str]


def plan_timeline(
    sessions: Sequence[SessionLine],
    reviews: Sequence[ReviewLine],
    home: Sequence[HomeLine],
    pauses: Sequence[Pause],
    certain: Sequence[Restriction],
    with_estimates: Sequence[Restriction],
    *,
    starts_on: date,
    today: date,
    zone: ZoneInfo,
    by: Staff,
) -> Drawing:
    """Return the drawing, from the plan's first day to the last that is promised. No query."""
    rows = [
        *_session_rows(sessions),
        *_review_rows(reviews, today, sees_photos=by.can(Deed.SEE_CLINICAL)),
        *(_home_row(line) for line in home),
        *_restriction_rows(certain, with_estimates, today, zone),
    ]
    dated = [entry for row in rows if not row.merged for entry in row.entries]
    days = [day for entry in dated for day in (entry.begins, entry.ends, *(mark.at for mark in entry.marks)) if day]
    return draw(
        rows,
        first=min([float(starts_on.toordinal()), *days]),
        last=max([float(starts_on.toordinal()), *days]),
        today=_day_number(today) + NOON,
        pauses=[_pause(pause) for pause in pauses],
        months=MONTHS,
    )


# -- sessions --------------------------------------------------------------------------------------------------------
def _session_rows(lines: Sequence[SessionLine]) -> Iterator[Row]:
    """One row for what is given together, boosters by themselves, in the order of the plan."""
    kinds = dict.fromkeys("Boosters" if line.is_booster else first_up(line.given) for line in lines)
    for kind in kinds:
        mine = [line for line in lines if kind == ("Boosters" if line.is_booster else first_up(line.given))]
        yield Row(kind, tuple(_session(line) for line in mine))


def _session(line: SessionLine) -> Entry:
    session, looks = line.session, _looks(line)
    number = str(session.number)
    # What is out of the ordinary keeps its word even where there is hardly any room.
    short = f"{number} {line.word.lower()}" if looks in OUT_OF_THE_ORDINARY else number
    label = f"{number} {line.word.lower()}{' again' if line.misses and looks == 'planned' else ''}"
    return Entry(
        begins=_day_number(session.earliest),
        ends=_day_number(session.latest) + 1,
        look=looks,
        title=_session_words(line),
        label=label,
        short=short,
        marks=tuple(_session_marks(line, looks)),
        page=_appointment_page(line.appointment),
    )


def _looks(line: SessionLine) -> str:
    if line.session.state == SessionState.PLANNED and line.appointment:
        return "booked"
    return line.state


def _session_marks(line: SessionLine, looks: str) -> Iterator[Mark]:
    session = line.session
    if looks in ("skipped", "cancelled"):
        yield Mark(_day_number(session.target) + NOON, "skipped")
        return
    if line.moved_from:
        yield Mark(_day_number(line.moved_from) + NOON, "calculated")
    if looks != "done":
        yield Mark(_day_number(session.target) + NOON, "pinned" if line.moved_from else "target")
    if line.done_on:
        yield Mark(_day_number(line.done_on) + NOON, "done")
    elif line.appointment:
        yield Mark(_booked_at(line.appointment), "booked")
    elif looks == "late":
        yield Mark(_day_number(session.latest) + NOON, "late")


def _session_words(line: SessionLine) -> str:
    session = line.session
    said = [f"Session {session.number}, {line.given}: {_held_words(line)}."]
    if session.state == SessionState.PLANNED:
        said.append(f"Between {day_words(session.earliest)} and {day_words(session.latest)}.")
        said.append(f"Set by hand: {day_words(session.target)}." if line.moved_from else "")
        said.append(f"{'By the rules' if line.moved_from else 'Best'}: {day_words(session.calculated)}.")
    return " ".join(filter(None, said))


def _held_words(line: SessionLine) -> str:
    if line.done_on:
        return f"done {day_words(line.done_on)}"
    if line.appointment:
        return f"{line.word.lower()} {_when(line.appointment)} with {line.appointment.practitioner.name}"
    return line.word.lower()


# -- reviews ---------------------------------------------------------------------------------------------------------
def _review_rows(lines: Sequence[ReviewLine], today: date, *, sees_photos: bool) -> Iterator[Row]:
    if lines:
        yield Row("Reviews", tuple(_review(line, today, sees_photos=sees_photos) for line in lines))


def _review(line: ReviewLine, today: date, *, sees_photos: bool) -> Entry:
    review = line.review
    photos = f"{line.photos} of {line.views} photos" if sees_photos else ""
    looks, word, at = _review_stands(line, today)
    name = review.title.removesuffix(" review")
    state = "" if looks == "promised" else f", {looks}"
    due = f"{'Estimated' if review.is_estimated else 'Due'} {day_words(review.due)}"
    return Entry(
        begins=_day_number(review.opens),
        ends=_day_number(review.closes) + 1,
        look="late" if looks == "late" else f"review-{looks}",
        title=". ".join(filter(None, [f"{review.title}: {word}", due, photos])) + ".",
        label=f"{name}{state}{f', {photos}' if photos else ''}",
        short=f"{name}{' late' if looks == 'late' else ''}{f' {line.photos}/{line.views}' if photos else ''}",
        marks=(Mark(at, "late" if looks == "late" else f"review-{looks}"),),
        page=("plans:review", str(review.pk)) if sees_photos else _appointment_page(line.appointment),
    )


def _review_stands(line: ReviewLine, today: date) -> tuple[str, str, float]:
    """How it looks, the word for it, and the day its mark stands on."""
    review, due = line.review, _day_number(line.review.due) + NOON
    if review.state == ReviewState.PROMISED and line.appointment:
        return "booked", f"booked {_when(line.appointment)}", _booked_at(line.appointment)
    if review.state == ReviewState.PROMISED and review.closes < today:
        return "late", "late", due
    return review.state, review.state, due


# -- medicines, restrictions, pauses ---------------------------------------------------------------------------------
def _home_row(line: HomeLine) -> Row:
    name = line.one.name
    if line.is_referral:
        at = _day_number(line.begins)
        title = f"{name}: {line.when}."
        return Row("Referral", (Entry(at, at + 1, "referral", title, name, name, (Mark(at + NOON, "referral"),)),))
    return Row(name, tuple(_stretch(stretch, line) for stretch in line.stretches), merged=True)


def _stretch(stretch: Stretch, line: HomeLine) -> Entry:
    begins, ends = _day_number(stretch.begins), _day_number(stretch.ends) if stretch.ends else None
    if not stretch.holds_off:
        return Entry(begins, ends, "medicine", f"{line.one.name}. {line.when}.")
    again = f", again from {day_words(stretch.ends)}" if stretch.ends else ""
    held = "Probably held off" if stretch.estimated else "Held off"
    return Entry(begins, ends, "held-off-estimated" if stretch.estimated else "held-off", f"{held}{again}.")


def _restriction_rows(
    certain: Sequence[Restriction], with_estimates: Sequence[Restriction], today: date, zone: ZoneInfo
) -> Iterator[Row]:
    """What is certain lies over what is only estimated; nothing is estimated for days gone by."""
    now = start_of_day(today, zone)
    acts = dict.fromkeys(period.act for period in (*certain, *with_estimates))
    for act in sorted(acts, key=lambda act: act != "dye"):
        coming = [p for p in with_estimates if p.act == act and p.estimated and (p.ends is None or p.ends > now)]
        bars = [_forbidden(p, zone, "estimated", max(p.begins, now)) for p in coming]
        bars += [_forbidden(p, zone, "certain", p.begins) for p in certain if p.act == act]
        yield Row(f"No {act_words(act)}", tuple(bars), merged=True)


def _forbidden(period: Restriction, zone: ZoneInfo, look: str, begins: datetime) -> Entry:
    until = f"until {_day_and_hour(period.ends, zone)}" if period.ends else "no end is known"
    sure = "" if look == "certain" else ", estimated from sessions that are not booked yet"
    title = f"No {act_words(period.act)} from {_day_and_hour(begins, zone)}, {until}{sure}."
    return Entry(_moment(begins, zone), _moment(period.ends, zone) if period.ends else None, look, title)


def _pause(pause: Pause) -> Entry:
    ends = f" to {day_words(pause.ends)}" if pause.ends else ", not resumed yet"
    title = f"Paused from {day_words(pause.begins)}{ends}."
    return Entry(_day_number(pause.begins), _day_number(pause.ends) if pause.ends else None, "pause", title)


# -- days as numbers -------------------------------------------------------------------------------------------------
def _day_number(day: date) -> float:
    return float(day.toordinal())


def _moment(instant: datetime, zone: ZoneInfo) -> float:
    local = instant.astimezone(zone)
    return local.toordinal() + (local.hour * 3600 + local.minute * 60 + local.second) / ONE_DAY_SECONDS


def _booked_at(appointment: Appointment) -> float:
    return _moment(appointment.starts, appointment.location.zone)


def _when(appointment: Appointment) -> str:
    return _day_and_hour(appointment.starts, appointment.location.zone)


def _day_and_hour(instant: datetime, zone: ZoneInfo) -> str:
    at_midnight = instant == start_of_day(local_day(instant, zone), zone)
    return day_words(local_day(instant, zone)) + ("" if at_midnight else f", {clock_words(instant, zone)}")


def _appointment_page(appointment: Appointment | None) -> Page | None:
    return ("plans:appointment", str(appointment.pk)) if appointment else None
