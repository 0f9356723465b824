from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from clinic.models import AuditLine, Location, Room, Staff
from plans.models import Lot, Protocol
from tests.pages import cast

pytestmark = pytest.mark.django_db

DESK, CLINICIAN, MANAGER = "desk", "clinician", "manager"
# Which lists open for whom. A list of the admin site that is missing here fails the test below.
LISTS = {
    "clinic_auditline": {CLINICIAN, MANAGER},
    "clinic_location": {MANAGER},
    "clinic_practitioner": {MANAGER},
    "clinic_room": {MANAGER},
    "clinic_staff": {MANAGER},
    "patients_assessment": {CLINICIAN},
    "patients_consent": {DESK, CLINICIAN},
    "patients_consentform": {MANAGER},
    "patients_patient": {DESK, CLINICIAN, MANAGER},
    "plans_appointment": {DESK, CLINICIAN, MANAGER},
    "plans_lot": {CLINICIAN},
    "plans_photo": {CLINICIAN},
    "plans_plan": {DESK, CLINICIAN, MANAGER},
    "plans_product": {CLINICIAN},
    "plans_protocol": {CLINICIAN, MANAGER},
    "plans_reminder": {DESK, CLINICIAN, MANAGER},
    "plans_review": {DESK, CLINICIAN, MANAGER},
    "plans_session": {DESK, CLINICIAN, MANAGER},
    "plans_treatment": {CLINICIAN},
    "plans_viewset": {CLINICIAN, MANAGER},
}


@pytest.fixture
def here() -> Location:
    return cast.location("Riverside")


@pytest.fixture
def elsewhere() -> Location:
    return cast.location("Hilltop")


@pytest.fixture
def people(here: Location) -> dict[str, Staff]:
    return {
        DESK: cast.member("desk", here, is_front_desk=True),
        CLINICIAN: cast.member("clinician", here, is_clinician=True),
        MANAGER: cast.member("manager", here, is_manager=True),
    }


@pytest.fixture
def clients(people: dict[str, Staff]) -> dict[str, Client]:
    return {role: cast.logged_in(person) for role, person in people.items()}


@pytest.fixture
def mine(here: Location, people: dict[str, Staff]) -> cast.Course:
    return cast.course(here, people[CLINICIAN])


@pytest.fixture
def theirs(elsewhere: Location, people: dict[str, Staff]) -> cast.Course:
    return cast.course(elsewhere, people[CLINICIAN], "Bela Fremd")


