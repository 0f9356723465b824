"""Booking what is left of a plan together: wishes and proposal by GET, all of it or nothing by POST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.series import SeriesForm, line_code, picks_of, read_lines
from plans.forms.wishes import WishesForm
from plans.models import Appointment, Plan
from plans.operations.series import LineRefused, book_series
from plans.queries.series_story import SeriesStory, people_of_series, series_story, whose_series
from plans.rules.finder import Vacancy
from plans.rules.series import Line, Proposal
from plans.views.booking import when

Chosen = Mapping[UUID, Vacancy | None]


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is shown. `is_kept`: somebody chose this time; the others are laid out around it."""

    line: Line
    choices: tuple[Choice, ...]
    distance: str
    who: str
    open_code: str
    is_open: bool
    is_kept: bool
    is_refused: bool


@staff_page(Deed.BOOK)
def plan_series(request: StaffRequest, pk: UUID) -> HttpResponse:
    plan = whose_series(request.user, pk)
    said = request.POST if request.method == "POST" else request.GET
    chosen = read_lines(said.getlist("line"))
    form = SeriesForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, plan, form, chosen)
    form.is_valid()  # nothing in it can be wrong: a token that cannot be read is none
    try:
        made = book_series(
            plan_id=pk,
            picks=picks_of(chosen),
            token=form.cleaned_data["token"],
            tell=form.cleaned_data["tell"],
            by=request.user,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(request, plan, form, chosen, refusal)
    messages.success(request, _booked_words(made))
    return redirect("plans:plan", pk)


def _page(
    request: StaffRequest, plan: Plan, form: SeriesForm, chosen: Chosen, refusal: Refusal | None = None
) -> HttpResponse:
    people = people_of_series(request.user, plan)
    wishes = WishesForm(request.GET, people=people)
    failed = refusal.subject if isinstance(refusal, LineRefused) else None
    keep = {subject: one for subject, one in chosen.items() if one and subject != failed}
    story = series_story(request.user, plan, people, wishes=wishes.wishes, keep=keep, now=clock.now())
    rows = tuple(_row(story, line, chosen, failed) for line in story.proposal.lines)
    context: dict[str, Any] = {
        "story": story,
        "plan": plan,
        "patient": plan.patient,
        "wishes": wishes,
        "rows": rows,
        "count": sum(not row.is_open for row in rows),
        "helps": _helps(story.proposal, wishes),
        "refusal": refusal,
        "token": form["token"].value() or uuid4(),
        "ticked": request.GET.getlist("tell")[-1:] != ["no"] if not form.is_bound else form.cleaned_data["tell"],
    }
    return staff_render(request, "plans/series.html", "Book all that is left", context)


def _row(story: SeriesStory, line: Line, chosen: Chosen, failed: UUID | None) -> Row:
    left_open = line.vacancy is None or (line.subject in chosen and chosen[line.subject] is None)
    current = None if left_open else line.vacancy
    return Row(
        line=line,
        choices=tuple(
            Choice(line_code(line.subject, one), f"{story.when(one)} · {story.who_and_where(one)}", one == current)
            for one in story.times_of(line)
        ),
        distance=story.distance(current) if current else "",
        who=story.who_and_where(current) if current else "",
        open_code=line_code(line.subject, None),
        is_open=left_open,
        is_kept=line.subject in chosen and line.subject != failed,
        is_refused=line.subject == failed,
    )


def _helps(proposal: Proposal, wishes: WishesForm) -> tuple[tuple[str, str | None], ...]:
    """What would help, each with the wishes to ask for it, None where it is no matter of wishes. Where nothing was
    tried, every wish that may be in the way."""
    if proposal.whole:
        return ()
    ways = {
        "With any practitioner": wishes.asked(who=None),
        "On any weekday": wishes.asked(weekday=None, days=None),
        "At any hour": wishes.asked(part=None, begins=None, until=None),
        "With no wishes": "",
    }
    if proposal.would_help:
        return tuple((words, _way(words, ways)) for words in proposal.would_help)
    asked = wishes.wishes
    wished = bool(asked.practitioners), bool(asked.weekdays), bool(asked.begins or asked.until), not asked.are_none
    return tuple(way for way, is_wished in zip(ways.items(), wished, strict=True) if is_wished)


def _way(words: str, ways: Mapping[str, str]) -> str | None:
    return next((asked for begin, asked in ways.items() if words.startswith(begin)), None)


def _booked_words(made: list[Appointment]) -> str:
    first, last = made[0], made[-1]
    if len(made) == 1:
        return f"1 appointment is booked: {when(first)} with {first.practitioner}."
    told = "Nobody is told by mail." if first.is_silent else "One mail tells of all of them."
    return f"{len(made)} appointments are booked, the first {when(first)}, the last {when(last)}. {told}"
