"""The day, its appointments, and what happens at them."""

from django.urls import URLPattern, path

from plans.views import appointments, desk, sessions

desk_urls: list[URLPattern] = [
    path("desk/", desk.desk, name="desk"),
    path("appointments/<uuid:pk>/", appointments.appointment_page, name="appointment"),
    path("appointments/<uuid:pk>/move/", appointments.appointment_move, name="appointment-move"),
    path("appointments/<uuid:pk>/cancel/", appointments.appointment_cancel, name="appointment-cancel"),
    path("appointments/<uuid:pk>/no-show/", appointments.appointment_no_show, name="appointment-no-show"),
    path("appointments/<uuid:pk>/check-in/", appointments.appointment_check_in, name="appointment-check-in"),
    path("sessions/<uuid:pk>/book/", appointments.session_book, name="session-book"),
    path("sessions/<uuid:pk>/complete/", sessions.session_complete, name="session-complete"),
    path("sessions/<uuid:pk>/checklist/", sessions.session_checklist, name="session-checklist"),
    path("patients/<uuid:pk>/book/", appointments.consultation_book, name="consultation-book"),
    path("reviews/<uuid:pk>/book/", appointments.review_book, name="review-book"),
]
