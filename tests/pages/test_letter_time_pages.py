"""The page on which a manager says when letters leave: it shows what changes before it writes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from plans.forms.letter_times import LetterTimesForm
from plans.models import LetterTime
from plans.operations.letter_times import letter_times_of
from plans.rules.letter_kinds import LetterKind
from tests.cast import Cast, open_clinic

pytestmark = pytest.mark.django_db


def as_manager(cast: Cast) -> Client:
    cast.manager.is_staff = True
    cast.manager.save()
    browser = Client()
    browser.force_login(cast.manager)
    return browser


def as_typed(form: LetterTimesForm) -> dict[str, str]:
    """What a browser sends back when nothing is touched."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else str(value) for name, value in values.items() if value is not False}


def test_a_manager_looks_and_saves_and_what_was_typed_wrong_is_marked() -> None:
    cast = open_clinic()
    browser = as_manager(cast)
    address = reverse("plans:letter-times", args=[cast.here.pk])
    page = browser.get(address)
    typed = as_typed(page.context["form"]) | {"seen": page.context["seen"]}
    typed["session_reminder-number"] = "24"
    del typed["swelling_check-on"]

    looked = browser.post(address, typed | {"do": "look"})
    assert "No planned letter changes." in looked.content.decode()
    assert not LetterTime.objects.exists()

    wrong = browser.post(address, typed | {"session_reminder-number": "1", "do": "save"})
    assert "Choose between 3 hours and 60 days." in wrong.content.decode()
    assert not LetterTime.objects.exists()

    saved = browser.post(address, typed | {"do": "save"}, follow=True)
    assert "Saved." in saved.content.decode()
    assert dict(LetterTime.objects.values_list("kind", "is_on")) == {"session_reminder": True, "swelling_check": False}
    cast.here.refresh_from_db()
    assert str(letter_times_of(cast.here).of(LetterKind.SESSION_REMINDER).lead) == "24 hours"

    late = browser.post(address, typed | {"quiet_from": "20:00", "do": "save"})
    assert "Somebody else changed these times meanwhile" in late.content.decode()


def test_untouched_nothing_changes() -> None:
    cast = open_clinic()
    browser = as_manager(cast)
    page = browser.get(reverse("plans:letter-times-here"))
    typed = as_typed(page.context["form"]) | {"seen": page.context["seen"], "do": "look"}
    looked = browser.post(reverse("plans:letter-times", args=[cast.here.pk]), typed)
    assert "Nothing: these times are set already." in looked.content.decode()
