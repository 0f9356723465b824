"""What comes back, and whom to phone instead."""

from django.urls import URLPattern, path

from plans.views import bounces

bounces_urls: list[URLPattern] = [
    path("hooks/mail/<str:secret>/", bounces.mail_hook, name="mail-hook"),
    path("outbox/phone/", bounces.phone_page, name="phone"),
    path("outbox/phone/settle/", bounces.phone_settled, name="phone-settle"),
    path("outbox/phone/<uuid:pk>/works/", bounces.address_works, name="address-works"),
    path("outbox/returns/", bounces.returns, name="returns"),
]
