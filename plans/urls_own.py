from django.urls import URLPattern, path

from plans.views import own, own_offers

own_urls: list[URLPattern] = [
    path("p/<str:token>/", own.own_page_view, name="own-page"),
    path("p/<str:token>/confirm/", own.confirm, name="own-confirm"),
    path("p/<str:token>/tick/", own.tick, name="own-tick"),
    path("p/<str:token>/offer/<uuid:pk>/", own_offers.offer_page, name="own-offer"),
    path("p/<str:token>/mails/", own.mails, name="own-mails"),
    path("u/<str:token>/", own.unsubscribe_view, name="unsubscribe"),
]
