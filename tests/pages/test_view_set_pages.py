"""The pages of view sets: read by whoever takes pictures, written as the next version without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from plans.forms.view_sets import ViewSetEditor
from plans.models import Photo, ViewSet
from plans.models.view_set_facts import content_of
from plans.rules.view_sets import PATTERN
from tests.cast import Cast, open_clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return open_clinic(keys=("prp",))


def logged_in(person: Staff) -> Client:
    person.is_staff = True
    person.save()
    browser = Client()
    browser.force_login(person)
    return browser


def pattern(version: int = 1) -> ViewSet:
    return ViewSet.objects.get(key="pattern", version=version)


def page(name: str, *rows: ViewSet) -> str:
    return reverse(f"plans:view-set{name}", args=[row.pk for row in rows])


def as_typed(html: str) -> dict[str, Any]:
    """What a browser sends back when nothing is touched, read off the page itself."""
    form = html.split("data-view-set", 1)[1].split("</form>")[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
        is_tick = said.get("type") == "checkbox"
        if not is_tick or " checked" in tag:
            sent.setdefault(said["name"], []).append(said.get("value", "on" if is_tick else ""))
    for name, words in re.findall(r'<textarea name="([^"]*)"[^>]*>\s*([^<]*)</textarea>', form):
        sent[name] = words
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.findall(r'<option value="([^"]*)" selected', options)[0]
    return sent


def test_a_clinician_reads_how_each_picture_is_taken_and_changes_nothing(cast: Cast) -> None:
    browser = logged_in(cast.doctor)
    html = browser.get(page("", pattern())).content.decode()
    for view in PATTERN.views:
        assert view.title in html and view.pose in html and view.hair in html
    assert html.count("<svg") == len(PATTERN.views)
    assert page("-edit", pattern()) not in html
    assert browser.post(page("-renew", pattern())).status_code == 403


def test_a_page_sent_back_untouched_changes_nothing(cast: Cast) -> None:
    browser = logged_in(cast.manager)
    sent = as_typed(browser.get(page("-edit", pattern())).content.decode())
    looked = browser.post(page("-edit", pattern()), sent | {"do": "look"}).content.decode()
    assert "Nothing is different" in looked
    saved = browser.post(page("-edit", pattern()), sent | {"do": "save", "note": "Nothing"}).content.decode()
    assert "This says the same as version 1" in saved
    assert ViewSet.objects.filter(key="pattern").count() == 1


def test_views_are_moved_removed_and_added_by_buttons_and_published_after_a_look(cast: Cast) -> None:
    cast.active_plan("Noor", "prp")
    browser = logged_in(cast.manager)
    here, html = page("-edit", pattern()), browser.get(page("-edit", pattern())).content.decode()
    for do in ("down-0", "remove-5", "add", "up-5"):
        html = browser.post(here, as_typed(html) | {"do": do}).content.decode()
    sent = as_typed(html)
    assert [sent[f"views-{n}-title"] for n in range(6)] == [
        [one] for one in ("Midline parting", "Vertex", "Front hairline", "Left temple", "", "Right temple")
    ]
    wrong = browser.post(here, sent | {"do": "look", "views-4-title": "Crown, close up"}).content.decode()
    assert "Say what the picture shows." in wrong
    sent |= {"views-4-title": "Crown, close up", "views-4-instruction": "The crown.", "views-4-guide": "close_up"}
    looked = browser.post(here, sent | {"do": "look"}).content.decode()
    assert "What changes with version 2" in looked
    assert "open reviews keep their views" in looked
    assert not ViewSet.objects.filter(key="pattern", version=2).exists()
    bare = browser.post(here, sent | {"do": "save"}).content.decode()
    assert "Write what is different" in bare
    saved = browser.post(here, sent | {"do": "save", "note": "The crown closer"})
    assert saved.headers["Location"] == page("", pattern(2))
    assert [view.key for view in content_of(pattern(2)).views] == [
        "midline", "vertex", "frontal", "left_temporal", "crown-close-up", "right_temporal",
    ]  # fmt: skip
    assert content_of(pattern(1)) == PATTERN
    late = browser.post(here, sent | {"do": "save", "title": "Ours", "note": "Late"}).content.decode()
    assert "Version 2 was made meanwhile" in late
    assert browser.get(here).headers["Location"] == page("-edit", pattern(2))


def test_positions_count_before_the_order_in_which_rows_were_sent(cast: Cast) -> None:
    """With JavaScript rows wander on the page, and only their positions are sent anew."""
    browser = logged_in(cast.manager)
    sent = as_typed(browser.get(page("-edit", pattern())).content.decode())
    sent |= {"views-0-position": "1", "views-1-position": "0", "note": "Parting first", "do": "save"}
    assert browser.post(page("-edit", pattern()), sent).status_code == 302
    assert [view.key for view in pattern(2).views.all()][:3] == ["midline", "vertex", "frontal"]


def test_which_set_loses_a_diagnosis_and_which_diagnosis_loses_its_set_is_said_before(cast: Cast) -> None:
    browser = logged_in(cast.manager)
    sent = as_typed(browser.get(page("-edit", pattern())).content.decode())
    sent |= {"diagnoses": ["androgenetic", "areata"], "do": "look"}
    html = browser.post(page("-edit", pattern()), sent).content.decode()
    assert "“Patchy loss (SALT quadrants)” loses Alopecia areata" in html
    assert "Diffuse (stress, nutrition or hormones)" in html.split("no set would be chosen for it any more")[0]


def test_open_reviews_without_a_photo_take_the_new_version_after_their_number_was_shown(cast: Cast) -> None:
    plan = cast.active_plan("Noor", "prp")
    cast.photograph(plan.reviews.order_by("due").first(), views=1)
    browser = logged_in(cast.manager)
    sent = as_typed(browser.get(page("-edit", pattern())).content.decode())
    browser.post(page("-edit", pattern()), sent | {"views-0-hair": "Wet", "do": "save", "note": "Wet hair"})
    html = browser.get(page("", pattern(2))).content.decode()
    count = plan.reviews.count() - 1
    assert f"{count} open reviews still ask for the views of an older version" in html
    said = browser.post(page("-renew", pattern(2)), follow=True).content.decode()
    assert f"{count} open reviews ask for the views of this version now." in said
    assert "still ask" not in said
    assert Photo.objects.get().view.view_set == pattern(1)
    compared = browser.get(page("-compare", pattern(1), pattern(2))).content.decode()
    assert "<ins>Wet</ins>" in compared


def test_a_set_that_may_not_go_says_why_and_offers_no_button(cast: Cast) -> None:
    browser = logged_in(cast.manager)
    html = browser.get(page("-retire", pattern())).content.decode()
    assert "names this set: give it another set first." in html
    assert "Retire it" not in html
    ViewSet.objects.create(key="own", version=1, title="Our own")
    own = ViewSet.objects.get(key="own")
    assert "No open review uses it." in browser.get(page("-retire", own)).content.decode()
    assert browser.post(page("-retire", own), {"reason": "Never used"}).status_code == 302
    lists = browser.get(reverse("plans:view-sets")).content.decode()
    assert lists.count("Retired") == 1


def test_a_form_that_lies_about_its_rows_breaks_nothing(cast: Cast) -> None:
    browser, here = logged_in(cast.manager), page("-edit", pattern())
    for sent in (
        {"views": "999999999999", "do": "look"},
        {"views": "x", "do": "up-1"},
        {"views": "2", "do": "remove-99"},
        {"views": "1", "views-0-position": "-1", "views-0-key": "Ü" * 50, "views-0-guide": "../x", "do": "save"},
        {"do": "nonsense-"},
    ):
        assert browser.post(here, sent).status_code == 200
    assert ViewSet.objects.count() == 3


def test_the_list_asks_the_database_no_more_for_more_sets_versions_and_reviews(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        ViewSet.objects.create(key=f"own-{number % 4}", version=number, title="Our own")
    cast.active_plan("Noor", "prp")
    browser = logged_in(cast.manager)
    # session, user, roles' places of the frame; sets, their views, reviews that use them
    with django_assert_max_num_queries(10):
        browser.get(reverse("plans:view-sets"))
    with django_assert_max_num_queries(18):
        browser.get(page("", pattern()))
    assert len(ViewSetEditor(content_of(pattern())).rows) == 6
