"""The outbox and its letters."""

from django.urls import URLPattern, path

from plans.views import coming, outbox

outbox_urls: list[URLPattern] = [
    path("plans/<uuid:pk>/letters/", coming.plan_letters, name="plan-letters"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/close/", outbox.letters_close, name="letters-close"),
    path("outbox/<uuid:pk>/", outbox.letter_page, name="letter"),
    path("outbox/<uuid:pk>/letter.eml", outbox.letter_file, name="letter-file"),
    path("outbox/<uuid:pk>/resend/", outbox.letter_resend, name="letter-resend"),
    path("outbox/<uuid:pk>/stop/", outbox.letter_stop, name="letter-stop"),
    path("outbox/<uuid:pk>/close/", outbox.letter_close, name="letter-close"),
]
