"""The table of who_may_what.py against the program: no address is missing, no answer differs, no word leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from patients.links import UNSUBSCRIBE, make_link_token
from plans.operations.booking import cancel_appointment
from tests.pages.planted import CLINICAL, NOBODY, PERSON, ROLES, World, plant
from tests.pages.who_may_what import OWN_LINKS, ROWS, Row

pytestmark = pytest.mark.django_db
NOT_CLINICIANS = ("desk", "manager")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|ALTER|CREATE|DROP)\b", re.IGNORECASE)
# Stock belongs to no place: a clinician elsewhere reads the same lots.
STOCK = {"canary-lot", "canary-lot-note", "canary-product"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once; every test runs inside its transaction and rolls back to this point."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield plant()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browsers(world: World) -> dict[str, Client]:
    return world.browsers


@pytest.fixture(autouse=True)
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, with DEBUG off: the pages that say no are those of a clinic in earnest."""
    monkeypatch.setattr("clinic.clock.now", lambda: world.cast.now)


def patterns(inside: list[Any], before: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every (name, route) of the program; a pattern without a name goes by its route."""
    for one in inside:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, route, (*spaces, *filter(None, [one.namespace])))
        elif isinstance(one, URLPattern):
            yield (":".join([*spaces, one.name]) if one.name else route), route


def address(row: Row, world: World, key: object = None) -> str:
    if row.path:
        return "/" + re.sub("<.*?>", str(key or world.key_of(row.about)) if row.about else "", row.path)
    further = [world.key_of(word) if word in world.about else word for word in row.more]
    if row.is_own_link:
        return reverse(row.name, args=[world.tokens[row.about], *further])
    version = [world.about[row.about].history.first().pk] if "version" in row.more else further
    about = [key or world.key_of(row.about)] if row.about else []
    return reverse(row.name, args=[*about, *version])


def body(answer: HttpResponse) -> str:
    """All that reaches the other side: the page, and the headers with an address to go to."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace") + str(answer.headers)


def found(words: Any, answer: HttpResponse) -> list[str]:
    seen = body(answer)
    return [word for word in words if word in seen]


@contextmanager
def written() -> Iterator[list[str]]:
    """What reaches the database and changes rows there, but for the sessions of browsers: looked at as it happens, for
    reading every table before and after each page takes longer than the pages."""
    changes: list[str] = []

    def look(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(str(sql)) and Session._meta.db_table not in str(sql):
            changes.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield changes


def database() -> dict[str, list[Any]]:
    """Every row of every table but the sessions of browsers."""
    models = [model for model in apps.get_models(include_auto_created=True) if model is not Session]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


def forbidden_words(row: Row, role: str, answer: HttpResponse) -> set[str]:
    """What must not be read by this person in this answer."""
    if row.is_own_link:
        return {*CLINICAL, *PERSON} - {"Zenobia"}
    if answer.status_code != 200 or role in ("anonymous", "disabled"):
        return {*CLINICAL, *PERSON}
    if role == "elsewhere":
        return {*CLINICAL, *PERSON} - STOCK
    return set(CLINICAL) if role in NOT_CLINICIANS else set()


def test_every_address_of_the_program_is_in_the_table_and_no_other() -> None:
    there = {name for name, _ in patterns(get_resolver().url_patterns)}
    in_table = {row.name for row in ROWS}
    assert there - in_table == set(), "these addresses say nowhere who may open them"
    assert in_table - there == set(), "these rows are about addresses that do not exist"
    assert len(ROWS) == len(in_table), "an address stands in the table twice"


def test_a_new_address_is_missed_by_the_table() -> None:
    def page() -> None: ...

    old = get_resolver().url_patterns
    planted = [*old, URLPattern(old[0].pattern, page, name="new-page")]
    assert set(patterns(planted)) - set(patterns(old)) == {("new-page", "")}
    assert "new-page" not in {row.name for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everybody_gets_what_the_table_says_and_reads_no_more(
    row: Row, world: World, browsers: dict[str, Client]
) -> None:
    where = address(row, world)
    if row.sends is not None:
        with written() as changes:
            assert {role: browsers[role].get(where).status_code for role in ROLES} == dict.fromkeys(ROLES, 405)
        assert changes == []
    answers = {}
    with written() as changes:
        for role in ROLES:
            answer = answers[role] = _ask(row, where, world, browsers[role])
            assert found(forbidden_words(row, role, answer), answer) == [], role
    assert {role: answer.status_code for role, answer in answers.items()} == {role: row.status(role) for role in ROLES}
    assert row.sends is not None or row.noted or changes == [], "a page was changed by being looked at"


def _ask(row: Row, where: str, world: World, browser: Client) -> HttpResponse:
    """GET, or the POST of a button; what it did is undone, so that the next person finds the same world."""
    if row.sends is None and not row.noted:
        return browser.get(where)
    if row.sends is None:
        with transaction.atomic():
            answer = browser.get(where)
            transaction.set_rollback(True)
        return answer
    sent = {name: world.key_of(value) if value in world.about else value for name, value in row.sends.items()}
    point = transaction.savepoint()
    try:
        return browser.post(where, sent)
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.sends is None and not row.is_own_link], ids=lambda row: row.name
)
def test_who_may_not_look_may_not_send_either(row: Row, world: World, browsers: dict[str, Client]) -> None:
    where = address(row, world)
    with written() as changes:
        for role in ROLES:
            if row.status(role) in (403, 404) or (row.anonymous == 302 and role in ("anonymous", "disabled")):
                answer = browsers[role].post(where, {"reason": "x", "post": "yes"})
                assert answer.status_code in (row.status(role), 403, 405), role
                assert found((*CLINICAL, *PERSON), answer) == [], role
    assert changes == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.about and row.elsewhere == 404], ids=lambda row: row.name)
