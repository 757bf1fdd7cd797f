"""I7, I8, I11, I12: what the partners and the gateway saw, and what the ledgers say."""

from collections import Counter, defaultdict

from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import Row, number, text

SMS = "sms"
GOOD = "delivered"


def tasks(evidence: Evidence) -> Finding:
    """Every task was delivered; the unit knows it once, and knows none that is not ours."""
    cases = evidence.case_of_number
    seen = Counter((text(row, "who"), text(row, "key")) for row in evidence.noted("task"))
    about = {(text(row, "who"), text(row, "key")): text(row, "case") for row in evidence.noted("task")}
    ours, broken = set(), []
    for service, row in evidence.table("delivery"):
        if row["kind"] != "SendTask":
            continue
        ours.add(place := (text(row, "destination"), text(row, "key")))
        if row["state"] != GOOD:
            what = f"{service}: {row['state']} at {place[0]} ({row['reason']})"
            broken.append(Broken(what, text(row, "case_id")))
        if seen[place] != 1:
            broken.append(Broken(f"{place[0]} has it {seen[place]} times", text(row, "case_id")))
    broken += [
        Broken(f"{unit} has a task that is not ours", cases.get(about[unit, key], ""))
        for unit, key in seen.keys() - ours
    ]
    bad = [row for row in evidence.partners if row["what"] in ("conflict", "malformed") and row["who"] != SMS]
    broken += [Broken(f"{row['who']} saw a {row['what']} of {row['key']}") for row in bad]
    requests = sum(row["what"] == "request" and row["who"] != SMS for row in evidence.partners)
    return Finding(f"{len(ours)} tasks, {requests} requests, {len(seen)} effects", broken)


def texts(evidence: Evidence) -> Finding:
    """Each text that was owed reached the gateway once, and the number that its caller gave."""
    owner = _numbers(evidence)
    seen = {text(row, "reference"): row for row in evidence.noted("message") if row["who"] == SMS}
    owed = {text(row, "key"): row for _, row in evidence.table("delivery") if row["kind"] == "SendSms"}
    broken = []
    for key, row in owed.items():
        case = text(row, "case_id")
        if row["state"] == "called_off" and key not in seen:
            continue
        if row["state"] != GOOD or key not in seen:
            broken.append(Broken(f"text {row['state']}, {'' if key in seen else 'not '}at the gateway", case))
        elif seen[key]["to"] != owner.get(case):
            broken.append(Broken("a text went to another number", case))
    broken += [Broken(f"the gateway has {key}, which nobody owed") for key in seen.keys() - owed.keys()]
    again = [row for row in evidence.partners if row["who"] == SMS and row["what"] in ("repeat", "conflict")]
    broken += [
        Broken(f"{row['what']} of {row['reference']}", text(owed.get(text(row, "reference"), {}), "case_id"))
        for row in again
    ]
    asked = sum(row["who"] == SMS and row["what"] == "question" for row in evidence.partners)
    return Finding(f"{len(owed)} owed, {len(seen)} sent, {len(again)} doubled, {asked} questions", broken)


def _numbers(evidence: Evidence) -> dict[str, str]:
    """The hash of the number that each case's caller gave."""
    to = {text(row, "key"): text(row, "to") for row in evidence.client if row["what"] == "begin"}
    return {case: to[key] for key, cases in evidence.answered.items() for case in cases if key in to}


def fences(evidence: Evidence) -> Finding:
    """A task leaves with a new fence each time, and its row was settled by the newest only."""
    broken, sent = (
        [],
        Counter(
            (text(row, "who"), text(row, "key"), text(row, "fence"))
            for row in evidence.noted("request")
            if row["who"] != SMS and "fence" in row
        ),
    )
    broken += [Broken(f"{unit} saw fence {fence} of {key} {count} times")
               for (unit, key, fence), count in sent.items() if count > 1]  # fmt: skip
    highest: defaultdict[str, int] = defaultdict(int)
    good: defaultdict[str, list[int]] = defaultdict(list)
    for _, row in evidence.table("attempt"):
        delivery = text(row, "delivery_id")
        highest[delivery] = max(highest[delivery], number(row, "fence"))
        if row["outcome"] == GOOD:
            good[delivery].append(number(row, "fence"))
    cases = {text(row, "id"): text(row, "case_id") for _, row in evidence.table("delivery")}
    for delivery, numbers in good.items():
        if numbers != [highest[delivery]]:
            what = f"delivered by fence {numbers}, the newest is {highest[delivery]}"
            broken.append(Broken(what, cases.get(delivery, "")))
    return Finding(f"{sum(sent.values())} requests with {len(sent)} fences", broken)


def callbacks(evidence: Evidence) -> Finding:
    """What a unit was told is taken stands in our books once, and after the end nothing moved."""
    taken = Counter(
        (text(row, "who"), text(row, "key"), text(row, "type")) for row in evidence.noted("callback")
    )
    of_task = {text(row, "key"): text(row, "case_id") for _, row in evidence.table("task")}
    broken = [
        Broken(f"{unit} was told {count} times that {kind} is taken", of_task.get(key, ""))
        for (unit, key, kind), count in taken.items()
        if count > 1
    ]
    broken += [
        Broken(f"{row['who']} gave up {row['type']}: {row['status']}", of_task.get(text(row, "key"), ""))
        for row in evidence.noted("abandoned")
    ]
    wanted = {"task.accepted": "TaskAccepted", "task.progressed": "TaskProgressed",
              "task.completed": "OutcomeReported"}  # fmt: skip
    told = Counter((of_task.get(key, ""), wanted.get(kind, kind)) for _, key, kind in taken)
    said = Counter(
        (case, text(row, "type")) for (_, case), events in evidence.events.items() for row in events
    )
    for (case, name), count in told.items():
        if said[case, name] != count:
            broken.append(Broken(f"{count} {name} taken, {said[case, name]} in the books", case))
    broken += _unfinished(evidence)
    return Finding(f"{sum(taken.values())} call-backs taken", broken)


def _unfinished(evidence: Evidence) -> list[Broken]:
    """Cases that did not come to their end, or moved after it."""
    rows: list[Row] = [row for _, row in evidence.table("intake_case")]
    return [
        Broken(f"ends as {row['status']}", text(row, "case_id")) for row in rows if row["status"] != "closed"
    ]
