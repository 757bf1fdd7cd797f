"""A case's whole way at a unit, against simulated systems that talk real HTTP."""

from services.domain.events import OutcomeReported
from services.simulators.behaviour import Pace
from services.simulators.callbacks import CallBacks
from services.simulators.received import reference
from services.simulators.run import build, serving
from tests.kernel.tasks.kinds import Kind, secret
from tests.kernel.tasks.town import town
from tests.places import Place

QUICK = Pace((0.0, 0.01), (0.0, 0.01), (0.0, 0.02), progressing=1.0)


async def test_a_case_reaches_the_units_system_once_and_its_outcome_comes_back(
    place: Place, kind: Kind
) -> None:
    secrets = {kind.unit: (secret(kind.unit),)}
    simulated = build(secrets, seed=3, pace=QUICK)
    async with (
        serving(simulated.app) as partner,
        town(place, kind, f"{partner}/{kind.unit}", served=True, real_time=True) as here,
    ):
        callbacks = CallBacks(here.url, secrets, simulated.ledger)
        simulated.partner.start(callbacks)
        try:
            event = here.routed()
            await here.say(event)
            await here.heard("TaskDelivered", "TaskAccepted", "TaskProgressed", "OutcomeReported")
        finally:
            await simulated.partner.stop()
            callbacks.close()
        assert simulated.ledger.count(kind.unit, "task") == 1
        task = await here.task()
        assert (task.state, task.reference) == ("completed", reference(kind.unit, task.key))
        assert [row.state for row in await here.deliveries()] == ["delivered"]
        outcome = next(e for e in await here.events() if isinstance(e, OutcomeReported))
        assert outcome.case_id == event.case_id
        assert outcome.summary is not None
        summary = here.parts.keyring.open(outcome.summary, event.case_id, "summary")
        assert summary.endswith(("。", "等"))
