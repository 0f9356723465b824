"""Some weeks of a patient's life in random order: booked, moved, cancelled, treated, unsubscribed, and a machine that
dies in between. After every step the rows and the mails are held against the model."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from random import Random
from uuid import UUID

from clinic.models import Practitioner, Room
from clinic.rules.refusal import Refusal
from patients.models import Patient
from patients.operations.patients import choose_mails, unsubscribe
from plans.models import Appointment, Plan, Postroom, Reminder, Session
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.sessions import complete_session
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import REMINDER_MOVES, AppointmentPurpose, ReminderState
from plans.tasks import deliver
from tests.cast import Cast
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW
from tests.post.crooked_server import CUT, USUAL, CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import OPEN, turn
from tests.proofs.forked import Forked
from tests.proofs.house import ASKING
from tests.proofs.model import Model, Visit
from tests.proofs.points import Points

KEY = re.compile(r"^<r([0-9a-f]{32})\.v\d+@")
S = ReminderState
ENDED = frozenset({S.SENT, S.CANCELLED, S.SKIPPED, S.EXPIRED, S.UNKNOWN})
DEEDS = {
    "book": 4,
    "move": 4,
    "cancel": 2,
    "hold": 3,
    "choose": 2,
    "address": 1,
    "tick": 4,
    "wait": 6,
    "die": 3,
    "cut": 1,
}


class Sequence:
    def __init__(self, seed: int, cast: Cast, server: CrookedServer, hour: Hour) -> None:
        self.chance, self.cast, self.server, self.hour = Random(seed), cast, server, hour
        self.now = cast.now = hour.now = NOW
        self.story: list[str] = [f"seed {seed}"]
        self.died = self.read = 0
        self.before: dict[UUID, tuple[str, bytes | None]] = {}
        Postroom.objects.all().delete()
        Reminder.objects.filter(state__in=OPEN).update(state=S.CANCELLED)  # what an earlier life left for later
        server.kept.clear()
        self.plan: Plan = cast.active_plan(f"P{seed}")
        self.patient: Patient = self.plan.patient
        self.place = {
            "practitioner_id": Practitioner.objects.create(location=cast.here, name=f"Dr of {seed}").pk,
            "room_id": Room.objects.create(location=cast.here, name=f"Room of {seed}").pk,
        }
        self.model = Model(cast.here.zone, self.patient.email)

    def run(self, steps: int = 11) -> None:
        for _ in range(steps):
            deed = self.chance.choices(list(DEEDS), weights=list(DEEDS.values()))[0]
            self.story.append(deed)
            try:
                getattr(self, deed)()
            except Refusal as refusal:
                self.story[-1] += f" ({refusal.code})"
            self.compare()
        self.pass_time(self.now + 3 * HOUR)
        assert self.overdue() == 0, (self.story, "letters that are due and do not leave")
        if self.chance.random() < 0.3:
            self.to_the_end()

    # -- deeds --------------------------------------------------------------------------------------------------------

    def book(self) -> None:
        booked = self.plan.sessions.filter(state="planned").exclude(appointments__state__in=("booked", "confirmed"))
        session = booked.order_by("number").first() if self.chance.random() < 0.8 else None
        purpose = AppointmentPurpose.SESSION if session else AppointmentPurpose.CONSULTATION
        made = book_appointment(
            patient_id=self.patient.pk,
            purpose=purpose,
            session_id=session.pk if session else None,
            starts=self.some_time(),
            minutes=45,
            override_reason="As agreed",
            by=self.cast.doctor,
            now=self.now,
            **self.place,
        )
        self.model.visits[made.pk] = Visit(made.starts, session is not None)

    def move(self) -> None:
        if key := self.some_visit():
            made = move_appointment(
                appointment_id=key,
                starts=self.some_time(),
                minutes=45,
                reason="She asked",
                override_reason="As agreed",
                by=self.cast.doctor,
                now=self.now,
                **self.place,
            )
            old = self.model.visits[key]
            old.end, self.model.visits[made.pk] = "moved", Visit(made.starts, old.treats)

    def cancel(self) -> None:
        if key := self.some_visit():
            cancel_appointment(appointment_id=key, reason="She is ill", by=self.cast.doctor, now=self.now)
            self.model.visits[key].end = "cancelled"

    def hold(self) -> None:
        """Time passes until the next session's end; what was due meanwhile went out."""
        coming = [key for key in self.model.standing(self.now) if self.model.visits[key].treats]
        if not coming:
            return
        key = min(coming, key=lambda one: self.model.visits[one].starts)
        visit = Appointment.objects.get(pk=key)
        self.pass_time(visit.ends + 5 * MINUTE)
        session = Session.objects.select_related("plan").get(pk=visit.session_id)
        complete_session(
            session_id=session.pk,
            started_at=visit.starts,
            ended_at=visit.ends,
            treatments=self.cast.given(session),
            override_reason="As agreed",
            by=self.cast.doctor,
            now=self.now,
        )
        self.model.visits[key].end = "held"
        self.model.held[session.pk] = visit.ends

    def choose(self) -> None:
        group = self.chance.choice(list(self.model.wants))
        self.model.wants[group] = not self.model.wants[group]
        if self.model.wants[group]:
            choose_mails(patient_id=self.patient.pk, now=self.now, **self.model.wants)
        else:
            unsubscribe(patient_id=self.patient.pk, group=group, now=self.now)

    def address(self) -> None:
        self.model.email = f"new{self.chance.randrange(10**6)}@example.org"
        Patient.objects.filter(pk=self.patient.pk).update(email=self.model.email)

    def tick(self) -> None:
        turn(self.hour, self.now)

    def wait(self) -> None:
        much = self.chance.choice((MINUTE, 3 * MINUTE, HOUR, 12 * HOUR, DAY, 5 * DAY, 20 * DAY))
        self.now += much * self.chance.uniform(0.5, 1.5)
        self.hour.now = self.cast.now = self.now

    def die(self) -> None:
        """The machine ends anywhere in its turn and leaves what it held."""
        last = self.chance.randrange(1, 90)
        self.hour.now = self.now
        self.died += 1

        def live() -> None:
            points = Points(last)
            points.watch()
            deliver()

        Forked(live).wait()

    def cut(self) -> None:
        """The mail server hangs up after the dot, and may have kept what it got."""
        self.server.keeps, self.died = self.chance.random() < 0.5, self.died + 1
        self.server.says["dot"] = CUT
        turn(self.hour, self.now)
        self.server.says["dot"], self.server.keeps = USUAL["dot"], True

    # -- help ---------------------------------------------------------------------------------------------------------

    def some_time(self) -> datetime:
        day = (self.now + timedelta(days=self.chance.choice((0, 1, 2, 3, 5, 8, 13, 21, 30)))).date()
        return self.cast.at(day, self.chance.randrange(9, 18), self.chance.choice((0, 15, 30)))

    def some_visit(self) -> UUID | None:
        standing = self.model.standing(self.now)
        return self.chance.choice(standing) if standing else None

    def pass_time(self, until: datetime) -> None:
        """Turn by turn, at every hour at which something is due."""
        while (due := self.next_due()) and due <= until:
            self.now = max(due, self.now + MINUTE)
            turn(self.hour, self.now)
            self.compare()
        self.now = self.hour.now = self.cast.now = max(until, self.now)

    def next_due(self) -> datetime | None:
        mine = Reminder.objects.filter(patient=self.patient, state__in=OPEN)
        hours = [
            row.due_at if row.state == S.PLANNED else (row.lease_until or row.due_at) for row in mine.defer("mime")
        ]
        return min(hours, default=None)

    def overdue(self) -> int:
        mine = Reminder.objects.filter(patient=self.patient, due_at__lte=self.now, state__in=OPEN)
        return mine.count()

    # -- the comparison -----------------------------------------------------------------------------------------------

    def compare(self) -> None:
        rows = {row.pk: row for row in Reminder.objects.filter(patient=self.patient)}
        for key, row in rows.items():
            state, mime = self.before.get(key, (S.PLANNED, None))
            assert S(row.state) in reachable(S(state)), (self.story, row.kind, state, row.state)
            assert mime is None or bytes(row.mime) == mime, (self.story, "bytes once frozen never change")
            self.before[key] = row.state, bytes(row.mime) if row.mime else None
        arrived, self.read = self.server.kept[self.read :], len(self.server.kept)
        for mail in arrived:
            self.judge(mail, rows)
        for row in rows.values():
            if row.state == S.SENT:
                assert self.copies()[row.message_id], (self.story, row.kind, "says it was sent, and was not")

    def judge(self, mail: bytes, rows: dict[UUID, Reminder]) -> None:
        read = message_from_bytes(mail, policy=policy.default)
        found = KEY.match(str(read["Message-ID"]))
        assert found, read["Message-ID"]
        row = rows[UUID(hex=found[1])]
        text = read.get_body(preferencelist=("plain",)).get_content()
        recipient = read["To"].addresses[0].addr_spec
        wrong = self.model.why_not(LetterKind(row.kind), row.about_id, text, recipient, self.now)
        assert not wrong, (self.story, row.kind, wrong)
        copies = self.copies()[row.message_id]
        assert copies <= (1 if row.kind in ASKING else 2), (self.story, row.kind, f"{copies} copies")

    def copies(self) -> Counter[str]:
        ids = re.compile(rb"^Message-ID: *(<[^>]+>)", re.MULTILINE)
        return Counter(ids.search(mail)[1].decode() for mail in self.server.kept)  # type: ignore[index]

    def to_the_end(self) -> None:
        """Let all the time pass that letters may need: then none is open, and each says truly how it ended."""
        self.story.append("to the end")
        self.pass_time(self.now + 500 * DAY)
        rows = list(Reminder.objects.filter(patient=self.patient).defer("mime"))
        told = {
            row.about_id for row in rows if row.kind in (LetterKind.APPOINTMENT_BOOKED, LetterKind.APPOINTMENT_MOVED)
        }
        assert told == set(self.model.visits), (self.story, "every booking and every move has its letter")
        for row in rows:
            assert row.state in ENDED, (self.story, row.kind, row.state, row.state_reason)
            assert row.state == S.SENT or row.state_reason, (self.story, row.kind, row.state)
            assert self.is_true(row), (self.story, row.kind, row.state, row.state_reason)

    def is_true(self, row: Reminder) -> bool:
        """Whether the reason it gives for not having been sent is one the model knows of."""
        visit = self.model.visits.get(row.about_id)
        match S(row.state):
            case S.UNKNOWN:
                return self.died > 0
            case S.EXPIRED:
                return row.useful_until <= self.now
            case S.CANCELLED if visit and "cancelled" in row.state_reason:
                return visit.end == "cancelled"
            case S.CANCELLED if visit and "moved" in row.state_reason:
                return visit.end == "moved"
            case S.CANCELLED if "address" in row.state_reason:
                return Reminder.objects.filter(supersedes=row).exists()
            case _:
                return True


def reachable(state: ReminderState) -> frozenset[ReminderState]:
    found, new = {state}, {state}
    while new := {to for one in new for to in REMINDER_MOVES[one]} - found:
        found |= new
    return frozenset(found)
