"""What an operator sees of what is stuck, and what his buttons do."""

from services.kernel.cell import Cell
from services.kernel.eventlog_sqlite import SqliteEventLog
from tests.kernel.ears import Ears, said
from tests.kernel.front import BROWSER, front
from tests.places import Place


async def test_an_operator_sees_a_parked_message_and_orders_its_replay(place: Place) -> None:
    ears, log = Ears(place), SqliteEventLog(place.folder / "log.db")
    await ears.store.start()
    await log.start()
    async with front(place.folder) as desk:
        desk.app.state.cells, desk.app.state.known = [Cell(ears.consumer.service, log)], ("router",)
        ears.store.hearing = {}
        operator = await desk.bearer("operator")
        calm = await desk.client.get("/operations", headers=operator | BROWSER)
        assert calm.status_code == 200
        ears.failing = {"a"}
        await ears.apply(said("a", 1))
        page = await desk.client.get("/operations", headers=operator | BROWSER)
        assert page.status_code == 200
        assert "ValueError" in page.text
        [row] = (await desk.client.get("/api/operations", headers=operator)).json()[0]["parked"]
        ears.failing.clear()
        order = f"/api/operations/router/parked/{row['id']}/replay"
        assert (await desk.client.post(order, headers=operator)).status_code == 202
        await ears.later(seconds=1)
        assert await ears.names() == ["a"]
        agent = await desk.bearer("agent", "other")
        assert (await desk.client.get("/api/operations", headers=agent)).status_code == 403
    await log.close()
    await ears.store.close()
