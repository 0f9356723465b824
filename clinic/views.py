from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.queries.health import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503 and which is missing. Says nothing of any patient."""
    answer = health()
    body: dict[str, object] = {"status": "ok" if answer.is_well else "missing", "parts": answer.parts}
    if not answer.is_well:
        body["missing"] = answer.missing
    response = JsonResponse(body, status=200 if answer.is_well else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark: a probe that fails is no error
    return response
