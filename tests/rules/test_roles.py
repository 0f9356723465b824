import pytest

from clinic.rules.roles import ALLOWED, Deed, Role, may

DESK, CLINICIAN, MANAGER = Role.FRONT_DESK, Role.CLINICIAN, Role.MANAGER
EVERYBODY = {DESK, CLINICIAN, MANAGER}
CLINICAL = [
    Deed.SEE_CLINICAL, Deed.ASSESS, Deed.COMPLETE_SESSION, Deed.REVIEW, Deed.SEE_PHOTOS, Deed.ADD_PHOTO,
    Deed.OVERRIDE, Deed.CHANGE_PLAN, Deed.ACTIVATE_PLAN, Deed.SEE_STOCK, Deed.CHANGE_STOCK,
]  # fmt: skip
CALENDAR = [Deed.BOOK, Deed.MOVE, Deed.CANCEL, Deed.CHECK_IN, Deed.TICK]
IDENTITY = [Deed.REGISTER_PATIENT, Deed.CHANGE_PATIENT, Deed.SEE_PATIENT, Deed.SEE_PLAN]

TABLE = {
    **{deed: {CLINICIAN} for deed in CLINICAL},
    **dict.fromkeys(CALENDAR, EVERYBODY),
    **dict.fromkeys(IDENTITY, EVERYBODY),
    Deed.RECORD_CONSENT: {DESK, CLINICIAN},
    Deed.IMPORT_PATIENTS: {DESK, MANAGER},
    Deed.SEE_PROTOCOLS: {CLINICIAN, MANAGER},
    Deed.CHANGE_PROTOCOLS: {MANAGER},
    Deed.CHANGE_CLINIC: {MANAGER},
    Deed.SEE_OUTBOX: EVERYBODY,
    Deed.SETTLE_MAIL: {DESK, MANAGER},
    Deed.SEE_AUDIT: {MANAGER},
    Deed.SEE_OWN_AUDIT: {CLINICIAN},
}


@pytest.mark.parametrize("deed", list(Deed))
def test_each_deed_is_allowed_to_exactly_the_roles_of_the_table(deed):
    assert {role for role in Role if may([role], deed)} == TABLE[deed]


def test_several_roles_allow_what_any_of_them_allows():
    assert may({DESK, CLINICIAN}, Deed.ASSESS)
    assert may({DESK, CLINICIAN}, Deed.IMPORT_PATIENTS)
    assert not may({DESK, CLINICIAN}, Deed.SEE_AUDIT)


def test_no_role_allows_nothing():
    assert not any(may([], deed) for deed in Deed)


def test_every_role_has_its_row():
    assert set(ALLOWED) == set(Role)
