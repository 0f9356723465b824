"""Care rules: all of them, one of them, what changing it would do, and the change on its way through the plans."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.care_rules import CareRuleForm, PublishForm
from plans.models import Replanning
from plans.models.care_copies import Copies
from plans.operations.foresee import (
    CANCELLED,
    CORRECTED,
    NEW,
    NEW_DATE,
    Foreseen,
    PlanEffect,
    Sorted,
    foresee,
    sort_plans,
    to_settle,
)
from plans.operations.foresee import effects as effects_of
from plans.operations.replanning import ask_replanning, resume_replanning, stop_replanning
from plans.queries.care_rules import RuleStory, care_rule, care_rules, change_story, recent_changes
from plans.replan_steps import go_on
from plans.rules.care_change import force_words, settled
from plans.rules.course import CareKind
from plans.rules.reminders import LetterKind
from plans.rules.states import ReplanningState
from plans.tasks import tell_worker

PAGE = 50
# What a page may take to answer. A hundred plans are always worked out; beyond this the rest is estimated from them.
SECONDS = 4.0
HERE_SECONDS = 20.0
LATE = 20  # seconds without a step: nobody is at it
HOWS = (NEW_DATE, CORRECTED, CANCELLED, NEW)


@dataclass(frozen=True, slots=True)
class LetterLine:
    kind: str
    counts: tuple[int, ...]


@require_GET
@staff_page(Deed.SEE_PROTOCOLS)
def rules_page(request: StaffRequest) -> HttpResponse:
    context = {"phases": care_rules(request.user), "changes": recent_changes(request.user)}
    return staff_render(request, "plans/care_rules.html", "Care rules", context)


@require_GET
@staff_page(Deed.SEE_PROTOCOLS)
def rule_page(request: StaffRequest, key: str) -> HttpResponse:
    story = care_rule(request.user, key)
    return _rule(request, story, CareRuleForm(story=story))


@require_http_methods(["GET", "POST"])
@staff_page(Deed.CHANGE_PROTOCOLS)
def changes_page(request: StaffRequest, key: str) -> HttpResponse:
    """What the change would do. The form comes in the address, so that looking at it changes nothing."""
    story = care_rule(request.user, key)
    sent = request.POST if request.method == "POST" else request.GET
    form = CareRuleForm(sent, story=story)
    if not form.is_valid():
        return _rule(request, story, form)
    publish = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and publish.is_valid():
        said = publish.cleaned_data
        row = attempt(
            publish,
            lambda: ask_replanning(
                rule=form.rule(), protocol_ids=form.protocol_ids(), with_plans=said["with_plans"],
                reason=said["reason"], by=request.user, now=clock.now(),
            ),
        )  # fmt: skip
        if row:
            if row.state == ReplanningState.WAITING:
                tell_worker(row.pk)
            return redirect("plans:care-change", row.pk)
    context = _consequences(request, story, form, now=clock.now())
    return staff_render(request, "plans/care_rule_changes.html", "What changes", {**context, "publish": publish})


@require_http_methods(["GET", "POST"])
@staff_page(Deed.SEE_PROTOCOLS)
def change_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    if request.method == "POST":
        return _push(request, pk)
    story = change_story(request.user, pk)
    row, now = story.row, clock.now()
    is_open = row.state in (ReplanningState.WAITING, ReplanningState.RUNNING)
    is_late = is_open and (now - (row.beat_at or row.asked_at)).total_seconds() > LATE
    is_poll = "HX-Request" in request.headers
    if is_poll and (not is_open or is_late != ("late" in request.GET)):
        # Buttons come and go with a whole page: they shall not be swapped away under a finger.
        return HttpResponse(headers={"HX-Redirect": request.path})
    context = {
        "story": story, "row": row, "is_open": is_open, "is_late": is_late,
        "may_change": request.user.can(Deed.CHANGE_PROTOCOLS),
    }  # fmt: skip
    if is_poll:
        return render(request, "plans/_care_change_bar.html", context)
    return staff_render(request, "plans/care_change.html", "A care rule changes", context)


def _push(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Stop, go on, or make some steps in this request where there is no worker."""
    by, now = request.user, clock.now()
    if "stop" in request.POST:
        stop_replanning(replanning_id=pk, by=by, now=now)
    elif "resume" in request.POST:
        resume_replanning(replanning_id=pk, by=by, now=now)
        tell_worker(pk)
    elif "here" in request.POST and by.can(Deed.CHANGE_PROTOCOLS):
        go_on(Replanning.objects.get(pk=pk).pk, seconds=HERE_SECONDS)
    return redirect("plans:care-change", pk)


