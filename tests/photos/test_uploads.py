"""What comes in: in parts, cut off and gone on with, developed, placed or discarded; and never half."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from clinic.models import AuditLine
from clinic.rules.refusal import Refusal
from plans.darkroom.sentences import refusal
from plans.models import Photo, Review, Upload
from plans.operations.photos import PhotoConditions, move_photo, set_aside_photo
from plans.operations.uploads import discard_upload, place_upload, receive_part
from plans.operations.uploads_develop import develop_upload
from plans.operations.uploads_wish import Wish, wish_of
from plans.rules.states import ReviewState, TakenBy, UploadState
from tests.cast import picture, refused
from tests.photos.sending import TAKEN, Sender, develop, in_media, in_tray, names_of, timeless

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# -- the way in ------------------------------------------------------------------------------------------------------
def test_a_file_in_parts_lies_in_the_tray_only_until_it_is_developed(sender: Sender) -> None:
    row = sender.begin(b"0123456789")
    for offset, part in ((0, b"012"), (3, b"3456"), (7, b"789")):
        row = receive_part(upload_id=row.pk, offset=offset, part=part, **sender.whose)
    [raw] = in_tray()
    path = Path(row_tray()) / raw
    assert (row.state, path.read_bytes()) == (UploadState.RECEIVED, b"0123456789")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert in_media() == set(), "what was sent carries metadata: it never lies there"

    row = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (row.state, in_tray(), in_media()) == (UploadState.READY, set(), set(row.files.values()))

    said = PhotoConditions(lighting="ring lamp", tilt=1.5)
    placed = place_upload(upload_id=row.pk, view_id=sender.views[0].pk, conditions=said, **sender.whose)
    photo = Photo.objects.get()
    assert (placed.state, placed.photo, names_of(photo)) == (UploadState.PLACED, photo, in_media())
    assert (photo.lighting, photo.tilt, photo.taken_by) == ("ring lamp", 1.5, TakenBy.CAMERA)
    assert photo.taken_at == TAKEN.replace(tzinfo=sender.cast.here.zone)
    assert photo.bytes == sum(len(one) for one in (picture().original, *picture().renditions.values()))


def row_tray() -> Path:
    return Path(configured.VAR_DIR) / "tray"


def test_whoever_is_cut_off_goes_on_where_the_program_is(sender: Sender) -> None:
    row = sender.begin(b"0123456789", fingerprint="the-same-file")
    receive_part(upload_id=row.pk, offset=0, part=b"0123", **sender.whose)
    # The connection fell after the bytes and before the answer: what was never acknowledged is written over.
    (row_tray() / row.pk.hex).write_bytes(b"0123XX")
    again = sender.begin(b"0123456789", fingerprint="the-same-file", view_id=sender.views[1].pk)
    assert (again.pk, again.received, wish_of(again).view_id) == (row.pk, 4, sender.views[1].pk)
    with refused("offset"):
        receive_part(upload_id=row.pk, offset=6, part=b"6789", **sender.whose)
    row = receive_part(upload_id=row.pk, offset=4, part=b"456789", **sender.whose)
    assert (row_tray() / row.pk.hex).read_bytes() == b"0123456789"
    with refused("offset"):
        receive_part(upload_id=row.pk, offset=4, part=b"456789", **sender.whose)
    assert sender.begin(b"0123456789", fingerprint="another-file-").pk != row.pk


def test_bytes_that_a_power_cut_took_are_asked_for_again(sender: Sender) -> None:
    row = sender.begin(b"0123456789")
    receive_part(upload_id=row.pk, offset=0, part=b"012345", **sender.whose)
    (row_tray() / row.pk.hex).write_bytes(b"01")
    with refused("offset"):
        receive_part(upload_id=row.pk, offset=6, part=b"6789", **sender.whose)
    row.refresh_from_db()
    assert row.received == 2
    assert receive_part(upload_id=row.pk, offset=2, part=b"23456789", **sender.whose).state == UploadState.RECEIVED


@example_settings(max_examples=25)
@given(cuts=st.lists(st.integers(1, 29), max_size=5), strays=st.lists(st.integers(0, 40), max_size=3))
def test_however_it_is_cut_the_file_is_whole_or_not_there(
    opened_once: Sender, tmp_path_factory: pytest.TempPathFactory, cuts: list[int], strays: list[int]
) -> None:
    raw = bytes(range(30))
    with override_settings(VAR_DIR=tmp_path_factory.mktemp("var"), PHOTO_DISK_FLOOR=0):
        row = opened_once.begin(raw)
        edges = [0, *sorted(set(cuts)), 30]
        for first, last in pairwise(edges):
            for stray in strays:
                if stray != first:
                    with refused("offset"):
                        receive_part(upload_id=row.pk, offset=stray, part=b"stray", **opened_once.whose)
            row = receive_part(upload_id=row.pk, offset=first, part=raw[first:last], **opened_once.whose)
        assert row.state == UploadState.RECEIVED
        assert (row_tray() / row.pk.hex).read_bytes() == raw
        discard_upload(upload_id=row.pk, **opened_once.whose)


def test_more_than_was_announced_and_what_is_no_photo_are_refused(sender: Sender) -> None:
    row = sender.begin(b"0123")
    with refused("too_much"):
        receive_part(upload_id=row.pk, offset=0, part=b"01234", **sender.whose)
    row = sender.developed(b"<html>", how=no_photo)
    assert (row.state, row.code) == (UploadState.REFUSED, "photo_format")
    assert row.sentence.startswith("This is a page, not a photo we keep: send")
    assert (in_tray() - {Upload.objects.first().pk.hex}, in_media()) == (set(), set())


def no_photo(_: bytes) -> Any:
    raise refusal("photo_format", "a page")


# -- where it goes ---------------------------------------------------------------------------------------------------
def test_one_taken_in_the_page_is_placed_by_itself_with_the_moment_it_was_sent(sender: Sender) -> None:
    row = sender.received(b"captured", view_id=sender.views[2].pk, captured=True)
    began, sender.cast.now = sender.cast.now, sender.cast.now + timedelta(minutes=3)
    row = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=timeless)
    assert row.photo and (row.photo.view, row.photo.taken_by) == (sender.views[2], TakenBy.CAPTURED)
    assert row.photo.taken_at == began


def test_a_file_without_a_clock_waits_until_somebody_says_when(sender: Sender) -> None:
    row = sender.developed(b"timeless", how=timeless, view_id=sender.views[0].pk)
    assert (row.state, row.code) == (UploadState.READY, "taken_when")
    place = {"upload_id": row.pk, "view_id": sender.views[0].pk, **sender.whose}
    with refused("taken_when"):
        place_upload(**place)
    with refused("taken_when"):
        place_upload(conditions=PhotoConditions(taken_at=sender.cast.now + 2 * DAY), **place)
    photo = place_upload(conditions=PhotoConditions(taken_at=sender.cast.now - DAY), **place).photo
    assert photo and photo.taken_by == TakenBy.SAID
    # A clock that is a year ahead says nothing either.
    ahead = sender.developed(b"ahead", how=lambda raw: replace(develop(raw), taken_at=TAKEN.replace(year=2031)))
    assert ahead.figures["taken_at"] is None


def test_a_retake_supersedes_and_overwrites_nothing(sender: Sender) -> None:
    first, second = sender.placed(b"first"), sender.placed(b"second")
    first.refresh_from_db()
    assert first.superseded_at and not second.superseded_at
    assert in_media() == names_of(first) | names_of(second)


def test_the_same_file_at_the_same_view_is_the_photo_that_is_there(sender: Sender) -> None:
    old = sender.placed(b"twice")
    again = sender.developed(b"twice", view_id=sender.views[0].pk)
    assert (again.state, again.photo, Photo.objects.count()) == (UploadState.PLACED, old, 1)
    assert sender.added(b"twice", sender.views[0]) == old
    assert in_media() == names_of(old)
    # Placed twice, because the answer was lost: the same.
    assert place_upload(upload_id=again.pk, view_id=sender.views[0].pk, **sender.whose).photo == old


def test_the_very_file_elsewhere_is_refused_and_of_another_patient_nothing_is_said(sender: Sender) -> None:
    theirs = sender.added(b"elsewhere", sender.views[0], sender.somebody_else())
    row = sender.developed(b"elsewhere")
    assert (row.state, row.code) == (UploadState.READY, "photo_duplicate")
    assert "another patient's record" in row.sentence
    assert "Ines" not in row.sentence and theirs.review.plan.patient.last_name not in row.sentence
    for deed in (
        lambda: place_upload(upload_id=row.pk, view_id=sender.views[0].pk, **sender.whose),
        lambda: sender.added(b"elsewhere", sender.views[1]),
    ):
        with refused("photo_duplicate"):
            deed()
    # Of the wrong patient: set aside there, it may come here, and both are written down.
    set_aside_photo(photo_id=theirs.pk, reason="It shows her sister", **sender.whose)
    assert place_upload(upload_id=row.pk, view_id=sender.views[0].pk, **sender.whose).photo
    with pytest.raises(Refusal, match=f"already at “{sender.views[0].title}” of “{sender.review.title}”"):
        sender.added(b"elsewhere", sender.views[1])
    assert in_media() == {name for photo in Photo.objects.all() for name in names_of(photo)}


def test_a_wrong_match_changes_places_and_what_is_set_aside_stays_with_its_reason(sender: Sender) -> None:
    here, there, free = sender.views[:3]
    one, two = sender.placed(b"one", here), sender.placed(b"two", there)
    move_photo(photo_id=one.pk, view_id=there.pk, **sender.whose)
    move_photo(photo_id=two.pk, view_id=free.pk, **sender.whose)
    assert {photo.pk: photo.view for photo in sender.review.photos.current()} == {one.pk: there, two.pk: free}
    with refused("reason"):
        set_aside_photo(photo_id=one.pk, reason=" ", **sender.whose)
    set_aside_photo(photo_id=one.pk, reason="Of somebody else", **sender.whose)
    with refused("photo_not_current"):
        move_photo(photo_id=one.pk, view_id=here.pk, **sender.whose)
    one.refresh_from_db()
    assert (one.set_aside_reason, names_of(one) - in_media()) == ("Of somebody else", set())
    said = AuditLine.objects.filter(happened__in=("photo.moved", "photo.set_aside")).order_by("pk")
    assert [(line.about_id, line.happened, line.reason) for line in said] == [
        (two.pk, "photo.moved", ""), (one.pk, "photo.moved", ""), (two.pk, "photo.moved", ""),
        (one.pk, "photo.set_aside", "Of somebody else"),
    ]  # fmt: skip


def test_once_the_review_is_decided_its_photos_stay_as_they_are(sender: Sender) -> None:
    photo, waits = sender.placed(b"one"), sender.developed(b"two")
    rows = Review.objects.filter(pk=sender.review.pk)
    rows.update(state=ReviewState.DECIDED, decided_at=sender.cast.now, decision="continue")
    view = sender.views[1].pk
    for deed in (
        lambda: move_photo(photo_id=photo.pk, view_id=view, **sender.whose),
        lambda: set_aside_photo(photo_id=photo.pk, reason="late", **sender.whose),
        lambda: place_upload(upload_id=waits.pk, view_id=view, **sender.whose),
        lambda: sender.begin(b"three"),
    ):
        with refused("wrong_state"):
            deed()


def test_consent_that_is_withdrawn_meanwhile_ends_it(sender: Sender) -> None:
    row = sender.received(b"late")
    sender.plan.patient.consents.filter(topic="photo_record").update(withdrawn_on=sender.cast.today)
    with refused("no_photo_consent"):
        sender.begin(b"later")
    row = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (row.state, row.code, in_tray(), in_media()) == (UploadState.REFUSED, "no_photo_consent", set(), set())


def test_what_is_discarded_leaves_nothing_behind(sender: Sender) -> None:
    begun, ready = sender.received(b"begun"), sender.developed(b"ready")
    for row in (begun, ready):
        assert discard_upload(upload_id=row.pk, **sender.whose).state == UploadState.DISCARDED
    assert (in_tray(), in_media()) == (set(), set())
    # Discarded while it was being developed.
    row = sender.received(b"slow")
    develop_upload(upload_id=row.pk, now=sender.cast.now, develop=lambda raw: discarding(sender, row, raw))
    assert (in_tray(), in_media()) == (set(), set())


def discarding(sender: Sender, row: Upload, raw: bytes) -> Any:
    discard_upload(upload_id=row.pk, **sender.whose)
    return develop(raw)


def test_what_the_sender_said_comes_back_as_it_was() -> None:
    said = PhotoConditions(
        is_wet=True, parting="centre", lighting="ring", distance_cm=30, last_dyed_on=date(2026, 9, 1), flash=False,
        hair_length_cm=Decimal("3.5"), product="none", tilt=0.0, taken_at=datetime(2026, 9, 2, tzinfo=UTC),
    )  # fmt: skip
    for wish in (Wish(), Wish(conditions=said, captured=True, many=True)):
        assert wish_of(Upload(wish=wish.to_json())) == wish
