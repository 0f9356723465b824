"""The assessment's page: what was found goes in, a verdict with its reasons comes out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.area_forms import MethodForm, finding_forms
from patients.assess_forms import AssessmentForm
from patients.models import AreaFinding, Assessment
from patients.operations.assessments import assess_patient
from patients.queries.assessments import AssessmentStory, assessment_story


@staff_page(Deed.ASSESS)
def patient_assess(request: StaffRequest, pk: UUID) -> HttpResponse:
    """`shown`: one assessment in full. Without it the form, which starts from the newest unless `blank` is asked."""
    now = clock.now()
    story = assessment_story(request.user, pk, shown=id_in(request.GET.get("shown", "")), now=now)
    page = _Page(request, story)
    if request.POST.get("do") == "look":
        # What the figures mean while they are typed: nothing is written, so nothing need be right yet.
        return render(request, "patients/_assess_meanings.html", {"means": page.form.meanings(), "swap": True})
    if request.method == "POST" and page.is_valid():
        made = attempt(
            page.form,
            lambda: assess_patient(
                patient_id=pk,
                assessment=page.form.save(commit=False),
                findings=page.findings(),
                by=request.user,
                now=now,
            ),
        )
        if made:
            messages.success(request, f"The assessment is saved: {made.get_verdict_display().lower()}.")
            return redirect(f"{request.path}?shown={made.pk}")
    return staff_render(request, "patients/assess.html", f"Assess {story.patient.name}", page.context())


class _Page:
    """The forms of one page, from what was sent or from the assessment before."""

    def __init__(self, request: StaffRequest, story: AssessmentStory) -> None:
        sent: QueryDict | None = request.POST if request.method == "POST" else None
        self.story = story
        self.before: Assessment | None = None if "blank" in request.GET else story.newest
        self.form = AssessmentForm(sent, today=story.today, before=self.before)
        self.method = MethodForm(sent)
        self.areas = finding_forms(sent, before=self.before.findings.all() if self.before else ())

    def is_valid(self) -> bool:
        # A list: every form is asked, so that all errors show at once.
        return all([self.form.is_valid(), self.method.is_valid(), *(area.is_valid() for area in self.areas)])

    def findings(self) -> list[AreaFinding]:
        judged_by = self.method.cleaned_data["judged_by"]
        return [finding for area in self.areas if (finding := area.finding(judged_by))]

    def context(self) -> dict[str, object]:
        return {
            "story": self.story,
            "patient": self.story.patient,
            "form": self.form,
            "method": self.method,
            "areas": self.areas,
            "before": self.before,
        }
