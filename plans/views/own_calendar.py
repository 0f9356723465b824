"""The calendar file behind a patient's own link: what is booked for her, in words anybody may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.models import Location
from patients.links import patient_behind
from plans.letters.gather import mail_domain
from plans.queries.own_calendar import own_events
from plans.rules.feed import calendar_text
from plans.views.own_frame import private_link, speaking


@private_link
@require_http_methods(["GET", "HEAD"])
def own_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """As a file to open once, or an address a calendar reads again and again: its entries keep their names."""
    now = clock.now()
    patient, _ = patient_behind(token, now=now)

    def summary(location: Location) -> str:
        return gettext("Appointment at %(clinic)s") % {"clinic": location.name}

    with speaking(request, patient):
        events = own_events(patient, domain=mail_domain, summary=summary, now=now)
    file = HttpResponse(calendar_text(patient.home_location.name, events), content_type="text/calendar; charset=utf-8")
    file["Content-Disposition"] = 'inline; filename="appointments.ics"'
    return file
