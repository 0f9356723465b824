"""What is injected: products and their lots, kept by clinicians."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import HouseAdmin, RecordedAdmin, door
from clinic.admin.words import chip, day, link
from clinic.rules.roles import Deed
from plans.models import Lot, Product
from plans.rules.happened import Happened


@admin.register(Product)
class ProductAdmin(HouseAdmin):
    see_deed = Deed.SEE_STOCK
    change_deed = Deed.CHANGE_STOCK
    add_allowed = True
    added, changed = Happened.PRODUCT_ADDED, Happened.PRODUCT_CHANGED
    nothing_here = "What is injected. A product comes first, then its lots."
    list_display = ("name", "modality", "maker", "donor_source", "shown_state")
    list_filter = ("modality", "is_active")
    search_fields = ("name", "maker")
    fields = (("name", "is_active"), ("modality", "maker"), "donor_source", "handling")

    @admin.display(description="state", ordering="is_active")
    def shown_state(self, row: Product) -> SafeString:
        return chip("good", "In use") if row.is_active else chip("done", "Not in use")


@admin.register(Lot)
class LotAdmin(RecordedAdmin):
    see_deed = Deed.SEE_STOCK
    change_deed = Deed.CHANGE_STOCK
    add_allowed = True
    added, changed = Happened.LOT_ADDED, Happened.LOT_CHANGED
    nothing_here = "A lot is entered when it arrives, so that later everybody who received it can be found."
    list_display = ("number", "product", "shown_expiry", "shown_state", "shown_given")
    list_filter = ("state", "product__modality")
    list_select_related = ("product",)
    search_fields = ("number", "product__name")
    ordering = ("expires_on",)
    fields = (("product", "number"), ("expires_on", "received_on"), ("state", "note"))

    @admin.display(description="expires", ordering="expires_on")
    def shown_expiry(self, row: Lot) -> str:
        return day(row.expires_on)

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Lot) -> SafeString:
        return chip(row.state, row.get_state_display())

    @admin.display(description="given to")
    def shown_given(self, row: Lot) -> SafeString:
        return link(f"{door('admin:plans_treatment_changelist')}?lot__id__exact={row.pk}", "Who received it")
