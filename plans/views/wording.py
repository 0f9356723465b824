"""Letters in a location's own words: the list of them, and the editor with what a patient would get beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.models import Patient
from plans.forms.wording import WordingForm
from plans.letters.source import names_for
from plans.models import LetterWording
from plans.operations.wording import allow_test_letter, publish_wording
from plans.queries.wording import WordingStory, letters_to_try, people_to_try, person_to_try, wording_story, wordings
from plans.views.wording_post import outcome_words, send_test
from plans.views.wording_trial import Trial, basis_of, sample_basis, themed, tried
from plans.views.wording_words import compared, faults_of, language_words, source_of

Place = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody has before them: the letter, what they typed, and what it would read like."""

    story: WordingStory
    form: WordingForm
    trial: Trial
    found: tuple[Patient, ...]
    patient: Patient | None


@staff_page(Deed.CHANGE_CLINIC)
def wordings_page(request: StaffRequest) -> HttpResponse:
    told = wordings(request.user, _id(request.GET.get("at", "")))
    languages = [language_words(language) for language, _ in told.groups[0][1][0].own]
    return staff_render(request, "plans/wordings.html", "Letters", {"told": told, "languages": languages})


@staff_page(Deed.CHANGE_CLINIC)
@sensitive_post_parameters()
def wording_page(request: StaffRequest, pk: UUID, kind: str, language: str) -> HttpResponse:
    """POST publishes (`do=publish`); any other button only looks."""
    desk = _desk(request, (pk, kind, language))
    publishes = request.method == "POST" and request.POST.get("do") == "publish"
    if publishes and desk.form.is_valid() and (made := _publish(request, desk)):
        messages.success(request, f"Version {made.version} is in use. Letters written from now on say it.")
        return redirect("plans:wording", pk, kind, language)
    return _editor(request, desk, asked=publishes)


@require_POST
@staff_page(Deed.CHANGE_CLINIC)
@sensitive_post_parameters()
def wording_preview(request: StaffRequest, pk: UUID, kind: str, language: str) -> HttpResponse:
    """What was typed, read by the patient; nothing is written."""
    desk = _desk(request, (pk, kind, language))
    return render(request, "plans/_wording_live.html", {**_shown(desk), "is_live": True})


@require_POST
@staff_page(Deed.CHANGE_CLINIC)
@sensitive_post_parameters()
def wording_test(request: StaffRequest, pk: UUID, kind: str, language: str) -> HttpResponse:
    """Send what was typed to the person's own address."""
    desk = _desk(request, (pk, kind, language))
    is_good, said = _test(request, desk)
    if request.headers.get("HX-Request"):
        told = {"is_live": True, "is_good": is_good, "test_said": said}
        return render(request, "plans/_wording_live.html", {**_shown(desk), **told})
    (messages.success if is_good else messages.error)(request, said)
    return _editor(request, desk, asked=False)


def _desk(request: StaffRequest, place: Place) -> Desk:
    now = clock.now()
    story = wording_story(request.user, *place)
    first = {"seen": story.seen, **_in_use(story)}
    form = WordingForm(
        request.POST if request.method == "POST" else None,
        initial=first,
        language=story.language,
        is_rtl=language_words(story.language).is_rtl,
    )
    found = people_to_try(request.user, story.location, _typed(request, "words"))
    patient = _chosen(request, story)
    basis = sample_basis(story)
    if patient:
        basis = basis_of(story, patient, letters_to_try(patient, story.kind, now=now), now=now)
    return Desk(story, form, tried(story, *form.source, basis), found, patient)


def _in_use(story: WordingStory) -> dict[str, str]:
    subject, body = source_of(story, story.current)
    return {"subject": subject, "body": body}


def _chosen(request: StaffRequest, story: WordingStory) -> Patient | None:
    """The patient the preview is about; sample facts when there is none of that id here."""
    patient_id = _id(_typed(request, "patient"))
    try:
        return person_to_try(request.user, story.location, patient_id) if patient_id else None
    except ObjectDoesNotExist:
        return None


def _publish(request: StaffRequest, desk: Desk) -> LetterWording | None:
    story, said = desk.story, desk.form.cleaned_data
    if story.current is None and {name: said[name] for name in ("subject", "body")} == _in_use(story):
        desk.form.add_error(None, "This says what the house says, word for word: change it first.")
        return None

    def publish() -> LetterWording:
        return publish_wording(
            location_id=story.location.pk, kind=story.kind, language=story.language, subject=said["subject"],
            body=said["body"], note=said["note"], seen=said["seen"], check=faults_of, by=request.user, now=clock.now(),
        )  # fmt: skip

    return attempt(desk.form, publish)


def _test(request: StaffRequest, desk: Desk) -> tuple[bool, str]:
    story, letter = desk.story, desk.trial.letter
    if letter is None:
        return False, "Not sent: mend what is marked first."
    now: datetime = clock.now()
    try:
        allow_test_letter(
            location_id=story.location.pk, kind=story.kind, language=story.language,
            patient_id=desk.patient.pk if desk.patient else None, by=request.user, now=now,
        )  # fmt: skip
        outcome = send_test(letter, location=story.location, to=request.user, now=now)
    except Refusal as refusal:
        return False, refusal.sentence
    return outcome.kind.value == "sent", outcome_words(outcome, request.user.email)


def _editor(request: StaffRequest, desk: Desk, *, asked: bool) -> HttpResponse:
    """The whole page. After a refusal because somebody was quicker, the next try is made knowing their version."""
    story, form = desk.story, desk.form
    newer: tuple[object, ...] = ()
    if form.is_bound and form.has_error("__all__", "newer"):
        story = wording_story(request.user, story.location.pk, story.kind, story.language)
        form.data = {**dict(form.data.items()), "seen": story.seen}
        newer = compared(source_of(story, story.current), form.source)
    context = {
        **_shown(desk),
        "story": story,
        "names": names_for(story.kind, story.language),
        "newer": newer,
        "asked": asked,
        "show": _typed(request, "show"),
        "width": _typed(request, "width"),
        "draft_key": f"{request.user.pk}/{story.location.pk}/{story.kind}/{story.language}",
        "address": request.user.email,
        "back": f"{reverse('plans:wordings')}?at={story.location.pk}",
    }
    return staff_render(request, "plans/wording.html", story.kind.label, context)


def _shown(desk: Desk) -> dict[str, object]:
    letter = desk.trial.letter
    return {
        "story": desk.story,
        "form": desk.form,
        "trial": desk.trial,
        "language": language_words(desk.story.language),
        "found": desk.found,
        "patient": desk.patient,
        "looked_for": str(desk.form["words"].value() or "").strip(),
        "frame": themed(letter.html, dark=bool(desk.form["dark"].value())) if letter else "",
        "faults": desk.trial.faults,
    }


def _typed(request: StaffRequest, name: str) -> str:
    return request.POST.get(name, "")[:100]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
