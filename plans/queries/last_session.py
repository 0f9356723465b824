"""What was done last: the first thing one asks before the next session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from patients.rules.scalp import ScalpArea
from plans.models import Session, Treatment
from plans.models.facts import modalities_of
from plans.queries.chart import Chart
from plans.rules.states import SessionState
from plans.rules.wording import list_words, modality_words


@dataclass(frozen=True, slots=True)
class Given:
    """ "Exosome", "4 ml by fine-needle injection, vertex; lot A1; pain 3", and what happened meanwhile."""

    what: str
    how: str
    happened: str


@dataclass(frozen=True, slots=True)
class LastSession:
    """`given` is None for those who may not read it: they see which session it was, and when."""

    session: Session
    what: str
    on: date
    given: tuple[Given, ...] | None


def last_session(chart: Chart, *, by: Staff) -> LastSession | None:
    """Return the newest session that was held, over all plans. One query; none for those who read no treatments."""
    done = [one for plan in chart.plans for one in chart.sessions[plan.pk] if one.state == SessionState.DONE]
    if not done:
        return None
    session = max(done, key=lambda one: one.ended_at or chart.now)
    rows = session.treatments.select_related("lot") if by.can(Deed.SEE_CLINICAL) else None
    return LastSession(
        session=session,
        what=list_words([modality_words(modality) for modality in modalities_of(session, session.plan.course)]),
        on=local_day(session.ended_at or chart.now, session.plan.location.zone),
        given=None if rows is None else tuple(_given(row) for row in rows),
    )


def _given(row: Treatment) -> Given:
    where = list_words([ScalpArea(area).label.lower() for area in row.areas])
    how = [f"{row.amount_ml.normalize():f} ml by {row.get_method_display().lower()}{f', {where}' if where else ''}"]
    if row.lot:
        how.append(f"lot {row.lot.number}")
    if row.pain is not None:
        how.append(f"pain {row.pain} of 10")
    return Given(row.get_modality_display(), "; ".join(how), row.what_happened)
