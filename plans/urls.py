from django.urls import URLPattern, URLResolver

from plans.urls_alignment import alignment_urls
from plans.urls_board import board_urls
from plans.urls_bounces import bounces_urls
from plans.urls_calendar import calendar_urls
from plans.urls_capture import capture_urls
from plans.urls_care import care_urls
from plans.urls_change import change_urls
from plans.urls_compare import compare_urls
from plans.urls_desk import desk_urls
from plans.urls_feeds import feeds_urls
from plans.urls_hours import hours_urls
from plans.urls_letter_times import letter_times_urls
from plans.urls_outbox import outbox_urls
from plans.urls_own import own_urls
from plans.urls_photos import photos_urls
from plans.urls_plan import plan_urls
from plans.urls_postroom import postroom_urls
from plans.urls_protocol import protocol_urls
from plans.urls_ratings import ratings_urls
from plans.urls_requests import requests_urls
from plans.urls_results import results_urls
from plans.urls_review import review_urls
from plans.urls_series import series_urls
from plans.urls_view_sets import view_sets_urls
from plans.urls_waiting import waiting_urls
from plans.urls_wording import wording_urls

app_name = "plans"
urlpatterns: list[URLPattern | URLResolver] = [
    *plan_urls,
    *change_urls,
    *desk_urls,
    *waiting_urls,
    *series_urls,
    *hours_urls,
    *feeds_urls,
    *calendar_urls,
    *board_urls,
    *own_urls,
    *outbox_urls,
    *protocol_urls,
    *care_urls,
    *postroom_urls,
    *bounces_urls,
    *requests_urls,
    *wording_urls,
    *letter_times_urls,
    *review_urls,
    *photos_urls,
    *capture_urls,
    *view_sets_urls,
    *compare_urls,
    *alignment_urls,
    *results_urls,
    *ratings_urls,
]
