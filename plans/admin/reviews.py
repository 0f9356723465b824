"""Reviews, their photos, and the views they need."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.base import HouseAdmin, HouseInline, door
from clinic.admin.filters import location_filter
from clinic.admin.permissions import DeedPermissions
from clinic.admin.words import chip, day, instant, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.admin.filters import DueFilter
from plans.models import Photo, Review, View, ViewSet
from plans.rules.happened import Happened


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
        ("shedding_scale", "density", "density_method"),
        ("patient_rating", "patient_says"),
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


class UnusedOnly(DeedPermissions):
    """A set that a review was promised with stays as it was: pictures are compared by it."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        promised = isinstance(obj, ViewSet) and obj.reviews.exists()
        return super().has_change_permission(request, obj) and not promised


class ViewInline(UnusedOnly, HouseInline):
    model = View
    see_deed = Deed.SEE_PROTOCOLS
    change_deed = Deed.CHANGE_PROTOCOLS
    fields = ("position", "key", "title", "instruction")
    verbose_name_plural = "Views"


@admin.register(ViewSet)
class ViewSetAdmin(UnusedOnly, HouseAdmin):
    see_deed = Deed.SEE_PROTOCOLS
    change_deed = Deed.CHANGE_PROTOCOLS
    changed = Happened.VIEW_SET_CHANGED
    nothing_here = "The standard views of a diagnosis. They come with the protocol library."
    list_display = ("title", "key", "version")
    search_fields = ("title", "key")
    fields = ("title", ("key", "version"))
    readonly_fields = ("key", "version")
    inlines = (ViewInline,)
