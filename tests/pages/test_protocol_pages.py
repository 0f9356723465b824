"""Protocols in the browser: read by clinicians, written by managers, with every mistake at its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plans.forms.protocol import ProtocolEditor
from plans.models import Protocol
from plans.models.protocol_course import course_of
from plans.operations.protocol_versions import draft_next_version
from plans.rules.states import ProtocolState
from tests.cast import COMBINED, SINGLE, Cast, open_clinic, published
from tests.pages.cast import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    made = open_clinic()
    for person in (made.desk, made.doctor, made.manager):
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    monkeypatch.setattr("clinic.clock.now", lambda: made.now)
    return made


@pytest.fixture
def manager(cast: Cast) -> Client:
    return logged_in(cast.manager)


@pytest.fixture
def draft(cast: Cast) -> Protocol:
    return draft_next_version(protocol_id=published(SINGLE).pk, by=cast.manager, now=cast.now)


def page(name: str, *protocols: Protocol) -> str:
    return reverse(f"plans:protocol{name}", args=[one.pk for one in protocols])


def sent(cast: Cast, draft: Protocol, **changes: str) -> dict[str, Any]:
    """What the browser sends when nothing but `changes` was typed."""
    editor = ProtocolEditor(Protocol.objects.get(pk=draft.pk), today=cast.today)
    data: dict[str, Any] = {name: editor.main[name].value() for name in editor.main.fields}
    for formset in editor.sets.values():
        data |= {formset.management_form.add_prefix(name): str(value)
                 for name, value in formset.management_form.initial.items()}  # fmt: skip
        for form in formset.forms:
            data |= {form.add_prefix(name): form[name].value() for name in form.fields if name != "DELETE"}
    said = {name: value for name, value in data.items() if value not in (None, False)}
    return {**said, "do": "save", **changes}


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def fault_of(html: str, name: str) -> str:
    """What stands with the field, up to the next field of the form."""
    after = html.split(f'name="{name}"', 1)[1].split('id="preview"')[0]
    return re.split(r'name="(?!do")', after)[0]


# -- reading -----------------------------------------------------------------------------------------------------------
def test_a_clinician_reads_a_protocol_with_windows_sources_and_where_it_is_used(cast: Cast) -> None:
    plan = cast.active_plan("Noor", SINGLE)
    html = text(logged_in(cast.doctor).get(page("", published(SINGLE))))
    for words in ("4 to 6 weeks, best 5 weeks", "Do not wash your hair.", "for 24 hours after", "3-month review"):
        assert words in html
    assert reverse("plans:plan", args=[plan.pk]) in html
    assert "at least 37 days apart" in html
    for deed in ("draft", "copy", "retire"):
        assert page(f"-{deed}", published(SINGLE)) not in html


def test_the_patients_of_another_place_are_counted_but_not_named(cast: Cast) -> None:
    cast.active_plan("Noor", SINGLE)
    cast.manager.locations.set([cast.there])
    html = text(logged_in(cast.manager).get(page("", published(SINGLE))))
    assert "<dt>Plans under way</dt><dd>1</dd>" in html
    assert "1 more at other places" in html
    assert "Noor" not in html


def test_the_front_desk_opens_no_protocol(cast: Cast, draft: Protocol) -> None:
    desk = logged_in(cast.desk)
    assert desk.get(page("", draft)).status_code == 403
    assert desk.get(page("-edit", draft)).status_code == 403
    assert logged_in(cast.doctor).get(page("-edit", draft)).status_code == 403
    assert logged_in(cast.doctor).post(page("-preview", draft), {}).status_code == 403


def test_the_page_asks_the_database_no_more_for_more_versions(
    cast: Cast, manager: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(2, 12):
        Protocol.objects.create(key=SINGLE, version=number, title="PRP", source="S3", state=ProtocolState.RETIRED)
    cast.active_plan("Noor", SINGLE)
    # session, user, roles' places, the protocol and its 5 lists, zone, versions and their plans, copies, where it is used
    with django_assert_max_num_queries(19):
        manager.get(page("", published(SINGLE)))


# -- writing -----------------------------------------------------------------------------------------------------------
def test_edit_makes_the_next_version_and_opens_it_again_the_second_time(cast: Cast, manager: Client) -> None:
    first = manager.post(page("-draft", published(SINGLE)))
    again = manager.post(page("-draft", published(SINGLE)))
    draft = Protocol.objects.get(key=SINGLE, version=2)
    assert first["Location"] == again["Location"] == page("-edit", draft)


def test_a_form_sent_back_unchanged_changes_nothing(cast: Cast, manager: Client) -> None:
    for key in (SINGLE, COMBINED):
        draft = draft_next_version(protocol_id=published(key).pk, by=cast.manager, now=cast.now)
        was = course_of(draft)
        assert manager.post(page("-edit", draft), sent(cast, draft)).status_code == 302
        assert course_of(Protocol.objects.get(pk=draft.pk)) == was


def test_a_manager_changes_a_window_and_it_is_saved(cast: Cast, manager: Client, draft: Protocol) -> None:
    number = next(i for i, rule in enumerate(course_of(draft).care_rules) if rule.key == "no-dye")
    data = sent(cast, draft, title="PRP, five weeks", **{f"care_rules-{number}-ends": "5 weeks"})
    assert manager.post(page("-edit", draft), data)["Location"] == page("", draft)
    saved = Protocol.objects.get(pk=draft.pk)
    assert saved.title == "PRP, five weeks"
    assert str(course_of(saved).rule("no-dye").ends) == "5 weeks"
    html = text(manager.get(page("-compare", published(SINGLE), saved)))
    assert "<del>for 4 weeks after</del>" in html
    assert "<ins>for 5 weeks after</ins>" in html


BAD = {
    "a negative window": ("components-0-interval_earliest", "-1 weeks", "“-1 weeks” is not a length of time"),
    "overlapping windows": ("components-0-interval_latest", "3 weeks", "The latest day cannot come before the best"),
    "zero sessions": ("components-0-sessions_min", "0", "between 1 and 60, not 0."),
    "500 sessions": ("components-0-sessions_max", "500", "between 1 and 60, not 500."),
    "a unit that does not exist": ("components-0-interval_target", "3 fortnights", "“3 fortnights” is not a length"),
    "starts after itself": ("components-0-starts_after", "prp", "A course cannot start after itself"),
    "hours for days": ("components-0-starts", "5 hours", "Hours cannot be counted on a calendar"),
    "a thousand years": ("components-0-interval_latest", "12000 months", "longer than 100 years"),
    "two reviews at once": ("reviews-2-offset", "3 months", "can fall on the same day"),
    "an act for nothing": ("care_rules-0-act", "", "This field is required"),
    "half a booster": ("booster_latest", "", "all three times of the booster"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(
    name: str, cast: Cast, manager: Client, draft: Protocol
) -> None:
    field, typed, sentence = BAD[name]
    was = course_of(draft)
    more = {"booster_earliest": "6 months", "booster_target": "6 months"} if field == "booster_latest" else {}
    answer = manager.post(page("-edit", draft), sent(cast, draft, summary="Typed before", **more, **{field: typed}))
    assert answer.status_code == 200
    html = text(answer)
    assert sentence in fault_of(html, field).replace("&#x27;", "'")
    assert "Typed before" in html
    assert not typed or f'value="{typed}"' in html
    assert course_of(Protocol.objects.get(pk=draft.pk)) == was


@pytest.mark.parametrize(
    ("day", "sentence"), [("1900-01-01", "is over"), ("2200-01-01", "in the year 2200"), ("x", "valid date")]
)
def test_a_trial_day_outside_time_is_a_sentence_and_keeps_nobody_from_saving(
    day: str, sentence: str, cast: Cast, manager: Client, draft: Protocol
) -> None:
    shown = text(manager.post(page("-edit", draft), sent(cast, draft, starts_on=day, do="preview")))
    assert sentence in fault_of(shown, "starts_on")
    assert "What a patient would get" not in shown
    saved = manager.post(page("-edit", draft), sent(cast, draft, starts_on=day, summary="Written"))
    assert saved.status_code == 302
    assert Protocol.objects.get(pk=draft.pk).summary == "Written"


def test_one_more_row_keeps_what_was_typed_and_an_empty_row_is_left_out(
    cast: Cast, manager: Client, draft: Protocol
) -> None:
    rules = len(course_of(draft).care_rules)
    html = text(manager.post(page("-edit", draft), sent(cast, draft, summary="Typed before", do="add-care_rules")))
    assert f'name="care_rules-{rules}-text"' in html
    assert "Typed before" in html
    data = sent(cast, draft, **{"care_rules-TOTAL_FORMS": str(rules + 1), f"care_rules-{rules}-in_force": "on",
                                f"care_rules-{rules}-phase": "after", f"care_rules-{rules}-kind": "avoid",
                                f"care_rules-{rules}-by": "patient"})  # fmt: skip
    assert manager.post(page("-edit", draft), data).status_code == 302
    assert len(course_of(Protocol.objects.get(pk=draft.pk)).care_rules) == rules


def test_a_new_rule_gets_a_key_from_its_words_and_a_removed_one_is_gone(
    cast: Cast, manager: Client, draft: Protocol
) -> None:
    course = course_of(draft)
    rules = len(course.care_rules)
    gone = next(i for i, rule in enumerate(course.care_rules) if rule.key == "hat")
    new = {"text": "Do not swim.", "phase": "after", "kind": "avoid", "act": "swim", "ends": "3 days", "source": "S3",
           "in_force": "on", "by": "patient"}  # fmt: skip
    more = {f"care_rules-{rules}-{name}": value for name, value in new.items()}
    more |= {f"care_rules-{gone}-DELETE": "on", "care_rules-TOTAL_FORMS": str(rules + 1)}
    assert manager.post(page("-edit", draft), sent(cast, draft, **more)).status_code == 302
    written = course_of(Protocol.objects.get(pk=draft.pk))
    assert written.rule("hat") is None
    assert str(written.rule("do-not-swim").ends) == "3 days"


def test_two_managers_do_not_overwrite_each_other_unawares(cast: Cast, manager: Client, draft: Protocol) -> None:
    mine = sent(cast, draft, summary="Mine")
    assert manager.post(page("-edit", draft), sent(cast, draft, summary="Theirs")).status_code == 302
    html = text(manager.post(page("-edit", draft), mine))
    assert "Somebody else changed this draft" in html
    assert Protocol.objects.get(pk=draft.pk).summary == "Theirs"
    seen = re.search(r'name="seen" value="(\w+)"', html)
    assert seen
    assert manager.post(page("-edit", draft), {**mine, "seen": seen[1]}).status_code == 302
    assert Protocol.objects.get(pk=draft.pk).summary == "Mine"


def test_what_is_typed_is_tried_out_and_nothing_is_written(cast: Cast, manager: Client, draft: Protocol) -> None:
    number = next(i for i, rule in enumerate(course_of(draft).care_rules) if rule.key == "no-dye-long")
    data = sent(cast, draft, **{f"care_rules-{number}-in_force": "on", "components-0-sessions_usual": "3"})
    html = text(manager.post(page("-preview", draft), data))
    for words in (
        "3 sessions, until",
        "Contradictions: to be settled",
        "Dyeing allowed again",
        "6-month review",
        "Dyeing",
    ):
        assert words in html
    assert "<html" not in html
    assert course_of(Protocol.objects.get(pk=draft.pk)) == course_of(published(SINGLE))


def test_a_published_version_is_not_opened_for_writing(cast: Cast, manager: Client) -> None:
    first = published(SINGLE)
    was = course_of(first)
    for answer in (manager.get(page("-edit", first)), manager.post(page("-edit", first), {"do": "save", "title": "X"})):
        assert answer["Location"] == page("", first)
    assert course_of(Protocol.objects.get(pk=first.pk)) == was
    assert Protocol.objects.get(pk=first.pk).title != "X"


# -- decisions ---------------------------------------------------------------------------------------------------------
def test_publishing_shows_what_it_replaces_and_who_keeps_a_copy(cast: Cast, manager: Client, draft: Protocol) -> None:
    cast.active_plan("Noor", SINGLE)
    assert manager.post(page("-edit", draft), sent(cast, draft, title="PRP, ours")).status_code == 302
    html = text(manager.get(page("-publish", draft)))
    assert "1 plan under way</b> keeps its own copy of version 1" in html
    assert "<ins>PRP, ours</ins>" in html
    assert "This field is required" in text(manager.post(page("-publish", draft), {"change_note": " "}))
    assert manager.post(page("-publish", draft), {"change_note": "A name."})["Location"] == page("", draft)
    assert published(SINGLE).version == 2


def test_a_contradiction_stands_where_the_button_to_publish_would_be(
    cast: Cast, manager: Client, draft: Protocol
) -> None:
    number = next(i for i, rule in enumerate(course_of(draft).care_rules) if rule.key == "no-wash-before")
    manager.post(page("-edit", draft), sent(cast, draft, **{f"care_rules-{number}-in_force": "on"}))
    html = text(manager.get(page("-publish", draft)))
    assert "Contradictions: to be settled" in html
    assert 'name="change_note"' not in html
    assert "cannot both hold" in text(manager.post(page("-publish", draft), {"change_note": "x"}))
    assert published(SINGLE).version == 1


def test_a_protocol_is_copied_retired_and_a_draft_discarded(cast: Cast, manager: Client, draft: Protocol) -> None:
    first = published(SINGLE)
    taken = manager.post(page("-copy", first), {"title": "Ours", "key": COMBINED})
    assert "choose another key" in text(taken)
    assert manager.post(page("-copy", first), {"title": "Ours", "key": "ours"}).status_code == 302
    assert Protocol.objects.get(key="ours").based_on == first
    assert manager.post(page("-discard", draft))["Location"] == page("", first)
    assert manager.post(page("-retire", first), {"reason": "No centrifuge."})["Location"] == page("", first)
    assert not Protocol.objects.published().filter(key=SINGLE).exists()


def test_two_versions_that_say_the_same_are_said_to(cast: Cast, manager: Client, draft: Protocol) -> None:
    assert "Nothing is different" in text(manager.get(page("-compare", published(SINGLE), draft)))
