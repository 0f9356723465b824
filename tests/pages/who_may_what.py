"""Every address of the program, and what each kind of person gets there. A test walks the addresses and compares.

Columns: somebody not logged in, the front desk, a clinician and a manager of the same place, and somebody of another
place who holds all three roles. Numbers are HTTP answers: 302 leads to the login, 403 is "not your role", 404 is "not
there" and "not yours" alike, 405 is "not by this method". `about` names the object of the planted world
(planted.py) that stands in the address: always one of OUR place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

HERE = ("desk", "clinician", "manager")


@dataclass(frozen=True, slots=True)
class Row:
    """One address. `sends` makes it a page that takes POST only: the numbers are the answers to a POST of that."""

    name: str
    about: str = ""
    desk: int = 200
    clinician: int = 200
    manager: int = 200
    elsewhere: int = 200
    anonymous: int = 302
    sends: Mapping[str, str] | None = None
    path: str = ""  # where the address cannot be made from its name
    noted: bool = False  # that somebody looked is itself written down
    more: tuple[str, ...] = field(default=())  # what else stands in the address after the object

    def status(self, role: str) -> int:
        return int(getattr(self, "anonymous" if role == "disabled" else role))

    @property
    def is_own_link(self) -> bool:
        return self.name in OWN_LINKS


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the admin site. D, C, M: front desk, clinician, manager.

    `history`: who reads it. `kept`: "versions" of the row, the admin's own "log" of it, or "nothing".
    `everybodys`: belongs to no place.
    """

    name: str
    about: str
    sees: str
    adds: str = ""
    history: str | None = None
    kept: str = "versions"
    everybodys: bool = False

    def rows(self) -> Iterator[Row]:
        mine = 200 if self.everybodys else 404
        read = self.sees if self.history is None else self.history
        past = 404 if self.kept == "nothing" else 200
        past_elsewhere = 404 if self.kept == "nothing" else mine
        yield Row(f"admin:{self.name}_changelist", **_let_in(self.sees))
        yield Row(f"admin:{self.name}_add", **_let_in(self.adds), elsewhere=200 if self.adds else 403)
        yield Row(f"admin:{self.name}_change", self.about, **_let_in(self.sees), elsewhere=mine)
        yield Row(f"admin:{self.name}_delete", self.about, **_let_in(""), elsewhere=403)
        yield Row(f"admin:{self.name}_history", self.about, **_let_in(read, past), elsewhere=past_elsewhere)
        if self.kept != "log":
            more = ("version",) if past == 200 else ("1",)
            versions = f"admin:{self.name}_simple_history"
            yield Row(versions, self.about, **_let_in(read, past), elsewhere=past_elsewhere, more=more)
        short = f"admin/{self.name.replace('_', '/')}/<path:object_id>/"
        yield Row(short, self.about, **_let_in("DCM", 302), elsewhere=302, path=short)


def _let_in(letters: str, status: int = 200) -> dict[str, int]:
    return {role: status if role[0].upper() in letters else 403 for role in HERE}


def _only(letters: str, name: str, about: str, elsewhere: int = 404, **more: object) -> Row:
    return Row(name, about, **_let_in(letters, more.pop("let_in", 200)), elsewhere=elsewhere, **more)  # type: ignore[arg-type]


def _posted(name: str, about: str, letters: str = "DCM", *, more: tuple[str, ...] = (), **sends: str) -> Row:
    """A button: whoever may press it is led on to a page."""
    return _only(letters, name, about, let_in=302, sends=sends, more=more)


def _door(name: str, anonymous: int, staff: int, **more: object) -> Row:
    """A page about one's own login: the same for everybody who has one."""
    return Row(name, anonymous=anonymous, desk=staff, clinician=staff, manager=staff, elsewhere=staff, **more)  # type: ignore[arg-type]


OWN_LINKS = (
    "plans:own-page",
    "plans:own-confirm",
    "plans:own-tick",
    "plans:own-mails",
    "plans:own-move",
    "plans:own-cancel",
    "plans:own-report",
    "plans:own-report-answer",
    "plans:own-calendar",
    "plans:own-language",
    "plans:own-offer",
    "plans:unsubscribe",
)

