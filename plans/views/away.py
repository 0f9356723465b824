"""Who is away: entering it with everybody it hits, and finding new times until nobody is left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.models.hour_owner import Owner
from clinic.operations.hours import remove_closure
from clinic.queries.hours import Shut, closure_of, coming_closures, owners_to_close
from clinic.rules.asked import id_in
from clinic.rules.local_time import local_day
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.hours import AwayForm, Groups, chosen_in, decided_in
from plans.operations.away import Outcome, enter_leave_and_move, settle_hit
from plans.queries.away import AwayStory, away_story

LOOKED_AT_ANOTHER = "You changed whom or when after you looked: this is whom it hits now."


@staff_page(Deed.MOVE)
def away_new(request: StaffRequest) -> HttpResponse:
    """GET asks who is away when, and shows at once whom it hits when the address says so (?who=…&day=today); POST
    shows it (`do=look`) or enters it and does what was chosen (`do=enter`)."""
    now, groups = clock.now(), owners_to_close(request.user)
    asked = _asked(request, groups, now)
    form = AwayForm(request.POST or asked or None, groups=groups, now=now, initial=_first(request, groups, now))
    story = _story(request, form, now) if form.is_bound and form.is_valid() else None
    notice = ""
    if story and request.POST.get("do") == "enter":
        if story.lines and request.POST.get("looked") != form.sign:
            notice = LOOKED_AT_ANOTHER
        elif done := _entered(request, form, now):
            return done
    locations = [place for place, _ in groups]
    context = {
        "form": form,
        "story": story,
        "notice": notice,
        "token": request.POST.get("token") or uuid4(),
        "tells": request.method != "POST" or "tell" in request.POST or "looked" not in request.POST,
        "shortcuts": [owner for _, owners in groups for owner in owners if owner.practitioner],
        "closures": coming_closures(request.user, locations, now=now),
        "zones": len(locations) > 1,
    }
    return staff_render(request, "plans/away_new.html", "Leave and closures", context)


@staff_page(Deed.MOVE)
def away(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What a closure still hits; POST does what was chosen."""
    now, shut = clock.now(), closure_of(request.user, pk)
    if request.method == "POST" and request.POST.get("do") == "settle":
        tell = "tell" in request.POST
        done = settle_hit(closure_id=pk, decided=decided_in(request.POST), tell=tell, by=request.user, now=now)
        _say(request, done, tell)
        return redirect("plans:away", pk)
    closure = shut.closure
    story = away_story(
        request.user,
        shut.owner,
        closure.starts,
        closure.ends,
        is_entered=True,
        chosen=chosen_in(request.POST),
        now=now,
    )
    context = {"shut": shut, "story": story, "tells": True}
    return staff_render(request, "plans/away.html", f"{shut.owner}: {_what(shut)}", context)


@require_POST
@staff_page(Deed.MOVE)
def away_remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    words = remove_closure(closure_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"{words}: can be booked again. Whoever was moved stays where they are now.")
    return redirect("plans:away-new")


def _story(request: StaffRequest, form: AwayForm, now: datetime) -> AwayStory:
    chosen = chosen_in(request.POST)
    return away_story(request.user, form.owner, *form.period, is_entered=False, chosen=chosen, now=now)


def _entered(request: StaffRequest, form: AwayForm, now: datetime) -> HttpResponse | None:
    """None when it was refused: the sentence stands in the form."""
    tell = "tell" in request.POST
    try:
        done = enter_leave_and_move(
            absence=form.absence,
            decided=decided_in(request.POST),
            tell=tell,
            token=id_in(request.POST.get("token", "")),
            by=request.user,
            now=now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    messages.success(request, f"{form.owner} is entered as away.")
    _say(request, done, tell)
    return redirect("plans:away", done.closure_id)


def _say(request: StaffRequest, done: Outcome, tell: bool) -> None:
    for rows, verb in ((done.moved, "moved"), (done.cancelled, "cancelled")):
        if rows:
            said = "the patients are told by letter" if tell else "no letter says so: tell the patients yourself"
            messages.success(request, f"{len(rows)} {verb}; {said}.")
    for one in done.not_done:
        messages.error(request, f"{one.appointment.patient} is not moved: {one.sentence}")


def _asked(request: StaffRequest, groups: Groups, now: datetime) -> dict[str, Any] | None:
    """The form as an address fills it in: who, and a day or "today"."""
    owner, day = _who(request, groups), request.GET.get("day", "")
    if owner is None or not day or request.method == "POST":
        return None
    today = local_day(now, owner.location.zone)
    wanted = today if day == "today" else _day(day) or day
    kind = ClosureKind.LEAVE if wanted != today else ClosureKind.ILL
    kind = kind if owner.practitioner else ClosureKind.OTHER
    return {"whose": owner.key, "kind": kind.value, "first": wanted, "last": ""}


def _first(request: StaffRequest, groups: Groups, now: datetime) -> dict[str, Any]:
    owner = _who(request, groups)
    return {"whose": owner.key if owner else "", "kind": ClosureKind.LEAVE.value}


def _who(request: StaffRequest, groups: Groups) -> Owner | None:
    """By its key, or a practitioner's or room's bare id."""
    who = request.GET.get("who", "")
    owners = (owner for _, own in groups for owner in own)
    return next((one for one in owners if who and who in (one.key, str(one.thing.pk))), None)


def _what(shut: Shut) -> str:
    return str(shut.closure.get_kind_display()).lower()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
