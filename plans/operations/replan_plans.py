"""One step of a changed care rule: some patients, all their plans, in as many queries as for one of them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from clinic.models import AuditLine, Staff
from patients.models import Patient
from plans.models import Plan, Session
from plans.models.care_copies import Copies, Turn, Turns
from plans.operations.checklists import write_many
from plans.operations.reminders import replan_many
from plans.rules.care_change import Fate, force_words
from plans.rules.happened import Happened
from plans.rules.states import PlanState

logger = logging.getLogger(__name__)

ADAPTED = "Left alone: its rule was set for this patient."
UNREADABLE = "Its course cannot be read: it keeps what it says, and so do the patient's other plans."
UNFORESEEN = "An error the program did not foresee: it keeps what it says. The log says where."


@dataclass(slots=True)
class Done:
    changed: int = 0
    letters: int = 0
    trouble: list[dict[str, str]] = field(default_factory=list)


def replan_plans(copies: Copies, patient_ids: Collection[UUID], *, reason: str, by: Staff, now: datetime) -> Done:
    """Give these patients' plans the rule as it is from now on. Call it inside a transaction."""
    patients = _locked(patient_ids)
    try:
        with transaction.atomic():
            return _Step(copies, patients, reason, by, now).do()
    except DatabaseError:
        raise
    except Exception:
        # One patient's rows shall not hold up everybody's: find whose they are.
        return _one_by_one(copies, patients, reason, by, now)


def _one_by_one(copies: Copies, patients: Sequence[Patient], reason: str, by: Staff, now: datetime) -> Done:
    done = Done()
    for patient in patients:
        try:
            with transaction.atomic():
                one = _Step(copies, [patient], reason, by, now).do()
        except DatabaseError:
            raise
        except Exception as error:
            logger.exception("the plans of patient %s do not follow the care rule", patient.pk)
            why = UNREADABLE if isinstance(error, KeyError | TypeError | ValueError) else UNFORESEEN
            mine = copies.plans().filter(patient=patient).values_list("pk", flat=True)
            one = Done(trouble=[_trouble(plan_id, "unreadable", why) for plan_id in mine])
        done.changed += one.changed
        done.letters += one.letters
        done.trouble += one.trouble
    return done


def _locked(patient_ids: Collection[UUID]) -> list[Patient]:
    """Lock all that the step will touch, or nothing: it never waits while it holds something, so that nobody ever
    waits in a circle with it. DatabaseError when somebody is at one of these rows; the step is then tried again."""
    if connection.features.has_select_for_update:
        now_or_not: dict[str, Any] = {"no_key": True, "nowait": True}
        sessions = Session.objects.filter(plan__patient__in=patient_ids).order_by("pk").only("pk")
        list(sessions.select_for_update(of=("self",), **now_or_not))
        list(Plan.objects.filter(patient__in=patient_ids).order_by("pk").only("pk").select_for_update(**now_or_not))
    rows = Patient.objects.filter(pk__in=patient_ids).select_related("home_location").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True, nowait=True))


@dataclass(slots=True)
class _Step:
    copies: Copies
    patients: Sequence[Patient]
    reason: str
    by: Staff
    now: datetime
    done: Done = field(default_factory=Done)

    def do(self) -> Done:
        owners = {patient.pk: patient for patient in self.patients}
        concerned = set(self.copies.plans().filter(patient__in=owners).values_list("pk", flat=True))
        plans = list(Plan.objects.filter(patient__in=owners).select_related("location").order_by("made_at", "pk"))
        for plan in plans:
            plan.patient = owners[plan.patient_id]
        known = Turns(self.copies)
        turns = {plan.pk: known.of(plan) for plan in plans}
        changed = [plan for plan in plans if plan.pk in concerned and self._changes(plan, turns[plan.pk])]
        if not changed:
            return self.done
        self._save(changed, turns)
        touched = {plan.patient_id for plan in changed}
        # What is written by now: a plan that keeps its rule keeps its course.
        follows = {plan.pk for plan in changed}
        courses = {plan.pk: turns[plan.pk].course_after(plan.pk in follows) for plan in plans}
        write_many({plan.pk: courses[plan.pk] for plan in changed}, rule_key=self.copies.wanted.key)
        self._record(changed, turns)
        self.done.changed = len(changed)
        self.done.letters = replan_many(
            [owners[pk] for pk in sorted(touched)],
            now=self.now,
            plans=[p for p in plans if p.patient_id in touched and p.state != PlanState.DRAFT],
            courses=courses,
        )
        return self.done

    def _changes(self, plan: Plan, turn: Turn) -> bool:
        if turn.fate is Fate.ADAPTED:
            self.done.trouble.append(_trouble(plan.pk, "adapted", ADAPTED))
        return turn.fate is Fate.CHANGES

    def _save(self, plans: Sequence[Plan], turns: Mapping[UUID, Turn]) -> None:
        """One statement for all plans that now read the same, and the history of each."""
        alike: dict[int, list[Plan]] = {}
        for plan in plans:
            plan.course_json = turns[plan.pk].written
            alike.setdefault(id(plan.course_json), []).append(plan)
        for same in alike.values():
            Plan.objects.filter(pk__in=[plan.pk for plan in same]).update(course_json=same[0].course_json)
        history: Any = Plan.history
        history.bulk_history_create(plans, update=True, default_user=self.by, default_change_reason=self.reason[:100])

    def _record(self, plans: Sequence[Plan], turns: Mapping[UUID, Turn]) -> None:
        """One audit line for each plan, all at once."""
        becomes = force_words(self.copies.wanted)
        AuditLine.objects.bulk_create(
            AuditLine(
                at=self.now,
                by=self.by,
                by_name=str(self.by),
                happened=Happened.PLAN_CARE_CHANGED,
                about_kind=Plan._meta.label_lower,
                about_id=plan.pk,
                about_words=str(plan)[:200],
                patient_id=plan.patient_id,
                location_id=plan.location_id,
                reason=self.reason,
                details={"rule": self.copies.wanted.key, "was": turns[plan.pk].words, "is": becomes},
            )
            for plan in plans
        )


def _trouble(plan_id: UUID, code: str, why: str) -> dict[str, str]:
    return {"plan": str(plan_id), "code": code, "why": why}
