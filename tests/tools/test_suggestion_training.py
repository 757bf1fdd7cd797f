"""Training: the same texts give the same weights, and nobody's words stand in them."""

import json
from pathlib import Path

import pytest

from services.domain.kinds import Kind
from services.domain.suggestion import Words, suggest
from services.domain.suggestion_model import FILE, shipped
from tools.suggestion.separator import rows_of, separators
from tools.suggestion.texts import LabelError, Labelled, groups_of, letters, table
from tools.suggestion.train import CITY, words_of, written
from tools.suggestion.training import Ready, digest, fit, folds, leads, ready, train

ROOT = Path(__file__).parents[2]
WORDS: Words = words_of(ROOT / CITY)
OWN = table()


def letter(text: str, kind: Kind = Kind.OTHER) -> Labelled:
    return Labelled(text, kind, None, False, False, own=False)


@pytest.fixture(scope="module")
def texts() -> list[Ready]:
    return ready(OWN[::3], WORDS)


def test_the_shipped_model_was_trained_on_the_table_as_it_is() -> None:
    assert shipped().trained_on == digest(OWN)


def test_the_table_has_every_kind_in_several_forms() -> None:
    assert {one.kind for one in OWN} == set(Kind)
    assert all((one.report_type is not None) == (one.kind is Kind.WAGE_ARREARS) for one in OWN)
    assert any(one.urgent for one in OWN)
    assert any(one.mass for one in OWN)
    assert len({one.text for one in OWN}) == len(OWN)


def test_the_same_texts_give_the_same_file(texts: list[Ready]) -> None:
    assert written(fit(texts)) == written(fit(texts))


def test_a_model_reads_back_as_it_was_written() -> None:
    again = json.loads(written(shipped()))
    assert again == json.loads(FILE.read_text("utf-8"))


def test_a_trained_model_finds_its_own_texts_again(texts: list[Ready]) -> None:
    model = train(texts)
    right = [suggest(one.labelled.text, WORDS, model).kind is one.labelled.kind for one in texts]
    assert sum(right) > 0.9 * len(texts)


def test_what_only_one_or_two_people_wrote_is_not_in_the_model() -> None:
    private = [letter("鸑鷟山庄的龘先生写的信。" + str(number) * 9) for number in range(2)]
    model = fit(ready([*OWN[::3], *private], WORDS))
    assert not [run for section in model.idf for run in section if set(run) & set("鸑鷟龘")]


def test_a_letter_sent_again_and_again_counts_as_one_persons() -> None:
    copies = [letter("鸑鷟山庄的龘先生写的信，请领导重视" + end) for end in ("。", "！", "，谢谢！", "，急")]
    prepared = ready([*OWN[::3], *copies], WORDS)
    assert len({one.group for one in prepared if not one.labelled.own}) == 1
    model = fit(prepared)
    assert not [run for section in model.idf for run in section if set(run) & set("鸑鷟龘")]


def test_letters_alike_are_in_one_fold_and_kinds_are_spread(texts: list[Ready]) -> None:
    group = groups_of(
        [letter("同一封信的内容在这里写着"), letter("别的事"), letter("同一封信的内容在这里写着。")]
    )
    assert group[0] == group[2] != group[1]
    fold = folds(texts)
    wages = [fold[one.group] for one in texts if one.labelled.kind is Kind.WAGE_ARREARS]
    assert max(map(wages.count, range(5))) - min(map(wages.count, range(5))) <= 1


def test_without_texts_nothing_is_likely_or_certain() -> None:
    likely, certain = leads([])
    assert likely == {}
    assert certain == float("inf")


def test_a_separator_parts_what_can_be_parted_and_weighs_rare_kinds_up() -> None:
    texts = [{"a": 1.0}] * 9 + [{"b": 1.0}]
    kinds = [Kind.OTHER] * 9 + [Kind.INQUIRY]
    found = separators(rows_of(texts, {"a": 0, "b": 1}), kinds, [1.0] * 10, 1.0, 2)
    a, b, bias = found[Kind.INQUIRY]
    assert a + bias < 0 < b + bias


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("texts.tsv", "kind\ttext\n", "must name the columns"),
        ("texts.tsv", "kind\treport_type\turgent\tmass\ttext\nnone\t\t\t\tx\n", "line 2"),
        ("letters.jsonl", "[]\n", "line 1"),
        ("letters.jsonl", "{\n", "line 1"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(LabelError, match=said):
        table(tmp_path / name) if name.endswith("tsv") else letters(tmp_path / name, None)
    with pytest.raises(LabelError):
        table(tmp_path / "nowhere")


def test_letters_are_joined_with_their_labels_and_others_left_out(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text(
        '{"id": 1, "subject": "a", "body": "b"}\n{"id": 2, "body": "c"}\n', "utf-8"
    )
    (tmp_path / "labels").write_text('{"id": "1", "kind": "inquiry", "urgent": true}\n', "utf-8")
    (found,) = letters(tmp_path / "letters", tmp_path / "labels")
    assert (found.text, found.kind, found.urgent, found.own) == ("a\nb", Kind.INQUIRY, True, False)
