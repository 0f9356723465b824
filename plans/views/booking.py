"""Choosing a time: one page for all that is booked or moved. Look at what is free by GET, take a time by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_render
from plans.forms.booking import LONGEST, SHORTEST, BookingForm, SlotForm
from plans.forms.wishes import WishesForm
from plans.models import Appointment
from plans.queries.booking_story import BestTime, BookingStory
from plans.queries.consequences import Meaning, consequences
from plans.queries.telling import why_no_mail
from plans.rules.booking import FOR_CLINICIANS, OVERRIDABLE
from plans.rules.changes import Move
from plans.rules.wording import clock_words, day_words, first_up

# Where nothing is free, what follows is said of the day.
USUAL_HOUR = "10:00"
CHOSEN = ("practitioner", "room", "day", "time", "other_time")
# What is typed beside the time: kept while other times are looked at.
BESIDE = ("reason", "override_reason", "asked_by", "version")
# Where somebody came from, by the page they came to: a time is looked for on many addresses of that page.
BACK = "back"
Deal = Callable[[BookingForm], Appointment]


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the best times as a link: it puts that time into the form below."""

    best: BestTime
    href: str
    is_here: bool


def choose_time(
    request: StaffRequest, story: BookingStory, kind: type[BookingForm], deal: Deal, *, verb: str, done: str
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, story=story) if posted is not None else kind(None, story=story, initial=_beside(request.GET))
    if posted is not None and form.is_valid() and (made := attempt(form, lambda: deal(form))):
        messages.success(request, f"{first_up(story.name)} {done} {when(made)} with {made.practitioner}.")
        if way := request.session.pop(BACK, {}).get(request.path):
            return redirect(way)
        if story.moving or story.plan is None:
            return redirect("plans:appointment", made.pk)
        return redirect("plans:plan", story.plan.pk)
    if url_has_allowed_host_and_scheme(way := request.GET.get("back", ""), allowed_hosts=None):
        request.session[BACK] = {request.path: way}
    context = _context(request, story, form) | {"verb": verb}
    return staff_render(request, "plans/appointment_book.html", f"{verb} {story.name}", context)


def _context(request: StaffRequest, story: BookingStory, form: BookingForm) -> dict[str, Any]:
    said = request.POST if request.method == "POST" else request.GET
    wishes = WishesForm(request.GET, people=story.practitioners)
    best = story.best_times(request.user, wishes.wishes, _minutes(said, story)) if story.practitioners else ()
    asked = _asked(said, story, best)
    slot = SlotForm(asked, story=story)
    context: dict[str, Any] = {"offers": [], "starts": None, "refusal": None}
    if slot.is_valid():
        context |= _times(story, slot, asked, wishes)
        context["offers"] = [_offer(one, story, slot, wishes, context["starts"]) for one in best]
        context["follows"] = _follows(story, slot, context)
        form.initial["other_time"] = context["typed"]
    errors = form.errors.as_data().get("__all__", []) if form.is_bound else []
    refused = {str(error.code) for error in errors}
    refusal = context["refusal"]
    codes = refused | ({refusal.code} if isinstance(refusal, Refusal) else set())
    may_override = request.user.can(Deed.OVERRIDE) or not codes & FOR_CLINICIANS
    return context | {
        "story": story,
        "slot": slot,
        "form": form,
        "wishes": wishes,
        "patient": story.patient,
        "no_mail": why_no_mail(story.patient),
        "may_override": may_override,
        "asks_why": may_override and bool(codes & OVERRIDABLE),
        "is_move": story.moving is not None,
        "token": form["token"].value() or uuid4(),
        "version": _version(story, form, refused),
        "later": _later(story, said),
        "back": request.session.get(BACK, {}).get(request.path, ""),
    }


def _beside(said: QueryDict) -> dict[str, Any]:
    """What is typed beside the time, carried along while times are looked at."""
    found: dict[str, Any] = {name: said[name] for name in BESIDE if name in said}
    return found | ({"tell": said.getlist("tell")[-1] == "yes"} if "tell" in said else {})


def _minutes(said: QueryDict, story: BookingStory) -> int:
    asked = said.get("minutes", "")
    return int(asked) if asked.isdecimal() and len(asked) < 4 and SHORTEST <= int(asked) <= LONGEST else story.minutes


def _asked(said: QueryDict, story: BookingStory, best: tuple[BestTime, ...]) -> dict[str, str]:
    """What was chosen so far; when nothing was, the first of the best times, or for what is moved its own day."""
    if best and not story.moving and not any(name in said for name in CHOSEN):
        first = best[0]
        return {**_values(first, story), "minutes": said.get("minutes", str(story.minutes))}
    person, room = story.usual_practitioner, story.usual_room
    usual = {
        "practitioner": str(person.pk) if person else "",
        "room": str(room.pk) if room else "",
        "minutes": str(story.minutes),
    }
    found = {name: said.get(name, value) for name, value in usual.items()}
    chosen = {name: said.get(name, "") for name in ("time", "other_time")}
    return {**found, **chosen, "day": said.get("day") or _best_day(story, _minutes(said, story))}


