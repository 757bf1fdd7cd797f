"""I1, I2: what clients were answered, and what intake holds."""

from collections import defaultdict

from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import text


def exist(evidence: Evidence) -> Finding:
    """A case that nobody was told of is right only if somebody asked for it and heard nothing."""
    there = {text(row, "case_id") for _, row in evidence.table("intake_case")}
    asked = {text(row, "key") for row in evidence.client if row["what"] == "invoke"}
    owner = {text(row, "case_id"): text(row, "key") for _, row in evidence.table("intake_idempotency")}
    broken = [Broken("answered 201, and lost", case) for case in sorted(evidence.cases - there)]
    broken += [Broken("nobody asked for it", case) for case in sorted(there) if owner.get(case) not in asked]
    unanswered = len(there - evidence.cases)
    refused = [row for row in evidence.client if row["what"] in ("fail", "gave_up")]
    broken += [Broken(f"{text(row, 'key')} {row['what']} {row.get('status')}") for row in refused]
    tries = sum(row["what"] == "invoke" for row in evidence.client)
    lost = sum(row["what"] == "unknown" for row in evidence.client)
    figures = f"{len(evidence.cases)} cases, {tries} requests, {lost} without an answer, {unanswered} untold"
    return Finding(figures, broken)


def one_for_each_key(evidence: Evidence) -> Finding:
    broken = [
        Broken(f"{key} was answered with {len(cases)} cases", min(cases))
        for key, cases in evidence.answered.items()
        if len(cases) > 1
    ]
    kept: defaultdict[str, set[str]] = defaultdict(set)
    for _, row in evidence.table("intake_idempotency"):
        kept[text(row, "key")].add(text(row, "case_id"))
    for key, cases in evidence.answered.items():
        if kept.get(key, set()) != cases:
            broken.append(Broken(f"{key} is kept for other cases than were answered", min(cases)))
    total = sum(1 for _ in evidence.table("intake_case"))
    if total != len(kept):
        broken.append(Broken(f"{total} cases, {len(kept)} keys"))
    twice = sum(row["what"] == "begin" and row.get("twice") == 1 for row in evidence.client)
    return Finding(f"{len(kept)} keys, {twice} sent twice at once", broken)
