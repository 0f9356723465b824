"""Random lives against the model: a letter is true when it leaves, none is lost, none that may harm comes twice."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from tests.cast import open_clinic
from tests.post.crooked_server import CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import mail_goes_to
from tests.proofs.sequence import Sequence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_a_word() -> Iterator[None]:
    """Thousands of turns say what they did."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def live(seeds: range, settings: object, hour: Hour) -> None:
    cast = open_clinic(now=hour.now)
    with CrookedServer() as server:
        mail_goes_to(settings, server.port, EMAIL_TIMEOUT=5, EMAIL_WALL_LIMIT=10)
        for seed in seeds:
            Sequence(seed, cast, server, hour).run()


def test_a_few_random_lives(settings: object, hour: Hour) -> None:
    live(range(6), settings, hour)


@pytest.mark.long
def test_two_thousand_random_lives(settings: object, hour: Hour) -> None:
    first = int(os.environ.get("FIRST_SEED", "1000"))
    live(range(first, first + int(os.environ.get("LIVES", "2000"))), settings, hour)
