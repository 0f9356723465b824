"""A protocol's life: a draft grows from a version, is written, published, retired; what is published stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from clinic.rules.spans import Span
from plans.models import Plan, Protocol
from plans.models.protocol_course import course_of
from plans.operations.protocol_versions import (
    copy_protocol,
    discard_draft,
    draft_next_version,
    publish_protocol,
    retire_protocol,
    words_of,
    write_draft,
)
from plans.operations.protocols import load_library
from plans.rules.course import Course
from plans.rules.happened import Happened
from plans.rules.states import ProtocolState
from plans.rules.view_sets import VIEW_SETS
from tests.cast import COMBINED, SINGLE, Cast, library, open_clinic, published, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


def no_dye_for(course: Course, text: str) -> Course:
    rules = (replace(rule, ends=Span.parse(text)) if rule.key == "no-dye" else rule for rule in course.care_rules)
    return replace(course, care_rules=tuple(rules))


def draft_of(cast: Cast, key: str = SINGLE) -> Protocol:
    return draft_next_version(protocol_id=published(key).pk, by=cast.manager, now=cast.now)


def changed_draft(cast: Cast, key: str = SINGLE) -> Protocol:
    draft = draft_of(cast, key)
    return write_draft(
        protocol_id=draft.pk, course=no_dye_for(course_of(draft), "5 weeks"), by=cast.manager, now=cast.now
    )


def publish(cast: Cast, draft: Protocol, note: str = "Five weeks, as agreed.") -> Protocol:
    return publish_protocol(protocol_id=draft.pk, change_note=note, by=cast.manager, now=cast.now)


def everything(protocol: Protocol) -> tuple[Course, list[object]]:
    fresh = Protocol.objects.get(pk=protocol.pk)
    return course_of(fresh), [getattr(fresh, f.attname) for f in Protocol._meta.concrete_fields]


def test_the_next_version_is_a_draft_that_says_what_the_one_before_says(cast: Cast) -> None:
    first = published(COMBINED)
    draft = draft_of(cast, COMBINED)
    assert (draft.version, draft.state, draft.based_on) == (2, ProtocolState.DRAFT, first)
    assert course_of(draft) == course_of(first)
    assert words_of(draft) == words_of(first)
    assert AuditLine.objects.get(happened=Happened.PROTOCOL_DRAFTED).about_id == draft.pk


def test_there_is_one_draft_however_often_one_is_asked_for(cast: Cast) -> None:
    draft = draft_of(cast)
    assert draft_of(cast) == draft
    assert draft_next_version(protocol_id=draft.pk, by=cast.manager, now=cast.now) == draft
    assert Protocol.objects.filter(key=SINGLE).count() == 2


def test_a_written_draft_is_read_as_it_was_written(cast: Cast) -> None:
    draft = draft_of(cast)
    course = no_dye_for(course_of(draft), "5 weeks")
    words = replace(words_of(draft), title="PRP, our way", price=None)
    written = write_draft(protocol_id=draft.pk, course=course, words=words, by=cast.manager, now=cast.now)
    assert course_of(written) == course
    assert words_of(written) == words
    line = AuditLine.objects.get(happened=Happened.PROTOCOL_CHANGED)
    assert line.details["changed"] == ["title", "care_rules"]


def test_writing_what_stands_there_already_leaves_no_trace(cast: Cast) -> None:
    draft = draft_of(cast)
    write_draft(protocol_id=draft.pk, course=course_of(draft), by=cast.manager, now=cast.now)
    assert not AuditLine.objects.filter(happened=Happened.PROTOCOL_CHANGED).exists()


def test_publishing_retires_the_old_version_and_leaves_it_otherwise_as_it_was(cast: Cast) -> None:
    first = published(SINGLE)
    was = everything(first)[0], words_of(first), first.fingerprint
    second = publish(cast, changed_draft(cast))
    first.refresh_from_db()
    assert (everything(first)[0], words_of(first), first.fingerprint) == was
    assert (first.state, first.retired_at) == (ProtocolState.RETIRED, cast.now)
    assert published(SINGLE) == second
    assert (second.version, second.change_note) == (2, "Five weeks, as agreed.")
    assert second.fingerprint not in ("", first.fingerprint)


def test_a_plan_under_way_keeps_its_own_copy(cast: Cast) -> None:
    plan = cast.active_plan(key=SINGLE)
    was = plan.course_json
    publish(cast, changed_draft(cast))
    kept = Plan.objects.get(pk=plan.pk)
    assert kept.course_json == was
    assert kept.protocol.version == 1


@pytest.mark.parametrize("state", ["published", "retired"])
def test_a_version_that_was_published_can_never_be_written(cast: Cast, state: str) -> None:
    old = published(SINGLE)
    if state == "retired":
        publish(cast, changed_draft(cast))
    was = everything(old)
    course = no_dye_for(course_of(old), "6 weeks")
    with refused("not_a_draft"):
        write_draft(protocol_id=old.pk, course=course, by=cast.manager, now=cast.now)
    with refused("not_a_draft"):
        publish(cast, old)
    with refused("not_a_draft"):
        discard_draft(protocol_id=old.pk, by=cast.manager, now=cast.now)
    assert everything(old) == was


def test_a_retired_version_can_be_taken_up_again(cast: Cast) -> None:
    first = published(SINGLE)
    publish(cast, changed_draft(cast))
    draft = draft_next_version(protocol_id=first.pk, by=cast.manager, now=cast.now)
    assert (draft.version, draft.based_on) == (3, first)
    back = publish(cast, draft, "Back to four weeks.")
    assert course_of(back) == course_of(first)


def test_a_draft_with_a_fault_is_not_written(cast: Cast) -> None:
    draft = draft_of(cast)
    was = course_of(draft)
    (part,) = was.components
    broken = replace(was, components=(replace(part, sessions_min=0),))
    with refused("session_count"):
        write_draft(protocol_id=draft.pk, course=broken, by=cast.manager, now=cast.now)
    assert course_of(draft) == was


def test_a_contradiction_may_be_written_but_not_published(cast: Cast) -> None:
    draft = draft_of(cast)
    course = course_of(draft)
    both = replace(course, care_rules=tuple(replace(rule, in_force=True) for rule in course.care_rules))
    written = write_draft(protocol_id=draft.pk, course=both, by=cast.manager, now=cast.now)
    with refused("conflict"):
        publish(cast, written)
    assert published(SINGLE).version == 1


def test_publishing_asks_what_is_different(cast: Cast) -> None:
    draft = changed_draft(cast)
    with refused("change_note"):
        publish(cast, draft, "  ")
    assert published(SINGLE).version == 1


def test_a_draft_that_changes_nothing_is_not_published(cast: Cast) -> None:
    with refused("nothing_changed"):
        publish(cast, draft_of(cast))


def test_a_copy_is_a_protocol_of_its_own(cast: Cast) -> None:
    made = copy_protocol(
        protocol_id=published(SINGLE).pk, key="our-prp", title="Our PRP", by=cast.manager, now=cast.now
    )
    assert (made.key, made.version, made.state, made.is_default) == ("our-prp", 1, ProtocolState.DRAFT, False)
    assert course_of(made) == course_of(published(SINGLE))
    publish(cast, made, "Begun from the library's.")
    assert published(SINGLE).version == 1
    assert published("our-prp").based_on == published(SINGLE)


@pytest.mark.parametrize(("key", "code"), [(SINGLE, "key_taken"), ("Our PRP", "key"), ("", "key"), ("a" * 41, "key")])
def test_a_copy_needs_a_key_of_its_own(cast: Cast, key: str, code: str) -> None:
    with refused(code):
        copy_protocol(protocol_id=published(SINGLE).pk, key=key, title="Ours", by=cast.manager, now=cast.now)


def test_a_discarded_draft_is_gone_and_the_next_takes_its_number(cast: Cast) -> None:
    draft = changed_draft(cast)
    discard_draft(protocol_id=draft.pk, by=cast.manager, now=cast.now)
    assert not Protocol.objects.filter(pk=draft.pk).exists()
    assert published(SINGLE).version == 1
    assert draft_of(cast).version == 2
    assert AuditLine.objects.get(happened=Happened.PROTOCOL_DISCARDED).details == {"key": SINGLE, "version": 2}


def test_a_draft_copied_from_can_still_be_discarded(cast: Cast) -> None:
    draft = changed_draft(cast)
    made = copy_protocol(protocol_id=draft.pk, key="our-prp", title="Ours", by=cast.manager, now=cast.now)
    discard_draft(protocol_id=draft.pk, by=cast.manager, now=cast.now)
    assert Protocol.objects.get(pk=made.pk).based_on == published(SINGLE)


def test_a_retired_protocol_is_no_longer_offered(cast: Cast) -> None:
    first = published(SINGLE)
    with refused("reason"):
        retire_protocol(protocol_id=first.pk, reason=" ", by=cast.manager, now=cast.now)
    retire_protocol(protocol_id=first.pk, reason="We do not own a centrifuge.", by=cast.manager, now=cast.now)
    assert not Protocol.objects.published().filter(key=SINGLE).exists()
    with refused("not_published"):
        retire_protocol(protocol_id=first.pk, reason="Again.", by=cast.manager, now=cast.now)


def test_loading_the_library_again_leaves_the_clinics_own_version_in_use(cast: Cast) -> None:
    own = publish(cast, changed_draft(cast))
    was = everything(own)
    load_library([one for one in library() if one.key == SINGLE], VIEW_SETS, now=cast.now + timedelta(days=1))
    assert published(SINGLE) == own
    assert everything(own) == was


def test_a_new_library_version_overtakes_a_draft_and_touches_neither_it_nor_the_clinics_own(cast: Cast) -> None:
    own = publish(cast, changed_draft(cast))
    draft = draft_of(cast)
    was = course_of(own)
    file = replace(next(one for one in library() if one.key == SINGLE), fingerprint="f" * 64)
    load_library([file], VIEW_SETS, now=cast.now)
    assert published(SINGLE).version == 4
    assert course_of(Protocol.objects.get(pk=own.pk)) == was
    again = publish(cast, draft, "Five weeks still.")
    assert (again.version, course_of(again)) == (5, was)


@pytest.mark.parametrize("role", ["doctor", "desk"])
def test_only_a_manager_changes_protocols(cast: Cast, role: str) -> None:
    first, draft, by = published(SINGLE), changed_draft(cast), getattr(cast, role)
    about = {"by": by, "now": cast.now}
    for deed in (
        lambda: draft_next_version(protocol_id=first.pk, **about),
        lambda: copy_protocol(protocol_id=first.pk, key="ours", title="Ours", **about),
        lambda: write_draft(protocol_id=draft.pk, course=course_of(first), **about),
        lambda: publish_protocol(protocol_id=draft.pk, change_note="x", **about),
        lambda: retire_protocol(protocol_id=first.pk, reason="x", **about),
        lambda: discard_draft(protocol_id=draft.pk, **about),
    ):
        with pytest.raises(Forbidden):
            deed()
    assert set(Protocol.objects.filter(key=SINGLE).values_list("version", "state")) == {(1, "published"), (2, "draft")}
