from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.forms import CharField, Form
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from clinic.models import Staff
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import attempt, staff_page
from tests.pages import cast

pytestmark = pytest.mark.django_db


def refuse() -> HttpResponse:
    raise Refusal("too_early", "Not before Tue 3 Nov 2026.")


def forbid() -> HttpResponse:
    raise Forbidden("book")


def miss() -> HttpResponse:
    return HttpResponse(str(Staff.objects.get(username="nobody")))


def asked(what: Callable[[], HttpResponse], user: object, request: HttpRequest | None = None) -> HttpResponse:
    request = request or RequestFactory().get("/sessions/1/book/?x=1")
    request.user = user  # type: ignore[assignment]
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return staff_page(Deed.BOOK)(lambda _request: what())(request)


@pytest.fixture
def desk() -> Staff:
    return cast.member("desk", is_front_desk=True)


def test_whoever_may_do_the_deed_comes_in(desk: Staff) -> None:
    assert asked(lambda: HttpResponse("in"), desk).content == b"in"


def test_somebody_unknown_is_sent_to_the_login_and_back() -> None:
    answer = asked(lambda: HttpResponse("in"), AnonymousUser())
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('account_login')}?next=/sessions/1/book/%3Fx%3D1"


def test_a_part_of_a_page_sends_the_whole_page_to_the_login() -> None:
    request = RequestFactory().get(
        "/desk/board/?seen=1", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/board/"}
    )
    answer = asked(lambda: HttpResponse("in"), AnonymousUser(), request)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?next=/desk/board/"


@pytest.mark.parametrize(("asked_by", "lives_on"), [({}, True), ({"seen": "x"}, False), ({"token": "x"}, False)])
def test_a_board_left_open_keeps_no_session_alive(
    asked_by: dict[str, str], lives_on: bool, desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.is_staff = True
    desk.save()
    browser = Client()
    browser.force_login(desk)
    browser.get(reverse("plans:board"))
    began = browser.session["seen"]
    monkeypatch.setattr("clinic.middleware.time.time", lambda: began + 10 * 60)
    browser.get(reverse("plans:board"), asked_by)
    assert (browser.session["seen"] > began) == lives_on


def test_a_role_that_may_not_stays_outside() -> None:
    with pytest.raises(PermissionDenied):
        asked(lambda: HttpResponse("in"), cast.member("nobody-yet"))


def test_somebody_who_left_stays_outside(desk: Staff) -> None:
    desk.is_active = False
    assert asked(lambda: HttpResponse("in"), desk).status_code == 302


def test_forbidden_says_nothing_of_what_was_asked_for(desk: Staff) -> None:
    with pytest.raises(PermissionDenied) as caught:
        asked(forbid, desk)
    assert str(caught.value) == ""
    assert caught.value.__cause__ is None


def test_a_row_that_is_not_there_is_a_404(desk: Staff) -> None:
    with pytest.raises(Http404):
        asked(miss, desk)


def test_a_refusal_leads_back_to_the_form_with_its_sentence(desk: Staff) -> None:
    request = RequestFactory().post("/x/", headers={"referer": "http://testserver/plans/7/?tab=2"})
    answer = asked(refuse, desk, request)
    assert answer.headers["Location"] == "/plans/7/?tab=2"
    assert [str(message) for message in get_messages(request)] == ["Not before Tue 3 Nov 2026."]


@pytest.mark.parametrize("referer", ["", "https://elsewhere.test/plans/", "http://testserver.elsewhere.test/"])
def test_a_refusal_never_leads_out_of_the_house(referer: str, desk: Staff) -> None:
    request = RequestFactory().post("/x/", headers={"referer": referer})
    assert asked(refuse, desk, request).headers["Location"] == reverse("admin:index")


def test_an_attempt_keeps_what_was_typed_and_says_why() -> None:
    class Typed(Form):
        day = CharField()

    form = Typed({"day": "3 Nov"})
    assert form.is_valid()
    assert attempt(form, refuse) is None
    assert form.has_error(NON_FIELD_ERRORS, "too_early")
    assert form["day"].value() == "3 Nov"
    assert attempt(Typed({"day": "x"}), lambda: 7) == 7


def test_the_search_of_the_kit_looks_for_patients(desk: Staff) -> None:
    answer = cast.logged_in(desk).get(reverse("admin:search"), {"s": "mül ler"})
    assert answer.headers["Location"].endswith("/patients/?q=m%C3%BCl+ler")


def test_the_login_page_stands_in_the_house_s_look(client: Client) -> None:
    seen = client.get(reverse("account_login")).content.decode()
    assert "c-door" in seen
    assert "http://" not in seen.replace("http://www.w3.org", "").replace("http://testserver", "")


def test_a_page_that_is_not_there_says_so_without_the_sidebar(desk: Staff) -> None:
    answer = cast.logged_in(desk).get("/nothing/at/all/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