def test_not_yours_and_not_there_are_the_same_answer(row: Row, world: World, browsers: dict[str, Client]) -> None:
    keys = (world.key_of(row.about), NOBODY)
    answers = [_ask(row, address(row, world, key), world, browsers["elsewhere"]) for key in keys]
    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [body(answer).replace(str(key), "KEY") for answer, key in zip(answers, keys, strict=True)]
    assert _plain(pages[0]) == _plain(pages[1])


def _plain(page: str) -> str:
    return re.sub(r"csrf[\w-]*\W+value=\W\w+", "", page)


@pytest.mark.parametrize("method", ["head", "options", "put", "delete"])
def test_no_other_method_changes_anything(method: str, world: World, browsers: dict[str, Client]) -> None:
    before = database()
    for row in ROWS:
        if row.name.startswith("admin") and method != "head":
            continue
        role = next((role for role in ("clinician", "manager") if row.status(role) == 200), "desk")
        answer = getattr(browsers[role], method)(address(row, world))
        assert answer.status_code < 500 or "healthz" in row.name, row.name
    assert database() == before


def test_a_write_would_be_noticed(world: World) -> None:
    with written() as changes:
        world.about["patient"].save()
    assert changes


def test_nothing_is_taken_from_a_foreign_form(world: World) -> None:
    """Every address refuses a POST without the form's own token; but for what is a key itself: the patient's links, and the hook of the mail service."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.cast.doctor)
    taken = [row.name for row in ROWS if browser.post(address(row, world)).status_code != 403]
    assert sorted(taken) == sorted([*OWN_LINKS, "plans:mail-hook"])


def test_a_program_that_opens_every_link_of_twenty_patients_changes_nothing(world: World) -> None:
    cast = world.cast
    links = []
    for number in range(20):
        one = cast.patient(f"Reader{number}")
        links.append(reverse("plans:own-page", args=[make_link_token(one, now=cast.now)]))
        for group in ("appointments", "care", "reviews", "all"):
            token = make_link_token(one, purpose=UNSUBSCRIBE, extra=group, now=cast.now)
            links.append(reverse("plans:unsubscribe", args=[token]))
    before = database()
    for link in links:
        assert Client().head(link).status_code == Client().get(link).status_code == 200
    assert database() == before


# -- what lists, searches and filters give away ------------------------------------------------------------------------
LISTS = [row.name for row in ROWS if row.name.endswith("_changelist")]
HIDDEN = (
    "remarks__icontains", "override_reason__startswith", "end_reason__contains", "notes__contains", "decision_reason__gt",
    "patient_says__contains", "plan__override_reason__startswith", "plan__assessment__medicines__contains",
    "assessment__notes__contains", "patient__email__startswith", "patient__alert__contains", "email__startswith",
    "alert__contains", "plan__patient__phone__contains", "patient__assessments__allergies__contains",
    "assessments__allergies__contains", "sessions__remarks__contains", "reviews__notes__contains",
    "treatments__lot__number__startswith", "photos__parting__startswith", "plan__sessions__treatments__what_happened",
    "password__startswith", "reason__contains", "details__contains", "mime__contains", "last_text__contains",
    "plans__override_reason__startswith", "session__remarks__startswith", "review__notes__startswith",
)  # fmt: skip


@pytest.mark.parametrize("role", NOT_CLINICIANS)
def test_no_list_can_be_asked_for_a_column_it_does_not_show(
    role: str, world: World, browsers: dict[str, Client]
) -> None:
    lists = [row for row in ROWS if row.name in LISTS and row.status(role) == 200]
    answers = {
        f"{row.name}?{lookup}": browsers[role].get(address(row, world), {lookup: "canary"}).status_code
        for row in lists
        for lookup in HIDDEN
    }
    assert len(answers) >= 6 * len(HIDDEN)
    assert [asked for asked, status in answers.items() if status != 400] == []


@pytest.mark.parametrize("role", NOT_CLINICIANS)
def test_no_search_of_a_list_finds_anybody_by_a_clinical_word(role: str, world: World) -> None:
    request = RequestFactory().get("/")
    request.user = world.person(role)
    told = []
    for site in admin.site._registry.values():
        if not site.has_view_permission(request):
            continue
        for word in CLINICAL:
            rows, _ = site.get_search_results(request, site.get_queryset(request), word)
            told += [f"{site.model.__name__} by {word}"] if rows.exists() else []
    assert told == []


@pytest.mark.parametrize("role", NOT_CLINICIANS)
def test_the_search_for_patients_does_not_know_clinical_words(
    role: str, world: World, browsers: dict[str, Client]
) -> None:
    find = reverse("patients:list")
    assert "Quillfeather" in body(browsers[role].get(find, {"q": "quillf"}))
    for word in CLINICAL:
        assert "Quillfeather" not in body(browsers[role].get(find, {"q": word}))


def test_the_search_finds_nobody_of_another_place(world: World, browsers: dict[str, Client]) -> None:
    find = reverse("patients:list")
    for words in ("Zenobia", "quillf", PERSON[2], "98765401"):
        assert found(PERSON[:2], browsers["elsewhere"].get(find, {"q": words}, follow=True)) in ([], [words])


@pytest.mark.parametrize("role", [*NOT_CLINICIANS, "elsewhere"])
def test_suggestions_while_typing_give_away_no_more_than_the_lists(
    role: str, world: World, browsers: dict[str, Client]
) -> None:
    """Django offers them for every foreign key between two tables, asked for or not."""
    answers = [
        browsers[role].get(reverse("admin:autocomplete"), {
            "app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": one.name, "term": term,
        })
        for model in admin.site._registry
        for one in model._meta.fields
        if one.remote_field
        for term in ("", "Zenobia")
    ]  # fmt: skip
    secret = CLINICAL if role in NOT_CLINICIANS else {*CLINICAL, *PERSON} - STOCK
    assert {answer.status_code for answer in answers} == {200, 403}
    assert [words for answer in answers if (words := found(secret, answer))] == []


def test_a_manager_reads_why_somebody_did_not_come_but_not_why_a_clinician_went_on(
    world: World, browsers: dict[str, Client]
) -> None:
    cast = world.cast
    cancel_appointment(appointment_id=world.key_of("appointment"), reason="she travels", by=cast.desk, now=cast.now)
    listed = {role: body(browsers[role].get(reverse("admin:clinic_auditline_changelist"))) for role in ROLES}
    assert {role for role, page in listed.items() if "she travels" in page} == {"clinician", "manager"}
    assert {role for role, page in listed.items() if "canary-override" in page} == {"clinician"}


@pytest.mark.parametrize("column", ["email", "folded_name", "alert"])
def test_a_list_cannot_be_made_to_hand_out_a_column_as_key(column: str, browsers: dict[str, Client]) -> None:
    find = reverse("admin:patients_patient_changelist")
    assert browsers["desk"].get(find, {"_to_field": column, "_popup": "1"}).status_code == 400


def test_photos_are_given_to_clinicians_of_the_place_only_and_by_no_other_way(
    world: World, browsers: dict[str, Client]
) -> None:
    photo = world.about["photo"]
    for size in ("original", "large", "medium", "thumb"):
        where = reverse("plans:photo", args=[photo.pk, size])
        answers = {role: browsers[role].get(where) for role in ROLES}
        pictures = {role for role, answer in answers.items() if b"\xff\xd8\xff" in b"".join(answer)}
        assert pictures == {"clinician"}, size
        for direct in (
            f"/media/{getattr(photo, size).name}",
            f"/{getattr(photo, size).name}",
            f"/static/../media/{photo.pk}",
        ):
            assert browsers["clinician"].get(direct).status_code == 404


def test_a_foreign_word_in_the_table_would_be_noticed(world: World, browsers: dict[str, Client]) -> None:
    """The planted words are on the pages of those who may read them: looking for them means something."""
    pages = [
        reverse("plans:plan", args=[world.key_of("plan")]), reverse("plans:patient", args=[world.key_of("patient")]),
        reverse("plans:review", args=[world.key_of("review")]), reverse("patients:assess", args=[world.key_of("patient")]),
        *(reverse(f"admin:{table}_change", args=[world.key_of(word)]) for table, word in (
            ("patients_assessment", "assessment"), ("plans_plan", "plan"), ("plans_session", "done"),
            ("plans_review", "review"), ("plans_treatment", "treatment"), ("plans_photo", "photo"), ("plans_lot", "lot"),
        )),
    ]  # fmt: skip
    read = {word for page in pages for word in found((*CLINICAL, *PERSON), browsers["clinician"].get(page))}
    assert set(CLINICAL) - read == set()
