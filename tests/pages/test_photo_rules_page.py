"""The page of the photo rules: a manager sees what other figures would mean before they hold; a clinician reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from plans.models import Photo, PhotoRules
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


def as_typed(answer: Any) -> dict[str, str]:
    form = answer.context["form"]
    return {name: str(form[name].value()) for name in form.fields} | {"seen": answer.context["seen"]}


def test_a_manager_looks_saves_and_goes_back_to_the_houses_own(cast: Cast) -> None:
    cast.photograph(cast.active_plan("Noor", "prp").reviews.first(), views=2)
    Photo.objects.update(sharpness=90, width=2000, height=1500, brightness=120, clipped_dark=0, clipped_light=0)
    browser, address = logged_in(cast.manager), reverse("plans:photo-rules", args=[cast.here.pk])
    typed = as_typed(browser.get(address))
    assert "Nothing: these figures are set already." in browser.post(address, typed | {"do": "look"}).content.decode()

    typed |= {"least_sharpness": "100", "most_clipped_dark": "12.5"}
    looked = browser.post(address, typed | {"do": "look"}).content.decode()
    assert "2 photos would now be called weak, 0 no longer." in looked
    assert not PhotoRules.objects.exists()

    wrong = browser.post(address, typed | {"most_tilt": "120", "do": "save"}).content.decode()
    assert "Choose between 0.5 and 90." in wrong
    assert 'aria-invalid="true"' in wrong
    half = browser.post(address, typed | {"light_steps": "1.5", "do": "save"}).content.decode()
    assert "Give a whole number." in half
    assert not PhotoRules.objects.exists()

    assert "Saved." in browser.post(address, typed | {"do": "save"}, follow=True).content.decode()
    own = PhotoRules.objects.get()
    assert (own.location, own.least_sharpness, own.most_clipped_dark) == (cast.here, 100, 0.125)
    assert "Somebody else changed" in browser.post(address, typed | {"do": "save"}).content.decode()

    answer = browser.get(address)
    assert answer.content.decode().count("Own figure here") == 2
    back = browser.post(address, as_typed(answer) | {"do": "house"})
    assert "0 photos would now be called weak, 2 no longer." in back.content.decode()
    browser.post(address, as_typed(back) | {"do": "save"})
    assert not PhotoRules.objects.exists()


def test_a_clinician_reads_the_figures_and_sets_none(cast: Cast) -> None:
    browser = logged_in(cast.doctor)
    address = reverse("plans:photo-rules", args=[cast.here.pk])
    html = browser.get(reverse("plans:photo-rules-here")).content.decode()
    assert "Least sharpness" in html
    assert "Show what changes" not in html
    assert browser.post(address, {"do": "save", "least_sharpness": "1"}).status_code == 403
    assert browser.get(reverse("plans:photo-rules", args=[cast.there.pk])).status_code == 404