def page(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


def test_every_list_of_the_admin_site_is_in_the_table() -> None:
    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == set(LISTS)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_opens_for_the_roles_of_the_table_and_no_other(
    name: str, clients: dict[str, Client], mine: cast.Course
) -> None:
    cast.appointment(mine, cast.NOW)
    cast.letter(mine)
    cast.lot()
    answers = {role: client.get(page(f"{name}_changelist")).status_code for role, client in clients.items()}
    assert answers == {role: 200 if role in LISTS[name] else 403 for role in clients}


@pytest.mark.parametrize("name", ["plan", "session", "review", "appointment", "reminder"])
def test_rows_of_another_location_are_neither_listed_nor_opened(
    name: str, clients: dict[str, Client], mine: cast.Course, theirs: cast.Course
) -> None:
    rows = {
        course: {
            "plan": course.plan,
            "session": course.next,
            "review": course.review,
            "appointment": cast.appointment(course, cast.NOW),
            "reminder": cast.letter(course),
        }[name]
        for course in (mine, theirs)
    }
    client = clients[CLINICIAN]
    listed = client.get(page(f"plans_{name}_changelist")).content.decode()
    assert "Alma Verde" in listed
    assert "Bela Fremd" not in listed
    assert client.get(page(f"plans_{name}_change", rows[mine].pk)).status_code == 200
    assert client.get(page(f"plans_{name}_change", rows[theirs].pk)).status_code == 404
    assert client.get(page(f"plans_{name}_history", rows[theirs].pk)).status_code == 404


def test_a_patient_of_another_location_is_the_same_404_as_nobody(
    clients: dict[str, Client], theirs: cast.Course
) -> None:
    hers = clients[MANAGER].get(page("patients_patient_change", theirs.patient.pk))
    nobodys = clients[MANAGER].get(page("patients_patient_change", "0190a5d0-0000-7000-8000-000000000000"))
    assert hers.status_code == nobodys.status_code == 404
    assert hers.content == nobodys.content


def test_an_old_version_of_a_foreign_row_is_not_shown(clients: dict[str, Client], theirs: cast.Course) -> None:
    version = theirs.plan.history.latest().pk
    answer = clients[CLINICIAN].get(page("plans_plan_simple_history", theirs.plan.pk, version))
    assert answer.status_code == 404


def test_history_can_be_read_but_nothing_reverted(clients: dict[str, Client], mine: cast.Course) -> None:
    address = page("plans_plan_simple_history", mine.plan.pk, mine.plan.history.latest().pk)
    assert clients[CLINICIAN].get(address).status_code == 200
    assert clients[CLINICIAN].post(address, {"title": "Other"}).status_code == 403
    mine.plan.refresh_from_db()
    assert mine.plan.title == "Short course"


@pytest.mark.parametrize("role", [DESK, MANAGER])
@pytest.mark.parametrize("name", ["plan", "session", "review"])
def test_clinical_words_are_for_clinicians_alone(
    role: str, name: str, clients: dict[str, Client], mine: cast.Course
) -> None:
    row = {"plan": mine.plan, "session": mine.done, "review": mine.review}[name]
    address = page(f"plans_{name}_change", row.pk)
    assert "Secret" in clients[CLINICIAN].get(address).content.decode()
    seen = clients[role].get(address)
    assert seen.status_code == 200
    assert "Secret" not in seen.content.decode()
    assert clients[role].get(page(f"plans_{name}_history", row.pk)).status_code == 403


@pytest.mark.parametrize(
    "question",
    [
        "remarks__icontains=Secret",
        "plan__override_reason__startswith=S",
        "plan__patient__email__contains=a",
        "done_by=1",
    ],
)
def test_a_hidden_column_cannot_be_asked_for_letter_by_letter(
    question: str, clients: dict[str, Client], mine: cast.Course
) -> None:
    answer = clients[DESK].get(f"{page('plans_session_changelist')}?{question}")
    assert answer.status_code == 400


def test_the_filters_that_are_offered_work(clients: dict[str, Client], mine: cast.Course) -> None:
    listed = clients[DESK].get(f"{page('plans_session_changelist')}?state__exact=done").content.decode()
    assert "Session 1, Alma Verde" in listed
    assert "Session 2, Alma Verde" not in listed


@pytest.mark.parametrize("name", ["plan", "session", "review"])
def test_work_is_read_in_the_admin_and_changed_elsewhere(
    name: str, clients: dict[str, Client], mine: cast.Course
) -> None:
    row = {"plan": mine.plan, "session": mine.next, "review": mine.review}[name]
    client = clients[CLINICIAN]
    assert client.post(page(f"plans_{name}_change", row.pk), {"state": "done"}).status_code == 403
    assert client.get(page(f"plans_{name}_add")).status_code == 403
    assert client.post(page(f"plans_{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.state != "done"


def test_a_manager_opens_a_room_and_the_audit_says_so(clients: dict[str, Client], here: Location) -> None:
    form = {"name": "Room 4", "is_active": "on", "location": here.pk, **no_rows("weekly_hours")}
    assert clients[MANAGER].post(page("clinic_room_add"), form).status_code == 302
    room = Room.objects.get()
    line = AuditLine.objects.get(about_id=room.pk)
    assert (line.happened, line.by_name, line.location) == ("room.added", "manager", here)


def test_hours_of_a_room_belong_to_its_location(clients: dict[str, Client], here: Location) -> None:
    hours = {"weekday": "0", "opens": "10:00", "closes": "12:00", "id": ""}
    form = {"name": "Room 4", "is_active": "on", "location": here.pk, **no_rows("weekly_hours")}
    form |= {"weekly_hours-TOTAL_FORMS": "1"} | {f"weekly_hours-0-{key}": value for key, value in hours.items()}
    clients[MANAGER].post(page("clinic_room_add"), form)
    assert [row.location for row in Room.objects.get().weekly_hours.all()] == [here]


def test_a_room_cannot_be_put_into_a_place_one_does_not_see(clients: dict[str, Client], elsewhere: Location) -> None:
    form = {"name": "Room 4", "is_active": "on", "location": elsewhere.pk, **no_rows("weekly_hours")}
    assert clients[MANAGER].post(page("clinic_room_add"), form).status_code == 200
    assert not Room.objects.exists()


def test_a_manager_lets_somebody_in(clients: dict[str, Client], here: Location) -> None:
    word = "quite-long-and-rare-7"
    form = {"username": "newcomer", "password1": word, "password2": word, "usable_password": "true"}
    form |= {"is_front_desk": "on", "locations": here.pk}
    assert clients[MANAGER].post(page("clinic_staff_add"), form).status_code == 302
    person = Staff.objects.get(username="newcomer")
    assert person.is_staff
    assert person.is_front_desk
    assert not person.is_superuser
    assert person.check_password(word)
    assert list(person.locations.all()) == [here]
    assert AuditLine.objects.get(about_id=person.pk).happened == "staff.added"


def test_places_a_manager_does_not_see_are_kept(
    clients: dict[str, Client], here: Location, elsewhere: Location
) -> None:
    person = cast.member("both", here, elsewhere, is_clinician=True)
    form = {"username": "both", "is_active": "on", "is_clinician": "on", "locations": here.pk, "first_name": "Bo"}
    assert clients[MANAGER].post(page("clinic_staff_change", person.pk), form).status_code == 302
    assert set(person.locations.all()) == {here, elsewhere}


def test_a_manager_cannot_make_or_touch_an_owner(clients: dict[str, Client], here: Location) -> None:
    owner = Staff.objects.create(username="owner", is_staff=True, is_superuser=True)
    owner.locations.add(here)
    assert clients[MANAGER].get(page("clinic_staff_change", owner.pk)).status_code == 404
    assert clients[MANAGER].get(page("auth_user_password_change", owner.pk)).status_code in (403, 404)
    person = cast.member("helper", here)
    clients[MANAGER].post(
        page("clinic_staff_change", person.pk), {"username": "helper", "is_superuser": "on", "is_active": "on"}
    )
    person.refresh_from_db()
    assert not person.is_superuser


def test_a_new_password_is_written_down_without_the_password(clients: dict[str, Client], here: Location) -> None:
    person = cast.member("helper", here)
    word = "quite-long-and-rare-7"
    form = {"password1": word, "password2": word, "usable_password": "true"}
    assert clients[MANAGER].post(page("auth_user_password_change", person.pk), form).status_code == 302
    line = AuditLine.objects.get(about_id=person.pk)
    assert line.happened == "staff.password_set"
    assert word not in str(line.details)


def test_the_owner_of_an_empty_clinic_can_hand_out_roles(client: Client) -> None:
    client.force_login(Staff.objects.create(username="owner", is_staff=True, is_superuser=True))
    assert client.get(page("clinic_staff_add")).status_code == 200
    assert client.get(page("clinic_location_add")).status_code == 200


def test_a_protocol_is_read_in_the_admin_and_changed_on_its_own_page(clients: dict[str, Client]) -> None:
    published = cast.protocol()
    draft = cast.protocol(key="other", state="draft", title="Draft")
    for one in (published, draft):
        for role in (CLINICIAN, MANAGER):
            shown = clients[role].get(page("plans_protocol_change", one.pk)).content.decode()
            assert 'name="title"' not in shown
            assert f'href="/protocols/{one.pk}/"' in shown
        assert clients[MANAGER].post(page("plans_protocol_change", one.pk), {"title": "X"}).status_code == 403
    assert Protocol.objects.get(pk=published.pk).title == "Short course"


def test_a_lot_is_quarantined_by_a_clinician(clients: dict[str, Client]) -> None:
    lot = cast.lot()
    form = {"product": lot.product_id, "number": "A123", "expires_on": "2027-02-01", "state": "quarantined"}
    assert clients[CLINICIAN].post(page("plans_lot_change", lot.pk), form).status_code == 302
    assert Lot.objects.get().state == "quarantined"
    assert AuditLine.objects.get(about_id=lot.pk).happened == "lot.changed"


def test_the_audit_shows_a_clinician_own_patients_only(
    clients: dict[str, Client], people: dict[str, Staff], mine: cast.Course, theirs: cast.Course, here: Location
) -> None:
    for about, patient, place in ((mine, mine.patient.pk, None), (theirs, theirs.patient.pk, None), (here, None, here)):
        row = about.plan if isinstance(about, cast.Course) else about
        AuditLine.objects.create(
            at=cast.NOW,
            by=people[MANAGER],
            by_name="manager",
            happened="x.y",
            about_kind="x",
            about_id=row.pk,
            about_words=f"About {row}",
            patient_id=patient,
            location=place,
        )
    seen = {
        role: clients[role].get(page("clinic_auditline_changelist")).content.decode() for role in (CLINICIAN, MANAGER)
    }
    assert "Alma Verde" in seen[CLINICIAN] and "Alma Verde" in seen[MANAGER]
    assert "Bela Fremd" not in seen[CLINICIAN] + seen[MANAGER]
    assert "About Riverside" not in seen[CLINICIAN]
    assert "About Riverside" in seen[MANAGER]


def test_the_audit_cannot_be_written_from_the_admin(clients: dict[str, Client], here: Location) -> None:
    assert clients[MANAGER].get(page("clinic_auditline_add")).status_code == 403


def test_a_denied_page_carries_nothing_of_the_patient(clients: dict[str, Client], mine: cast.Course) -> None:
    answer = clients[DESK].get(page("plans_plan_history", mine.plan.pk))
    assert answer.status_code == 403
    assert "Alma" not in answer.content.decode()


def test_instants_read_by_the_clock_of_their_place(clients: dict[str, Client], mine: cast.Course) -> None:
    row = cast.appointment(mine, cast.NOW)
    seen = clients[DESK].get(page("plans_appointment_change", row.pk)).content.decode()
    assert "Mon\N{NO-BREAK SPACE}23\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026,\N{NO-BREAK SPACE}09:00" in seen


def test_the_sidebar_shows_what_the_role_opens(clients: dict[str, Client]) -> None:
    seen = {role: client.get(page("index")).content.decode() for role, client in clients.items()}
    stock, staff = page("plans_lot_changelist"), page("clinic_staff_changelist")
    assert {role for role, text in seen.items() if stock in text} == {CLINICIAN}
    assert {role for role, text in seen.items() if staff in text} == {MANAGER}


@pytest.mark.parametrize("name", ["plan", "session", "review", "appointment", "reminder"])
def test_a_list_costs_the_same_however_long_it_is(
    name: str,
    clients: dict[str, Client],
    people: dict[str, Staff],
    here: Location,
    django_assert_max_num_queries: object,
) -> None:
    for number in range(12):
        one = cast.course(here, people[CLINICIAN], f"Patient Number{number}")
        cast.letter(one)
        cast.appointment(one, cast.NOW)
    # session, user, locations for the filter, count, rows; room for the kit's own
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert clients[CLINICIAN].get(page(f"plans_{name}_changelist")).status_code == 200


def no_rows(prefix: str) -> dict[str, str]:
    return {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
