"""The working day at the desk: who is where, what is printed, what is still to be booked."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import board, sheets

board_urls: list[URLPattern] = [
    path("desk/board/", board.board_page, name="board"),
    path("desk/board/<uuid:pk>/<slug:step>/", board.board_step, name="board-step"),
    path("appointments/<uuid:pk>/missed/", board.missed_page, name="missed"),
    path("desk/sheet/", sheets.day_sheet_page, name="day-sheet"),
    path("desk/week-sheet/", sheets.week_sheet_page, name="week-sheet"),
    path("desk/to-book/", sheets.to_book_page, name="to-book"),
]