def _values(one: BestTime, story: BookingStory) -> dict[str, str]:
    return {
        "practitioner": str(one.practitioner.pk),
        "room": str(one.room.pk) if one.room else "",
        "day": local_day(one.vacancy.starts, story.zone).isoformat(),
        "time": clock_words(one.vacancy.starts, story.zone),
    }


def _best_day(story: BookingStory, minutes: int) -> str:
    """The day nearest to the best one on which something is free; for what is moved, its own day."""
    if story.usual_practitioner is None or story.moving:
        return story.aim.isoformat()
    days = story.days(story.times(story.usual_practitioner, story.usual_room), minutes)
    nearest = min(days, key=lambda choice: abs(choice.day - story.aim), default=None)
    return (nearest.day if nearest else story.aim).isoformat()


def _times(story: BookingStory, slot: SlotForm, asked: dict[str, str], wishes: WishesForm) -> dict[str, Any]:
    """What is free on the day, and what speaks against the time that was asked for."""
    said = slot.cleaned_data
    times = story.times(said["practitioner"], said["room"], said["day"])
    free = [clock_words(start, story.zone) for start in times.free(said["day"], said["minutes"])]
    typed, listed = asked.get("other_time", ""), asked.get("time", "")
    starts = _instant(story, slot, typed or listed)
    is_listed = not typed and listed in free
    refusal = story.why_not_on(said["day"])
    if starts and (typed or listed) not in free:
        refusal = story.why_not_at(starts, said["minutes"], said["practitioner"], said["room"])
    return {
        "day": said["day"],
        "free": free,
        "days": story.days(times, said["minutes"]),
        "said": f"{slot.said()}&{wishes.asked()}".rstrip("&"),
        "chosen": listed if is_listed else "",
        "typed": "" if is_listed else typed or listed,
        "starts": starts,
        "ends": starts + timedelta(minutes=said["minutes"]) if starts else None,
        "refusal": refusal,
    }


def _instant(story: BookingStory, slot: SlotForm, clock: str) -> datetime | None:
    try:
        return at_local(slot.cleaned_data["day"], time.fromisoformat(clock), story.zone)
    except ValueError:
        return None


def _offer(one: BestTime, story: BookingStory, slot: SlotForm, wishes: WishesForm, starts: datetime | None) -> Offer:
    query = QueryDict(mutable=True)
    query.update({**_values(one, story), "minutes": str(slot.cleaned_data["minutes"])})
    is_with = slot.cleaned_data["practitioner"] == one.practitioner and slot.cleaned_data["room"] == one.room
    return Offer(one, f"?{query.urlencode()}&{wishes.asked()}".rstrip("&"), is_with and starts == one.vacancy.starts)


def _follows(story: BookingStory, slot: SlotForm, context: dict[str, Any]) -> Meaning | None:
    """What else changes when the session is held at the time chosen, or, before one is chosen, on that day."""
    if story.session is None or story.plan is None:
        return None
    starts = context["starts"] or _instant(story, slot, context["free"][0] if context["free"] else USUAL_HOUR)
    if starts is None:
        return None
    ends = starts + timedelta(minutes=slot.cleaned_data["minutes"])
    return consequences(story.plan, Move(str(story.session.pk), starts, ends), now=story.now)


def _version(story: BookingStory, form: BookingForm, refused: set[str]) -> object:
    """The one the page showed first; once somebody was told what changed meanwhile, the one as it is now."""
    if story.moving is None:
        return ""
    shown = form["version"].value() if "version" in form.fields else None
    return story.moving.version if "changed_meanwhile" in refused else shown or story.moving.version


def _later(story: BookingStory, said: QueryDict) -> tuple[Appointment, str] | None:
    """Where it was moved to meanwhile, and what was chosen here as one would ask for it there."""
    if story.moving is None:
        return None
    row = Appointment.objects.select_related("location").filter(rescheduled_from=story.moving).first()
    query = QueryDict(mutable=True)
    query.update({name: asked for name in (*CHOSEN, "minutes", "reason", "asked_by") if (asked := said.get(name))})
    return (row, query.urlencode()) if row else None


def made_once(made: list[UUID], form: BookingForm, request: StaffRequest) -> Appointment:
    """What the form made, now or when it was sent first; somebody who went back and chose anew is told."""
    rows = Appointment.objects.visible_to(request.user).select_related("practitioner", "location")
    row = rows.get(pk=made[0])
    if (row.starts, row.practitioner) != (form.starts, form.cleaned_data["practitioner"]):
        sentence = f"This form was sent before, and {when(row)} with {row.practitioner} is booked. Move that instead."
        raise Refusal("sent_already", sentence)
    return row


def when(row: Appointment) -> str:
    zone = row.location.zone
    return f"{day_words(local_day(row.starts, zone))}, {clock_words(row.starts, zone)}"
