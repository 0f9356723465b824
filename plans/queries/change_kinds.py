"""The ways to change a plan: what each is called, what it is about, and when it can be done."""

from __future__ import annotations

from enum import StrEnum

from plans.queries.plan_lines import CHANGEABLE
from plans.rules.states import PlanState


class Kind(StrEnum):
    """The value stands in the page's address."""

    PAUSE = "pause"
    RESUME = "resume"
    ADD = "add"
    REMOVE = "remove"
    SKIP = "skip"
    UNSKIP = "unskip"
    PIN = "pin"
    VERSION = "version"
    CARE_RULE = "care-rule"
    REVIEW = "review"
    BOOSTER = "booster"
    ALONGSIDE = "alongside"

    @property
    def asks(self) -> str:
        """What has to be chosen first, by the name it has in the address; empty for the whole plan."""
        return _ASKS.get(self, "")

    @property
    def question(self) -> str:
        return _QUESTIONS.get(self, "")

    @property
    def lead(self) -> str:
        return _LEADS[self]

    def heading(self, name: str) -> str:
        """What the page and its button are called: "Skip session 3". `name`: what it is about."""
        return _TITLES[self].format(name=name)

    def done(self, name: str) -> str:
        words = _DONE[self].format(name=name)
        return f"{words[0].upper()}{words[1:]}"

    def is_open_in(self, state: PlanState) -> bool:
        return state in _STATES.get(self, CHANGEABLE)


_STATES = {
    Kind.PAUSE: (PlanState.ACTIVE,),
    Kind.RESUME: (PlanState.PAUSED,),
    Kind.BOOSTER: (PlanState.ACTIVE, PlanState.COMPLETED),
}
_SESSION = (Kind.REMOVE, Kind.SKIP, Kind.UNSKIP, Kind.PIN)
_ASKS = {
    **dict.fromkeys(_SESSION, "session"),
    Kind.REVIEW: "review",
    Kind.CARE_RULE: "rule",
    Kind.ALONGSIDE: "item",
    Kind.VERSION: "version",
}
_QUESTIONS = {
    **dict.fromkeys(_SESSION, "Which session?"),
    Kind.REVIEW: "Which review?",
    Kind.CARE_RULE: "Which rule?",
    Kind.ALONGSIDE: "Which medicine or referral?",
    Kind.VERSION: "Which version?",
}
_TITLES = {
    Kind.PAUSE: "Pause the plan",
    Kind.RESUME: "Resume the plan",
    Kind.ADD: "Add a session",
    Kind.REMOVE: "Remove {name}",
    Kind.SKIP: "Skip {name}",
    Kind.UNSKIP: "Hold {name} after all",
    Kind.PIN: "Set the day of {name}",
    Kind.VERSION: "Follow {name}",
    Kind.CARE_RULE: "Change {name}",
    Kind.REVIEW: "Move {name}",
    Kind.BOOSTER: "Plan a booster",
    Kind.ALONGSIDE: "Change {name}",
}
_DONE = {
    Kind.PAUSE: "the plan is paused.",
    Kind.RESUME: "the plan goes on.",
    Kind.ADD: "the course is longer.",
    Kind.REMOVE: "{name} is removed.",
    Kind.SKIP: "{name} is skipped.",
    Kind.UNSKIP: "{name} is to be held.",
    Kind.PIN: "the day of {name} is set.",
    Kind.VERSION: "the plan follows {name}.",
    Kind.CARE_RULE: "{name} is changed for this patient.",
    Kind.REVIEW: "{name} is moved.",
    Kind.BOOSTER: "the booster is planned.",
    Kind.ALONGSIDE: "{name} is written down.",
}
_LEADS = {
    Kind.PAUSE: "Nothing is booked while the plan stands still. What is to come is later by the days it stood.",
    Kind.RESUME: "What is to come is later by the days the plan stood still.",
    Kind.ADD: "The course gets one more session of what you tick.",
    Kind.REMOVE: "The course gets one session fewer. Those after it count from the one before it.",
    Kind.SKIP: "It is left out. The sessions after it keep their rhythm.",
    Kind.UNSKIP: "It was skipped, and is a session to come again.",
    Kind.PIN: "Your day stands instead of the calculated one, which is kept beside it.",
    Kind.VERSION: "What was done stays as it was done. The patient's own number of sessions is kept where the version "
    "allows it, and so are care rules and reviews that were changed for this patient alone.",
    Kind.CARE_RULE: "For this patient alone: the protocol and everybody else's plans stay as they are.",
    Kind.REVIEW: "For this patient alone: how long after the first session results are looked at.",
    Kind.BOOSTER: "A session that keeps up what the course has done.",
    Kind.ALONGSIDE: "What belongs to the course and is not given at a session: a medicine at home, a referral.",
}
