from collections.abc import Iterator

import pytest

from plans.darkroom import Darkroom


@pytest.fixture(scope="session")
def room() -> Iterator[Darkroom]:
    """One decoding process for all photos of the tests that do not ask for their own."""
    with Darkroom() as darkroom:
        yield darkroom
