"""The care rules, and a change of one on its way."""

from django.urls import URLPattern, path

from plans.views import care_rules

care_urls: list[URLPattern] = [
    path("care/", care_rules.rules_page, name="care-rules"),
    path("care/changes/<uuid:pk>/", care_rules.change_page, name="care-change"),
    path("care/<slug:key>/", care_rules.rule_page, name="care-rule"),
    path("care/<slug:key>/changes/", care_rules.changes_page, name="care-rule-changes"),
]