PEOPLE = (
    Row("patients:list"),
    Row("patients:new"),
    Row("patients:edit", "patient", elsewhere=404),
    _only("C", "patients:assess", "patient"),
    _only("DC", "patients:consent", "patient"),
    _only("DC", "patients:consent-ask", "patient"),
    _only("DC", "patients:consent-blank", "patient"),
    _only("DC", "patients:consent-signed", "consent"),
    _only("DC", "patients:consent-signature", "consent"),
    _only("M", "patients:consent-form", "consentform"),
    _only("M", "patients:consent-form-publish", "consentform"),
    _only("M", "patients:consent-form-next", "ownform", let_in=302, sends={}),
    _only("DM", "patients:import", "", elsewhere=200),
    # The table is the front desk's: nobody else opens it, not even the manager.
    Row("patients:import-columns", "table", clinician=403, manager=404, elsewhere=404),
    Row("patients:import-check", "table", desk=302, clinician=403, manager=404, elsewhere=404),
    Row("patients:import-progress", "table", desk=302, clinician=403, manager=404, elsewhere=404),
    _only("DM", "patients:import-done", "", elsewhere=302, let_in=302),
)

PLANS = (
    Row("plans:patient", "patient", elsewhere=404),
    _only("C", "plans:plan-new", "patient"),
    Row("plans:plan", "plan", elsewhere=404),
    Row("plans:plan-pdf", "plan", elsewhere=404, noted=True),
    _only("C", "plans:plan-activate", "draft"),
    _only("C", "plans:plan-stop", "plan"),
    Row("plans:desk"),
    Row("plans:board"),
    _posted("plans:board-step", "appointment", more=("arrive",)),
    Row("plans:missed", "started", elsewhere=404),
    Row("plans:day-sheet"),
    Row("plans:week-sheet"),
    Row("plans:to-book"),
    Row("plans:calendar-new"),
    Row("plans:calendar-find"),
    Row("plans:calendar-details", "appointment", elsewhere=404),
    _only("DCM", "plans:calendar-step", "appointment", let_in=302, sends={}, more=("arrive",)),
    Row("plans:appointment", "appointment", elsewhere=404),
    Row("plans:appointment-move", "appointment", elsewhere=404),
    _posted("plans:appointment-cancel", "appointment", reason="She called"),
    _posted("plans:appointment-no-show", "started"),
    _posted("plans:appointment-check-in", "appointment"),
    Row("plans:consultation-book", "patient", elsewhere=404),
    Row("plans:session-book", "unbooked", elsewhere=404),
    Row("plans:series", "plan", elsewhere=404),
    _only("C", "plans:session-complete", "session"),
    _only("C", "plans:plan-change", "plan", more=("pause",)),
    _posted("plans:session-checklist", "session", item="item", ticked="yes"),
    _only("C", "plans:review", "review"),
    _only("C", "plans:review-decide", "review", more=("continue",)),
    Row("plans:review-book", "review", elsewhere=404),
    _only("C", "plans:capture", "review"),
    _only("C", "plans:compare", "review"),
    _only("C", "plans:strip", "plan"),
    _only("C", "plans:sheet", "review"),
    _only("C", "plans:photo-add", "review", sends={}),
    _only("C", "plans:photo", "photo", more=("large",)),
    _only("C", "plans:results", "plan"),
    _only("C", "plans:ratings", "", elsewhere=200),
    _only("C", "plans:rating", "rating"),
    _only("C", "plans:rating-photo", "rating", more=("left",)),
    _posted("plans:rating-undo", "rating", "C"),
    # Its review is decided: whoever is let in is told that it stays as it is.
    _only("C", "plans:photo-move", "photo", let_in=409, sends={"view": "uploadview"}),
    _only("C", "plans:photo-set-aside", "photo", let_in=409, sends={"reason": "Of her sister"}),
    _only("C", "plans:upload-begin", "review"),
    _only("C", "plans:upload", "upload"),
    _only("C", "plans:upload-place", "upload", sends={"view": "uploadview"}),
    _only("C", "plans:upload-shown", "upload", more=("thumb",)),
    # Last: the row comes back, its files do not.
    _only("C", "plans:upload-discard", "upload", sends={}),
    # A photo cannot be laid on itself: whoever is let in is told so.
    _only("C", "plans:align", "photo", let_in=422, sends={}, more=("photo",)),
    _only("M", "plans:hours", "", elsewhere=200),
    _only("M", "plans:hours-week", "week"),
    _only("M", "plans:hours-special", "", elsewhere=200),
    _posted("plans:hours-special-remove", "special", "M"),
    _only("M", "plans:hours-holidays", "location"),
    _only("M", "plans:letter-times-here", "", elsewhere=200),
    _only("M", "plans:letter-times", "location"),
    Row("plans:away-new"),
    Row("plans:away", "closure", elsewhere=404),
    _posted("plans:away-remove", "closure"),
    _only("CM", "plans:care-rules", "", elsewhere=200),
    _only("CM", "plans:care-rule", "care_rule", elsewhere=200),
    _only("M", "plans:care-rule-changes", "care_rule", elsewhere=200),
    _only("CM", "plans:care-change", "care_change", elsewhere=200),
    Row("plans:waiting"),
    Row("plans:waiting-add", "appointment", elsewhere=404),
    Row("plans:waiting-offer", "freed", elsewhere=404),
    _only("DCM", "plans:waiting-give", "freed", let_in=302, sends={}, more=("waiting",)),
    _posted("plans:waiting-end", "waiting"),
    _only("CM", "plans:feeds", "", elsewhere=200),
    # A clinician gives out her own calendar only, and this one is not hers.
    Row("plans:feed-new", "practitioner", desk=403, clinician=404, elsewhere=404),
    Row("plans:feed-revoke", "feed", desk=403, clinician=404, elsewhere=404),
    _door("plans:feed", 200, 200, about="feedsecret", noted=True),
    Row("plans:requests"),
    _posted("plans:request-settle", "wish", answer="She was phoned"),
    Row("plans:patient-link", "patient", elsewhere=404),
    Row("plans:outbox"),
    Row("plans:letter", "letter", elsewhere=404),
    Row("plans:letter-file", "letter", elsewhere=404),
    _posted("plans:letter-resend", "letter", "DM"),
    _posted("plans:letter-close", "letter", "DM", reason="She was phoned"),
    _posted("plans:letter-stop", "coming", "DM", reason="She knows"),
    _posted("plans:letters-close", "", "DM", letter="letter", reason="She was phoned"),
    Row("plans:plan-letters", "plan", elsewhere=404),
    Row("plans:phone"),
    _posted("plans:phone-settle", "", "DM", letter="letter", reason="She was phoned"),
    _posted("plans:address-works", "patient", "DM"),
    Row("plans:returns"),
    _door("plans:mail-hook", 404, 404, path="hooks/mail/not-the-secret/", sends={}),
    _only("M", "plans:wordings", "", elsewhere=200),
    _only("M", "plans:wording", "location", more=("no_dye", "en")),
    _only("M", "plans:wording-preview", "location", sends={"subject": "Hello"}, more=("no_dye", "en")),
    _only("M", "plans:wording-test", "location", sends={"subject": "Hello"}, more=("no_dye", "en")),
    _only("M", "plans:wording-drop", "location", more=("no_dye", "en")),
    _only("M", "plans:wording-version", "location", more=("no_dye", "en", "0")),
    Row("plans:postroom"),
    _only("M", "plans:postroom-hold", "", elsewhere=200),
    _only("M", "plans:postroom-release", "", elsewhere=200),
)

