"""Letters: from facts to subject, text, HTML and calendar file."""

from plans.letters.facts import RED_FLAGS, LetterFacts
from plans.letters.render import Letter, render

__all__ = ["RED_FLAGS", "Letter", "LetterFacts", "render"]
