"""Nearly the same text is found by its bands, and measured by what it has in common."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.domain.national import national
from services.domain.sealing import Keyring
from services.domain.similarity import BANDS, bands, grams, similarity

SIMPLE = national().simplified
RING = Keyring.create(random.Random(7).randbytes)
CALL = "我在江宁区的一个工地上干活，包工头从五月份开始就没有发过工资，一共欠了我们班组九个人八万多块钱。"
AGAIN = "我在江宁区一个工地上干活，包工头从5月份开始就没有发过工资，一共欠了我们班组9个人8万多块钱！"
OTHER = "请问失业金领取期间找到新工作以后，需要到社区办理停发手续吗，另外医疗保险怎么接续，谢谢。"


def of(text: str) -> frozenset[str]:
    return grams(text, SIMPLE)


def banded(text: str) -> set[int]:
    return set(bands(of(text), RING.blind_index))


def test_the_same_call_in_other_words_is_similar_and_another_matter_is_not() -> None:
    assert similarity(of(CALL), of(AGAIN)) > 0.55
    assert similarity(of(CALL), of(OTHER)) < 0.1


def test_similar_texts_share_a_band_and_others_hardly_ever() -> None:
    chance = random.Random(3)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 2000)]
    texts = ["".join(chance.choices(signs, k=160)) for _ in range(300)]
    changed = [text[:40] + "改" + text[41:90] + "了" + text[91:] for text in texts]
    found = sum(bool(banded(one) & banded(two)) for one, two in zip(texts, changed, strict=True))
    assert found >= 297
    strangers = sum(bool(banded(one) & banded(two)) for one, two in pairwise(texts))
    assert strangers <= 2


def test_signs_spaces_width_and_traditional_characters_make_no_difference() -> None:
    assert of("包工頭　欠我們　工錢，ＡＢＣ" * 3) == of("包工头欠我们工钱abc" * 3)


def test_a_short_text_is_compared_with_nothing() -> None:
    assert banded("欠工资") == set()
    assert similarity(of("欠工资"), of("欠工资")) == 0.0


def test_another_key_gives_other_bands_so_that_no_word_can_be_tried() -> None:
    other = Keyring.create(random.Random(8).randbytes)
    assert not banded(CALL) & set(bands(of(CALL), other.blind_index))


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_any_two_texts_are_similar_from_0_to_1_either_way(one: str, two: str) -> None:
    share = similarity(of(one), of(two))
    assert 0 <= share <= 1
    assert share == similarity(of(two), of(one))
    assert len(bands(of(one), RING.blind_index)) in (0, BANDS)
    assert all(0 <= band < 2**63 for band in bands(of(one), RING.blind_index))
