from django.urls import URLPattern, URLResolver

from plans.urls_care import care_urls
from plans.urls_change import change_urls
from plans.urls_desk import desk_urls
from plans.urls_outbox import outbox_urls
from plans.urls_own import own_urls
from plans.urls_plan import plan_urls
from plans.urls_protocol import protocol_urls

app_name = "plans"
urlpatterns: list[URLPattern | URLResolver] = [
    *plan_urls,
    *change_urls,
    *desk_urls,
    *own_urls,
    *outbox_urls,
    *protocol_urls,
    *care_urls,
]
