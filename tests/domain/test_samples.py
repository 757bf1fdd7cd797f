"""The sample cases of the Nanjing folder: well formed, and each goes where it should."""

import json
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from services.domain.city import City
from services.domain.districts import locate
from services.domain.kinds import Channel, Kind
from services.domain.phones import phone
from services.domain.places import Place
from services.domain.routing_rules import Facts, Routed, decide
from services.domain.suggestion import suggest

FOLDER = Path(__file__).parents[2] / "deploy/cities/nanjing"
CITY = City.load(FOLDER)
SAMPLES: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "samples.jsonl").read_text("utf-8").splitlines()
]

WHERE = [
    "inspection-jiangning",
    "inspection-jianye",
    "inspection-yuhuatai",
    "inspection-pukou",
    "inspection-qixia",
    "inspection-luhe",
    "inspection-lishui",
    "unsure_district",
    "unsure_district",
    "unsure_district",
    "inspection-qinhuai",
    "inspection-gaochun",
    "inspection-xuanwu",
    "inspection-gulou",
    "inspection-pukou",
    "employment-qinhuai",
    "employment-gulou",
    "employment-luhe",
    "employment-gaochun",
    "employment-yuhuatai",
    "unsure_district",
    "employment-jianye",
    "employment-jiangning",
    "employment-qixia",
    "unsure_district",
    "employment-lishui",
    "helpdesk-122",
    "helpdesk-122",
    "no_rule",
    "no_rule",
    "no_rule",
    "no_rule",
]
FIELDS = {"kind", "report_type", "channel", "text", "urgent", "caller", "employer", "amount_owed"} | {
    "workers_affected",
    "recording_ref",
}
CALLER = {"name", "phone", "residence", "residence_district", "anonymous"}
EMPLOYER = {"name", "uscc", "work_address", "work_district", "address"}


def place(address: str | None, confirmed: str | None) -> Place | None:
    if confirmed is not None:
        return Place(district=confirmed, confidence="certain", evidence="agent")
    return None if address is None else locate(address, CITY.gazetteer).place


def facts(sample: dict[str, Any]) -> Facts:
    employer, caller = sample.get("employer", {}), sample["caller"]
    return Facts(
        kind=Kind(sample.get("kind") or suggest(sample["text"], CITY.words).settled),
        urgent=sample.get("urgent", False),
        work=place(employer.get("work_address"), employer.get("work_district")),
        employer_place=place(employer.get("address"), None),
        residence=place(caller.get("residence"), caller.get("residence_district")),
    )


@pytest.mark.parametrize(("sample", "where"), list(zip(SAMPLES, WHERE, strict=True)))
def test_each_sample_goes_where_it_should(sample: dict[str, Any], where: str) -> None:
    decision = decide(CITY.routing, facts(sample))
    assert (decision.unit.id if isinstance(decision, Routed) else decision.reason) == where


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_sample_has_the_shape_of_the_interface(sample: dict[str, Any]) -> None:
    assert sample.keys() <= FIELDS
    assert sample["caller"].keys() <= CALLER
    assert sample.get("employer", {}).keys() <= EMPLOYER
    assert Channel(sample["channel"])
    assert ("report_type" in sample) == (sample.get("kind") == "wage_arrears")
    if "phone" in sample["caller"]:
        phone(sample["caller"]["phone"], CITY.area_code)
    if "uscc" in sample.get("employer", {}):
        uscc.validate(sample["employer"]["uscc"])


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_never_suggested_as_a_kind_that_it_is_not(sample: dict[str, Any]) -> None:
    if "kind" in sample:
        assert suggest(sample["text"], CITY.words).settled in {sample["kind"], Kind.OTHER}


def test_the_samples_cover_all_kinds_all_districts_and_the_awkward_callers() -> None:
    assert {sample["kind"] for sample in SAMPLES if "kind" in sample} == {kind.value for kind in Kind}
    assert {where.partition("-")[2] for where in WHERE} >= {district.pinyin for district in CITY.districts}
    assert {sample["channel"] for sample in SAMPLES} == {channel.value for channel in Channel}
    assert any(sample["caller"].get("anonymous") for sample in SAMPLES)
    phones = [sample["caller"]["phone"] for sample in SAMPLES if "phone" in sample["caller"]]
    assert {phone(each, CITY.area_code).kind for each in phones} == {"mobile", "landline"}
    assert any(
        sample.get("urgent") and sample["kind"] == "wage_arrears" for sample in SAMPLES if "kind" in sample
    )
