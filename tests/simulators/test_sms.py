import httpx
import pytest

from services.simulators.behaviour import Fault
from services.simulators.run import Simulation
from tests.simulators.conftest import secret, task_headers

TEXT = {"reference": "case-1:outcome", "to": "+8613800138000", "text": "您反映的事项已办结。"}


async def test_a_text_is_sent_once_per_reference(http: httpx.AsyncClient, simulators: Simulation) -> None:
    answers = [await http.post(f"{simulators.url}/sms", json=TEXT) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert simulators.counts()["sms"] == {"message": 1, "repeat": 2, "request": 3}
    assert [text.to for text in simulators.sms.texts.values()] == ["+8613800138000"]


async def test_a_reference_tells_its_state(http: httpx.AsyncClient, simulators: Simulation) -> None:
    assert (await http.get(f"{simulators.url}/sms/case-1:outcome")).status_code == 404
    await http.post(f"{simulators.url}/sms", json=TEXT)
    assert (await http.get(f"{simulators.url}/sms/case-1:outcome")).json()["state"] == "delivered"


async def test_a_lost_answer_of_the_gateway_is_one_text(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    simulators.behaviour.set("sms", Fault(mode="answer_lost", requests=1))
    with pytest.raises(httpx.TransportError):
        await http.post(f"{simulators.url}/sms", json=TEXT)
    assert (await http.get(f"{simulators.url}/sms/case-1:outcome")).status_code == 200
    assert simulators.counts()["sms"]["message"] == 1


async def test_a_reference_used_for_another_number_is_counted(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    await http.post(f"{simulators.url}/sms", json=TEXT)
    await http.post(f"{simulators.url}/sms", json=TEXT | {"to": "+8613800138001"})
    assert simulators.counts()["sms"]["conflict"] == 1


@pytest.mark.parametrize("change", [{"to": "obywatel"}, {"text": ""}, {"reference": ""}, {"sender": "12333"}])
async def test_a_malformed_text_is_refused(
    http: httpx.AsyncClient, simulators: Simulation, change: dict[str, str]
) -> None:
    assert (await http.post(f"{simulators.url}/sms", json=TEXT | change)).status_code == 422


async def test_a_subscriber_believes_its_own_secret_only_and_counts_repeats(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    url, body = f"{simulators.url}/subscriber/city-app", b'{"type": "case.closed"}'
    genuine = task_headers("msg-1", body, "subscriber")
    assert secret("subscriber") != secret("stranger")
    answers = [(await http.post(url, content=body, headers=genuine)).status_code for _ in range(2)]
    forged = await http.post(url, content=body, headers=task_headers("msg-2", body, "stranger"))
    assert [*answers, forged.status_code] == [204, 204, 401]
    assert simulators.counts()["subscriber"] == {"message": 1, "refused": 1, "repeat": 1, "request": 3}
    assert simulators.subscriber.bodies == {"msg-1": body}
