"""The watchdog's question from outside: is anything wrong that nobody sees yet?"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic import clock
from plans.doctor import examine


@never_cache
@require_safe
def healthz_deep(request: HttpRequest) -> JsonResponse:
    """200 when nobody has to act, else 503 and what is wrong, by name. The same checks as `manage.py doctor`, but for
    the walk through the files. Anybody may ask, so it repeats nothing that staff or a mail server wrote."""
    found = examine(clock.now(), walk=False)
    faults = [one.key for one in found if one.is_fault]
    notes = [one.key for one in found if not one.is_fault]
    answer = {"status": "fault" if faults else "ok", "faults": faults, "notes": notes}
    response = JsonResponse(answer, status=503 if faults else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark: a probe that fails is no error
    return response
