"""Every test that asks for `kind` runs for each of the three adapters: they keep one shape."""

import pytest

from tests.kernel.tasks.town import KINDS, Kind


@pytest.fixture(params=KINDS, ids=[kind.service for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found