def _rule(request: StaffRequest, story: RuleStory, form: CareRuleForm) -> HttpResponse:
    ticked = set(form["protocols"].value() or ())
    context = {
        "story": story,
        "form": form,
        "standings": [(one, str(one.protocol.pk) in ticked) for one in story.standings],
        "may_change": request.user.can(Deed.CHANGE_PROTOCOLS),
    }
    return staff_render(request, "plans/care_rule.html", story.rule.text, context)


def _consequences(request: StaffRequest, story: RuleStory, form: CareRuleForm, *, now: datetime) -> dict[str, object]:
    wanted, chosen = form.rule(), form.protocol_ids()
    standings = [one for one in story.standings if one.protocol.pk in chosen]
    copies, plans = sort_plans(wanted=wanted, protocol_ids=chosen, by=request.user, now=now)
    seen = foresee(copies, plans.changing, now=now, seconds=SECONDS)
    share = seen.looked_at / len(plans.changing) if plans.changing else 1.0
    rows, page, pages, unseen = _page(request, copies, plans, now)
    new = [(one, settled(one.rule, wanted)) for one in standings]
    return {
        "story": story,
        "form": form,
        "wanted": wanted,
        "was": force_words(story.rule),
        "becomes": force_words(wanted),
        "versions": [one for one, rule in new if one.rule != rule],
        "unchanged": [one for one, rule in new if one.rule == rule],
        "settle": to_settle(wanted, chosen),
        "plans": plans,
        "changing": len(plans.changing),
        "adapted": len(plans.adapted),
        "seen": seen,
        "is_exact": share >= 1,
        "sessions": round(seen.crowded / share),
        "begun": round(seen.begun / share),
        "moved": round(seen.moved / share),
        "gone": round(seen.gone / share),
        "letters": _letters(seen, share),
        "tells": wanted.kind is CareKind.AVOID,
        "rows": rows,
        "page": page,
        "pages": pages,
        "unseen": unseen,
        "query": _query(request),
    }


def _page(
    request: StaffRequest, copies: Copies, plans: Sorted, now: datetime
) -> tuple[list[PlanEffect], int, int, int]:
    """One page of the plans that change, by the patient's name; only those of one's own places are named."""
    changing = set(plans.changing)
    mine = copies.plans().visible_to(request.user).order_by("patient__last_name", "patient__first_name", "pk")
    ids = [pk for pk in dict.fromkeys(mine.values_list("pk", flat=True)) if pk in changing]
    pages = max(-(-len(ids) // PAGE), 1)
    asked = request.GET.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return effects_of(copies, ids[(page - 1) * PAGE : page * PAGE], now=now), page, pages, len(changing) - len(ids)


def _letters(seen: Foreseen, share: float) -> list[LetterLine]:
    by_kind: dict[LetterKind, Counter[str]] = {}
    for (kind, how), count in seen.letters.items():
        by_kind.setdefault(kind, Counter())[how] += count
    return [
        LetterLine(kind.label, tuple(round(by_kind[kind][how] / share) for how in HOWS))
        for kind in LetterKind
        if kind in by_kind
    ]


def _query(request: HttpRequest) -> str:
    asked = (request.POST if request.method == "POST" else request.GET).copy()
    for name in ("page", "csrfmiddlewaretoken", "reason", "with_plans"):
        asked.pop(name, None)
    return asked.urlencode()