# Protocols belong to no place: whoever has the role reads or changes them, wherever they work.
PROTOCOLS = (
    _only("CM", "plans:protocol", "protocol", elsewhere=200),
    _only("CM", "plans:protocol-compare", "protocol", elsewhere=200, more=("nextprotocol",)),
    _only("M", "plans:protocol-draft", "protocol", elsewhere=302, let_in=302, sends={}),
    _only("M", "plans:protocol-edit", "nextprotocol", elsewhere=200),
    _only("M", "plans:protocol-preview", "nextprotocol", elsewhere=200, sends={}),
    _only("M", "plans:protocol-copy", "protocol", elsewhere=200),
    _only("M", "plans:protocol-publish", "nextprotocol", elsewhere=200),
    _only("M", "plans:protocol-retire", "protocol", elsewhere=200),
    _only("M", "plans:protocol-discard", "nextprotocol", elsewhere=200),
    _only("CM", "plans:view-sets", "", elsewhere=200),
    _only("CM", "plans:view-set", "viewset", elsewhere=200),
    _only("CM", "plans:view-set-compare", "viewset", elsewhere=200, more=("viewset",)),
    _only("M", "plans:view-set-edit", "viewset", elsewhere=200),
    _only("M", "plans:view-set-copy", "viewset", elsewhere=200),
    _only("M", "plans:view-set-retire", "viewset", elsewhere=200),
    _only("M", "plans:view-set-renew", "viewset", elsewhere=302, let_in=302, sends={}),
    _only("CM", "plans:photo-rules-here", "", elsewhere=200),
    _only("CM", "plans:photo-rules", "location"),
)

# The link is the key: who else is logged in in this browser makes no difference.
OWN = (
    _door("plans:own-page", 200, 200, about="page"),
    _door("plans:own-confirm", 302, 302, about="page", sends={"appointment": "appointment"}),
    _door("plans:own-tick", 302, 302, about="page", sends={"item": "item", "ticked": "yes"}),
    _door("plans:own-mails", 302, 302, about="page", sends={"group": "care"}),
    _door("plans:own-move", 200, 200, about="page", more=("appointment",)),
    _door("plans:own-cancel", 200, 200, about="page", more=("appointment",)),
    _door("plans:own-report", 200, 200, about="page"),
    _door("plans:own-report-answer", 200, 200, about="page", more=("ownproblem",)),
    _door("plans:own-calendar", 200, 200, about="page"),
    _door("plans:own-language", 302, 302, about="page", sends={"language": "ar"}),
    _door("plans:own-offer", 200, 200, about="page", more=("offer",)),
    _door("plans:unsubscribe", 200, 200, about="unsubscribe"),
)

