"""The page on which a review is decided: its forms, what they would mean, and accepting just that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic.rules.refusal import Refusal
from clinic.staff_pages import StaffRequest
from plans.forms.change_form import ChangeForm
from plans.forms.changes import FORMS
from plans.forms.plan import PlanForm
from plans.forms.review import DecideForm
from plans.models import Plan
from plans.operations.reviews import FurtherPlan, PlanChange, ReviewOutcome, decide_review
from plans.queries.consequences import Meaning, meaning_of
from plans.queries.plan_choice import Preview, preview_plan
from plans.queries.review_decide import DecideStory, appointment_lines
from plans.queries.review_story import CONSEQUENCES
from plans.rules.changes import Change
from plans.rules.decisions import Decide, Fate, fates
from plans.rules.states import PlanState

ACCEPT, CHOICE = "accept", "choice-"
TYPED_ON = "You changed something after this was worked out. Look at what it means now, then accept it."


@dataclass(slots=True)
class _Tried:
    """What the page works out of what was typed, or of the forms as they stand."""

    meaning: Meaning | None = None
    preview: Preview | None = None
    seen: str = ""
    answers: str = ""


class DecidePage:
    """What is typed on the way to a decision, what it would mean, and the accepting of it."""

    def __init__(self, request: StaffRequest, story: DecideStory) -> None:
        self.request, self.story = request, story
        self.now = story.now
        post = request.POST if request.method == "POST" else None
        self.is_accepted = post is not None and post.get("do") == ACCEPT
        self.form = DecideForm(post, missing=story.missing, looks=not self.is_accepted)
        self.change = self._change_form(post)
        self.further = self._plan_form(post)
        self.choices = {
            name.removeprefix(CHOICE): request.POST[name] for name in request.POST if name.startswith(CHOICE)
        }
        self.refusal = ""
        self.tried = self._try()

    # -- the forms --------------------------------------------------------------------------------------------------
    def _change_form(self, post: Mapping[str, str] | None) -> ChangeForm | None:
        change = self.story.change
        if change is None or change.why_not or change.must_choose:
            return None
        kind = FORMS[change.kind]
        # Before anything is typed the page shows what would follow from the form as it stands.
        said = post if post is not None else kind(story=change).as_it_stands()
        return _without_reason(kind(said, story=change, looks=True))

    def _change_shown(self) -> ChangeForm | None:
        """A field that nobody has filled in yet is no fault."""
        change = self.story.change
        if self.change is None or change is None or self.request.method == "POST":
            return self.change
        return _without_reason(FORMS[change.kind](story=change))

    def _plan_form(self, post: Mapping[str, str] | None) -> PlanForm | None:
        card, choice = self.story.card, self.story.choice
        if card is None or choice is None:
            return None
        currency = choice.patient.home_location.currency
        usual = PlanForm(card=card, today=choice.today, currency=currency)
        start = {name: field.initial for name, field in usual.fields.items() if field.initial is not None}
        said = post if post is not None and "starts_on" in post else {**start, "starts_on": choice.today}
        return PlanForm(said, card=card, today=choice.today, currency=currency)

    # -- what it would mean -----------------------------------------------------------------------------------------
    def _try(self) -> _Tried:
        found = _Tried()
        story = self.story
        if story.must_choose or story.why_no_change:
            return found
        wanted = self._wanted()
        if self.change and wanted is None:
            return found
        found.meaning = self._meaning(Decide(story.review.key, wanted, stops=story.stops))
        if self.further:
            found.preview = self._preview()
        if found.meaning is None or (self.further and found.preview is None):
            return _Tried()
        beside = found.preview.seen if found.preview else ""
        typed = (
            repr(sorted((name, str(self.further[name].value())) for name in self.further.fields))
            if self.further
            else ""
        )
        found.seen = found.meaning.seen + beside
        found.answers = sha256(f"{story.way}{found.meaning.answers}{typed}".encode()).hexdigest()
        return found

    def _wanted(self) -> Change | None:
        return self.change.change() if self.change and self.change.is_valid() else None

    def _meaning(self, wanted: Decide) -> Meaning | None:
        try:
            meaning = meaning_of(self.story.plan, self.story.facts, wanted, self.choices, now=self.now)
        except Refusal as refusal:
            if self.change:
                self.change.refuse(refusal)
            else:
                self.refusal = refusal.sentence
            return None
        if self.change:
            self.change.judge(meaning.preview.facts.course)
            return None if self.change.errors else meaning
        return meaning

    def _preview(self) -> Preview | None:
        form, story = self.further, self.story
        if form is None or story.card is None or story.choice is None or not form.is_valid():
            return None
        try:
            return preview_plan(
                story.choice, story.card, starts_on=form.cleaned_data["starts_on"], counts=form.counts()
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            return None

    # -- accepting --------------------------------------------------------------------------------------------------
    def is_whole(self) -> bool:
        return self.form.is_valid() and self.tried.meaning is not None

    def accept(self) -> Refusal | None:
        """Return why it was refused; None when it is done."""
        said = self.form.cleaned_data
        outcome = ReviewOutcome(
            decision=self.story.decision,
            decision_reason=said["decision_reason"].strip(),
            missing_views_reason=said.get("missing_views_reason", "").strip(),
        )
        try:
            decide_review(
                review_id=self.story.review.pk, outcome=outcome, by=self.request.user, now=self.now,
                follows=self._follows(), seen=self.request.POST.get("seen", ""),
            )  # fmt: skip
        except Refusal as refusal:
            return refusal
        return None

    def _follows(self) -> PlanChange | FurtherPlan | None:
        story = self.story
        if self.further and story.card and story.choice:
            price: Decimal | None = self.further.cleaned_data["price"]
            assessment = story.choice.assessment
            return FurtherPlan(
                story.card.protocol.pk, assessment.pk if assessment else None, self.further.cleaned_data["starts_on"],
                self.further.counts(), price,
            )  # fmt: skip
        if self.change and story.change and self.tried.meaning:
            version = story.change.version
            choices = self.tried.meaning.preview.choices
            return PlanChange(self.change.change(), choices, version.pk if version else None)
        return None

    def said(self, refusal: Refusal) -> str:
        """Whoever changed the answers without looking is not told that the world has moved."""
        if refusal.code == "moved" and self.request.POST.get("answers") != self.tried.answers:
            return TYPED_ON
        return refusal.sentence

    def go_on(self) -> HttpResponse:
        review, meaning = self.story.review, self.tried.meaning
        words = f"The review “{review.title}” is decided: {heading_of(self.story)}."
        drafted = Plan.objects.filter(patient=review.plan.patient_id, state=PlanState.DRAFT, made_at=self.now).first()
        if self.further and drafted:
            messages.success(self.request, f"{words} The draft of “{drafted.title}” is made: activate it next.")
            return redirect("plans:plan-activate", drafted.pk)
        messages.success(self.request, f"{words} {meaning.summary if meaning else ''}".strip())
        return redirect("plans:plan", review.plan_id)

    def _faults(self) -> list[str]:
        """Why nothing can be shown, in sentences. A field that nobody has filled in yet is no fault."""
        is_typed = self.request.method == "POST"
        return [
            f"{form.fields[name].label}: {sentence}" if name in form.fields else str(sentence)
            for form in (self.change, self.further)
            if form is not None
            for name, errors in form.errors.as_data().items()
            for error in errors
            if is_typed or error.code != "required"
            for sentence in error.messages
        ]

    # -- the page ---------------------------------------------------------------------------------------------------
    def context(self) -> dict[str, object]:
        story, meaning = self.story, self.tried.meaning
        booked = list(appointment_lines(fates(story.facts, meaning.preview.facts), story.facts)) if meaning else []
        return {
            "story": story, "review": story.review, "plan": story.plan, "patient": story.plan.patient,
            "lead_words": CONSEQUENCES[story.decision], "form": self.form, "change": self._change_shown(),
            "further": self.further, "meaning": meaning, "preview": self.tried.preview, "seen": self.tried.seen,
            "answers": self.tried.answers, "refusal": self.refusal,
            "warnings": self.change.warnings() if self.change and meaning else [],
            "faults": self._faults() if meaning is None else [],
            "has_faults": self.is_accepted and not self.refusal,
            "settled": [line for line in booked if line.fate is not Fate.KEPT],
            "kept": [line for line in booked if line.fate is Fate.KEPT],
            "heading": heading_of(story), "done": sum(bool(step.done_on) for step in story.facts.steps),
        }  # fmt: skip


def _without_reason(form: ChangeForm) -> ChangeForm:
    """The decision has its reason already: it is the change's as well."""
    del form.fields["reason"]
    return form


def heading_of(story: DecideStory) -> str:
    words = story.decision.label
    return f"{words[0].lower()}{words[1:]}"
