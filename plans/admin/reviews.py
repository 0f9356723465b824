"""Reviews, their photos, and the views they need."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, instant, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.admin.filters import DueFilter
from plans.models import Photo, Review, View, ViewSet


@admin.register(Review)
class ReviewAdmin(WorkAdmin):
    see_deed = Deed.SEE_PLAN
    history_deed = Deed.SEE_CLINICAL
    nothing_here = "Reviews come with a plan. They are dated from the first session really done."
    real_page_words = "Open the review"
    list_display_links = None
    list_display = ("shown_title", "shown_patient", "shown_due", "shown_window", "shown_state")
    list_filter = (DueFilter, "state", location_filter("plan__location"))
    list_select_related = ("plan__patient",)
    search_fields = ("plan__patient__folded_name", "title")
    search_help_text = "Half a patient's name"
    ordering = ("due",)
    fields = (("plan", "title"), ("due", "opens", "closes"), ("state", "view_set"))
    clinical_fields = (
        ("shedding_scale", "wash_count", "pull_test_hairs"),
        ("scale", "grade"),
        ("salt_top", "salt_back", "salt_left", "salt_right"),
        ("patient_rating", "patient_says"),
        ("adherence", "side_effects"),
        "notes",
        ("decision", "decided_at", "decided_by"),
        "decision_reason",
        "missing_views_reason",
    )

    def real_page(self, row: Review) -> str:
        return door("plans:review", row.pk)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        clinical = ("decision",) if self.may_see_clinical(request) else ()
        return (*super().get_list_display(request), *clinical)

    @admin.display(description="review", ordering="title")
    def shown_title(self, row: Review) -> SafeString:
        return link(door("plans:review", row.pk), row.title)

    @admin.display(description="patient", ordering="plan__patient__folded_name")
    def shown_patient(self, row: Review) -> str:
        return row.plan.patient.name

    @admin.display(description="due", ordering="due")
    def shown_due(self, row: Review) -> str:
        return f"about {day(row.due)}" if row.is_estimated else day(row.due)

    @admin.display(description="window", ordering="opens")
    def shown_window(self, row: Review) -> str:
        return f"{day(row.opens)} – {day(row.closes)}"

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Review) -> SafeString:
        return chip(row.state, row.get_state_display())


@admin.register(Photo)
class PhotoAdmin(WorkAdmin):
    """What is known of each picture. The picture itself is shown on its review, by a view that asks who is looking."""

    see_deed = Deed.SEE_PHOTOS
    nothing_here = "Photos are added on a review, one for each view it asks for."
    real_page_words = "Open the review"
    list_display = ("view", "shown_review", "shown_taken", "width", "height", "shown_state")
    list_filter = ("is_wet", location_filter("review__plan__location"))
    list_select_related = ("view", "review__plan__patient", "review__plan__location")
    search_fields = ("review__plan__patient__folded_name",)
    search_help_text = "Half a patient's name"
    exclude = ("original", "large", "medium", "thumb")

    def real_page(self, row: Photo) -> str:
        return door("plans:review", row.review_id)

    @admin.display(description="review")
    def shown_review(self, row: Photo) -> str:
        return str(row.review)

    @admin.display(description="taken", ordering="taken_at")
    def shown_taken(self, row: Photo) -> str:
        return instant(row.taken_at, row.review.plan.location.zone)

    @admin.display(description="state", ordering="superseded_at")
    def shown_state(self, row: Photo) -> SafeString:
        return chip("done", "Superseded") if row.superseded_at else chip("good", "Current")


class ViewInline(HouseInline):
    model = View
    see_deed = Deed.SEE_PROTOCOLS
    fields = ("position", "key", "title", "instruction", "is_required")
    verbose_name_plural = "Views"


@admin.register(ViewSet)
class ViewSetAdmin(WorkAdmin):
    see_deed = history_deed = Deed.SEE_PROTOCOLS
    nothing_here = "The standard views of a diagnosis. They come with the protocol library."
    real_page_words = "Open the view set"
    list_display_links = None
    list_display = ("shown_title", "version", "key", "shown_state")
    search_fields = ("title", "key")
    ordering = ("key", "-version")
    fields = ("title", ("key", "version"), ("made_at", "retired_at"), "note")
    inlines = (ViewInline,)

    def real_page(self, row: ViewSet) -> str:
        return door("plans:view-set", row.pk)

    @admin.display(description="view set", ordering="title")
    def shown_title(self, row: ViewSet) -> SafeString:
        return link(door("plans:view-set", row.pk), row.title)

    @admin.display(description="state", ordering="retired_at")
    def shown_state(self, row: ViewSet) -> SafeString:
        return chip("done", "Retired") if row.retired_at else chip("good", "In use")