ADMIN = (
    Table("clinic_auditline", "auditline", sees="CM", kept="log"),
    Table("clinic_location", "location", sees="M", adds="M"),
    Table("clinic_practitioner", "practitioner", sees="M", adds="M", kept="log"),
    Table("clinic_room", "room", sees="M", adds="M", kept="log"),
    Table("clinic_staff", "staff", sees="M", adds="M", kept="log"),
    Table("patients_assessment", "assessment", sees="C"),
    Table("patients_consent", "consent", sees="DC"),
    Table("patients_consentform", "consentform", sees="M", adds="M", kept="log"),
    Table("patients_patient", "patient", sees="DCM"),
    Table("plans_appointment", "appointment", sees="DCM"),
    Table("plans_lot", "lot", sees="C", adds="C", everybodys=True),
    Table("plans_photo", "photo", sees="C", kept="nothing"),
    Table("plans_plan", "plan", sees="DCM", history="C"),
    Table("plans_product", "product", sees="C", adds="C", kept="log", everybodys=True),
    Table("plans_protocol", "protocol", sees="CM", everybodys=True),
    Table("plans_reminder", "letter", sees="DCM", kept="nothing"),
    Table("plans_review", "review", sees="DCM", history="C"),
    Table("plans_session", "done", sees="DCM", history="C"),
    Table("plans_treatment", "treatment", sees="C", kept="nothing"),
    Table("plans_viewset", "viewset", sees="CM", kept="nothing", everybodys=True),
)

SITE = (
    _door("home", 302, 302),
    _door("healthz", 503, 503),  # no broker and no worker run beside this test
    _door("plans:healthz-deep", 503, 503),  # nothing ticks beside this test
    _door("admin:index", 302, 200),
    _door("admin:login", 302, 302),
    _door("admin:logout", 302, 405),
    _door("admin:search", 302, 302),
    _door("admin:password_change", 302, 200),
    _door("admin:password_change_done", 302, 200),
    _door("admin:autocomplete", 302, 403),
    _door("admin:jsi18n", 302, 200),
    _door("admin:view_on_site", 302, 404, path="admin/r/1/1/"),
    _door("admin:app_list", 302, 200, path="admin/plans/"),
    _door("admin/(?P<url>.*)$", 302, 404, path="admin/nothing/here/"),
    _only("M", "admin:auth_user_password_change", "staff"),
)

LOGIN = (
    _door("account_login", 200, 302),
    _door("account_logout", 302, 200),
    _door("account_inactive", 200, 200),
    _door("account_signup", 200, 302),  # says that nobody signs up here
    _door("account_reauthenticate", 302, 200),
    _door("account_email", 302, 200),
    _door("account_email_verification_sent", 200, 200),
    _door("account_confirm_email", 200, 200, path="accounts/confirm-email/not-a-key/"),
    _door("account_change_password", 302, 200),
    _door("account_set_password", 302, 302),
    _door("account_reset_password", 200, 200),
    _door("account_reset_password_done", 200, 200),
    _door("account_reset_password_from_key", 200, 200, path="accounts/password/reset/key/1-not-a-key/"),
    _door("account_reset_password_from_key_done", 200, 200),
    _door("account_confirm_login_code", 302, 302),
    _door("mfa_index", 302, 200),
    _door("mfa_authenticate", 302, 302),
    _door("mfa_reauthenticate", 302, 302),
    _door("mfa_activate_totp", 302, 302),
    _door("mfa_deactivate_totp", 302, 404),
    _door("mfa_view_recovery_codes", 302, 404),
    _door("mfa_generate_recovery_codes", 302, 302),
    _door("mfa_download_recovery_codes", 302, 404),
    _door("mfa_list_webauthn", 302, 200),
    _door("mfa_add_webauthn", 302, 302),
    _door("mfa_reauthenticate_webauthn", 302, 302),
    _door("mfa_remove_webauthn", 302, 302, path="accounts/2fa/webauthn/keys/1/remove/"),
    _door("mfa_edit_webauthn", 302, 302, path="accounts/2fa/webauthn/keys/1/edit/"),
    _door("mfa_login_webauthn", 302, 302),
)

ROWS = (*PEOPLE, *PLANS, *PROTOCOLS, *OWN, *SITE, *LOGIN, *(row for table in ADMIN for row in table.rows()))
