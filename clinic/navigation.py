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
            ("Calendar", "calendar_month", "plans:desk", Deed.SEE_PATIENT),
            ("Check-in", "how_to_reg", "plans:board", Deed.SEE_PATIENT),
            ("To book", "event_upcoming", "plans:to-book", Deed.SEE_PATIENT),
            ("Waiting list", "hourglass_top", "plans:waiting", Deed.SEE_PATIENT),
            ("Requests", "mark_email_unread", "plans:requests", Deed.BOOK),
            ("Phone these", "call", "plans:phone", Deed.SEE_OUTBOX),
            ("Patients", "groups", "patients:list", Deed.SEE_PATIENT),
            ("Plans", "event_note", "admin:plans_plan_changelist", Deed.SEE_PLAN),
            ("Reviews", "compare", "admin:plans_review_changelist", Deed.SEE_PLAN),
            ("Blinded ratings", "visibility_off", "plans:ratings", Deed.REVIEW),
            ("Outbox", "outgoing_mail", "plans:outbox", Deed.SEE_OUTBOX),
            ("Postroom", "local_post_office", "plans:postroom", Deed.SEE_OUTBOX),
        ),
    ),
    (
        "The clinic",
        (
            ("Protocols", "library_books", "admin:plans_protocol_changelist", Deed.SEE_PROTOCOLS),
            ("Care rules", "rule", "plans:care-rules", Deed.SEE_PROTOCOLS),
            ("View sets", "photo_camera", "plans:view-sets", Deed.SEE_PROTOCOLS),
            ("Photo rules", "center_focus_strong", "plans:photo-rules-here", Deed.SEE_PROTOCOLS),
            ("Consent forms", "contract", "admin:patients_consentform_changelist", Deed.CHANGE_CLINIC),
            ("Letters: when", "schedule_send", "plans:letter-times-here", Deed.CHANGE_CLINIC),
            ("Letters: words", "stylus_note", "plans:wordings", Deed.CHANGE_CLINIC),
            ("Stock", "inventory_2", "admin:plans_lot_changelist", Deed.SEE_STOCK),
            ("Products", "vaccines", "admin:plans_product_changelist", Deed.SEE_STOCK),
        ),
    ),
    (
        "People and rooms",
        (
            ("Leave", "beach_access", "plans:away-new", Deed.MOVE),
            ("Hours", "schedule", "plans:hours", Deed.CHANGE_CLINIC),
            ("Calendar addresses", "rss_feed", "plans:feeds", Deed.SEE_PROTOCOLS),
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
    first = _item("Home", "home", home)
    groups: list[dict[str, Any]] = [{"title": "", "items": [first]}]
    for title, entries in GROUPS:
        items = [_entry(*entry) for entry in entries if may_do(request, entry[3])]
        groups.append({"title": title, "items": [item for item in items if item["link"]]})
    if may_do(request, Deed.SEE_AUDIT) or may_do(request, Deed.SEE_OWN_AUDIT):
        groups[-1]["items"] += [_entry("Audit", "policy", "admin:clinic_auditline_changelist", Deed.SEE_AUDIT)]
    _mark(request, [item for group in groups for item in group["items"]])
    return [group for group in groups if group["items"]]


def _mark(request: HttpRequest, items: list[dict[str, Any]]) -> None:
    """The page being looked at is the one with the longest address that fits: /desk/board/ is not the calendar."""
    home = door("admin:index")
    fitting = [one for one in items if one["link"] and request.path.startswith(one["link"])]
    fitting = [one for one in fitting if one["link"] != home or request.path == home]
    here = max(fitting, key=lambda item: len(item["link"]), default=None)
    for item in items:
        item["active"] = item is here


def _entry(word: str, icon: str, page: str, _deed: Deed) -> dict[str, Any]:
    href = door(page) or door(FALLBACK.get(page, page))
    return _item(word, icon, href)


def _item(word: str, icon: str, href: str) -> dict[str, Any]:
    return {"title": word, "icon": icon, "link": href, "active": False}


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
