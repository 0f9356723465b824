"""What a patient is told on her own page when something was done, or cannot be done. Every sentence is translated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext, gettext_noop

from clinic.rules.refusal import Refusal

SAID: Mapping[str, str] = MappingProxyType(
    {
        "confirmed": gettext_noop("Thank you, we have noted that you will come."),
        "mails": gettext_noop("Your choice of mails is saved."),
        "language": gettext_noop("From now on we write to you in this language."),
        "asked-move": gettext_noop("Thank you. We have your wish and will answer. Until then your appointment stays."),
        "asked-cancel": gettext_noop("Thank you. We have your message. Until we answer, your appointment stays."),
        "cancelled": gettext_noop("Your appointment is cancelled."),
    }
)
# By the refusal's code. The staff's own sentences name versions, roles and reasons: those are not hers to read.
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "link_broken": gettext_noop("This link is not complete. Please open it again from your mail."),
        "link_expired": gettext_noop("This link has expired. Please use the one in our newest mail, or call us."),
        "link_revoked": gettext_noop(
            "This link is no longer in use. Please open the one in our newest mail, or call us."
        ),
        "offer_broken": gettext_noop("This offer is not there. Please open the link from your mail again, or call us."),
        "wrong_state": gettext_noop("This appointment has changed meanwhile. Here is what is true now."),
        "past": gettext_noop("This appointment has begun already."),
        "over": gettext_noop("This appointment cannot be cancelled any more."),
        "ask": gettext_noop("It is too late to cancel it here yourself. Ask us below, or call."),
        "not_here": gettext_noop("Another time cannot be asked for here. Please call us."),
        "nothing_said": gettext_noop("Please tell us a little more first."),
        "many": gettext_noop("We have several messages from you already. Please call us."),
        "other_form": gettext_noop("This page was open for too long. Please try once more."),
    }
)
OFFER_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "gone": gettext_noop("This time is not free any more."),
        "over": gettext_noop("This offer has ended."),
        "taken": gettext_noop("You have taken this time already. Call us if it does not suit you."),
    }
)
ELSE = gettext_noop("That did not work. Please call us.")
GONE = gettext_noop("This appointment is not there any more. Here is what is true now.")
NO_ITEM = gettext_noop("That item is not on your list any more.")


def refusal_words(refusal: Refusal, sentences: Mapping[str, str] = REFUSED) -> str:
    return gettext(sentences.get(refusal.code, ELSE))


def said_words(key: str) -> str:
    return gettext(SAID[key]) if key in SAID else ""
