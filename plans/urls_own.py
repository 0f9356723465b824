from django.urls import URLPattern, path

from plans.views import own, own_calendar, own_offers, own_report, own_times

own_urls: list[URLPattern] = [
    path("p/<str:token>/", own.own_page_view, name="own-page"),
    path("p/<str:token>/confirm/", own.confirm, name="own-confirm"),
    path("p/<str:token>/move/<uuid:pk>/", own_times.own_move, name="own-move"),
    path("p/<str:token>/cancel/<uuid:pk>/", own_times.own_cancel, name="own-cancel"),
    path("p/<str:token>/tick/", own.tick, name="own-tick"),
    path("p/<str:token>/report/", own_report.own_report_view, name="own-report"),
    path("p/<str:token>/report/<uuid:pk>/", own_report.own_report_answer, name="own-report-answer"),
    path("p/<str:token>/calendar.ics", own_calendar.own_calendar, name="own-calendar"),
    path("p/<str:token>/offer/<uuid:pk>/", own_offers.offer_page, name="own-offer"),
    path("p/<str:token>/mails/", own.mails, name="own-mails"),
    path("p/<str:token>/language/", own.language, name="own-language"),
    path("u/<str:token>/", own.unsubscribe_view, name="unsubscribe"),
]
