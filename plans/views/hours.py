"""Hours, and days that are otherwise: what a change would mean for those who are booked stands before it is saved."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.operations.hours import add_holidays, remove_special_hours, set_special_hours, set_weekly_hours
from clinic.queries.hours import HolidayPage, holiday_page, hours_page, owners_to_close, special_day, week_to_edit
from clinic.rules.asked import id_in
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.wording import day_words
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.hours import SpecialForm
from plans.forms.week import week_as_it_is, week_from
from plans.queries.outside_hours import Effect, booked_on, outside_day, outside_week

LOOKED = "looked"
NOTHING = Effect((), 0)


@staff_page(Deed.CHANGE_CLINIC)
def hours(request: StaffRequest) -> HttpResponse:
    page = hours_page(request.user, location_id=id_in(request.GET.get("location", "")), now=clock.now())
    return staff_render(request, "plans/hours.html", "Hours", {"page": page})


@staff_page(Deed.CHANGE_CLINIC)
def hours_week(request: StaffRequest, key: str) -> HttpResponse:
    """GET shows the week; POST edits it, or saves it once it was seen whom it leaves outside."""
    story = week_to_edit(request.user, key)
    owner = story.owner
    week = week_as_it_is(story.weekly, getattr(owner.thing, "buffer_minutes", 0))
    effect, refusal, is_saving = NOTHING, "", request.POST.get("do") == "save"
    if request.method == "POST":
        week = week_from(request.POST, must_be_open=owner.is_location)
        if is_saving and not week.has_faults:
            effect = outside_week(request.user, owner, week.weekly, now=clock.now())
            if effect.sign == request.POST.get(LOOKED, NOTHING.sign):
                try:
                    set_weekly_hours(
                        whose=key,
                        weekly=week.weekly,
                        buffer_minutes=week.minutes,
                        seen=request.POST.get("seen"),
                        by=request.user,
                        now=clock.now(),
                    )
                except Refusal as no:
                    refusal = no.sentence
                else:
                    messages.success(request, f"The hours of {owner} are changed. {_kept(effect)}")
                    return redirect(f"{reverse('plans:hours')}?location={owner.location.pk}")
    context = {
        "story": story,
        "owner": owner,
        "week": week,
        "effect": effect,
        "refusal": refusal,
        "seen": request.POST.get("seen", story.seen),
        "is_saving": is_saving,
        "fresh": request.POST.get("do", ""),
    }
    return staff_render(request, "plans/hours_week.html", f"Weekly hours: {owner}", context)


@staff_page(Deed.CHANGE_CLINIC)
def hours_special(request: StaffRequest) -> HttpResponse:
    groups = owners_to_close(request.user)
    first = {"whose": request.GET.get("whose", ""), "day": request.GET.get("day", "")}
    form = SpecialForm(request.POST or None, groups=groups, initial=first)
    effect = NOTHING
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        effect = outside_day(request.user, form.owner, said["day"], form.periods, now=clock.now())
        if effect.sign == request.POST.get(LOOKED, NOTHING.sign):
            try:
                owner = set_special_hours(
                    whose=said["whose"],
                    day=said["day"],
                    periods=form.periods,
                    note=said["note"],
                    by=request.user,
                    now=clock.now(),
                )
            except Refusal as no:
                form.refuse(no)
            else:
                messages.success(request, f"{owner} has other hours on {day_words(said['day'])}. {_kept(effect)}")
                return redirect(f"{reverse('plans:hours')}?location={owner.location.pk}")
    context = {"form": form, "groups": groups, "effect": effect, "is_saving": bool(effect)}
    return staff_render(request, "plans/hours_special.html", "Other hours on one day", context)


@require_POST
@staff_page(Deed.CHANGE_CLINIC)
def hours_special_remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    owner, day = special_day(request.user, pk)
    effect = outside_day(request.user, owner, day, (), now=clock.now())
    words = remove_special_hours(special_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"{words}: the weekly hours count again. {_kept(effect)}")
    return redirect(f"{reverse('plans:hours')}?location={owner.location.pk}")


@staff_page(Deed.CHANGE_CLINIC)
def hours_holidays(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET lists a country's holidays of a year; POST closes the location on those that are ticked."""
    sent = request.POST if request.method == "POST" else request.GET
    page = holiday_page(
        request.user,
        location_id=pk,
        country=sent.get("country"),
        region=sent.get("region", ""),
        year=_number(sent.get("year", "")),
        now=clock.now(),
    )
    if request.method == "POST":
        return _close_on_holidays(request, page)
    booked = booked_on(page.location, [row.holiday.day for row in page.rows], now=clock.now())
    rows = [(row, booked[row.holiday.day]) for row in page.rows]
    title = f"Public holidays: {page.location}"
    return staff_render(request, "plans/hours_holidays.html", title, {"page": page, "rows": rows})


def _close_on_holidays(request: StaffRequest, page: HolidayPage) -> HttpResponse:
    ticked = set(request.POST.getlist("day"))
    days = [row.holiday for row in page.rows if row.holiday.day.isoformat() in ticked]
    made = add_holidays(location_id=page.location.pk, days=days, by=request.user, now=clock.now())
    booked = booked_on(page.location, [one.day for one in days], now=clock.now())
    if not made:
        messages.info(request, "Nothing to close: tick a holiday that is not closed yet.")
    else:
        messages.success(request, f"Closed on {_count(len(made), 'public holiday')}.")
    for closure in made:
        if hit := booked[local_day(closure.starts, page.location.zone)]:
            what = f"{_count(hit, 'appointment')} booked on {closure.note}"
            messages.warning(request, f"{what}: find new times under “Away and closed”.")
    return redirect(f"{reverse('plans:hours')}?location={page.location.pk}")


def _kept(effect: Effect) -> str:
    outside = len(effect.rows) + effect.others
    if not outside:
        return "No booked appointment lies outside of them."
    return f"{_count(outside, 'appointment')} outside of them stay{'s' if outside == 1 else ''} booked as before."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None
