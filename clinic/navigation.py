"""The sidebar: what this person may open, in the order a day asks for it. Settings name it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clinic.admin.base import door
from clinic.admin.permissions import may_do
from clinic.rules.roles import Deed

# Group, then word, icon, page, deed. The icons are the kit's own font.
Entry = tuple[str, str, str, Deed]
GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            ("Today", "today", "plans:desk", Deed.SEE_PATIENT),
            ("Patients", "groups", "patients:list", Deed.SEE_PATIENT),
            ("Plans", "event_note", "admin:plans_plan_changelist", Deed.SEE_PLAN),
            ("Reviews", "compare", "admin:plans_review_changelist", Deed.SEE_PLAN),
            ("Outbox", "outgoing_mail", "plans:outbox", Deed.SEE_OUTBOX),
        ),
    ),
    (
        "The clinic",
        (
            ("Protocols", "library_books", "admin:plans_protocol_changelist", Deed.SEE_PROTOCOLS),
            ("Care rules", "rule", "plans:care-rules", Deed.SEE_PROTOCOLS),
            ("View sets", "photo_camera", "admin:plans_viewset_changelist", Deed.SEE_PROTOCOLS),
            ("Consent forms", "contract", "admin:patients_consentform_changelist", Deed.CHANGE_CLINIC),
            ("Stock", "inventory_2", "admin:plans_lot_changelist", Deed.SEE_STOCK),
            ("Products", "vaccines", "admin:plans_product_changelist", Deed.SEE_STOCK),
        ),
    ),
    (
        "People and rooms",
        (
            ("Staff", "badge", "admin:clinic_staff_changelist", Deed.CHANGE_CLINIC),
            ("Practitioners", "stethoscope", "admin:clinic_practitioner_changelist", Deed.CHANGE_CLINIC),
            ("Rooms", "meeting_room", "admin:clinic_room_changelist", Deed.CHANGE_CLINIC),
            ("Locations", "location_on", "admin:clinic_location_changelist", Deed.CHANGE_CLINIC),
        ),
    ),
)
FALLBACK = {"patients:list": "admin:patients_patient_changelist", "plans:outbox": "admin:plans_reminder_changelist"}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups with at least one entry this person may open; each entry knows whether it is the page being looked at."""
    home = door("admin:index")
    first = _item(request, "Home", "home", home, request.path == home)
    groups: list[dict[str, Any]] = [{"title": "", "items": [first]}]
    for title, entries in GROUPS:
        items = [_entry(request, *entry) for entry in entries if may_do(request, entry[3])]
        groups.append({"title": title, "items": [item for item in items if item["link"]]})
    if may_do(request, Deed.SEE_AUDIT) or may_do(request, Deed.SEE_OWN_AUDIT):
        groups[-1]["items"] += [_entry(request, "Audit", "policy", "admin:clinic_auditline_changelist", Deed.SEE_AUDIT)]
    return [group for group in groups if group["items"]]


def _entry(request: HttpRequest, word: str, icon: str, page: str, _deed: Deed) -> dict[str, Any]:
    href = door(page) or door(FALLBACK.get(page, page))
    return _item(request, word, icon, href, bool(href) and request.path.startswith(href))


def _item(request: HttpRequest, word: str, icon: str, href: str, active: bool) -> dict[str, Any]:
    return {"title": word, "icon": icon, "link": href, "active": active}


def own_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Below one's own name."""
    return [
        {"title": "Change password", "link": door("account_change_password")},
        {"title": "Two-factor login", "link": door("mfa_index")},
    ]


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every staff page needs beside its own: the way to a patient, and whether one keeps the clinic."""
    return {
        "find_patient": door("patients:list") if may_do(request, Deed.SEE_PATIENT) else "",
        "keeps_clinic": may_do(request, Deed.CHANGE_CLINIC),
    }
