"""What a seeker's own words say of the wish, and where they say nothing."""

import pytest

from services.employment_adapter.occupations import named_in, occupations
from services.employment_adapter.wishes import Wish, read_wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        (
            "我今年五十岁，最好能在附近找个保安或者仓库的活，晚上不能值班。",
            Wish(occupations=("security", "warehouse"), age=50, nights=False, near="district"),
        ),
        ("孩子十五岁，我四十八岁，三千五以上的保洁", Wish(occupations=("cleaning",), pay=3500, age=48)),
        ("老婆45岁，我47岁，4000元左右", Wish(pay=4000, age=47)),
        ("不上夜班，5000以上，开车", Wish(occupations=("driving",), pay=5000, nights=False)),
        ("一个月两千就行，离家近", Wish(pay=2000, near="district")),
        ("可以上夜班，电话 13800138000，住 1203 室", Wish()),
        ("", Wish()),
        ("一百二十岁，十五岁", Wish()),
    ],
)
def test_a_wish_is_read(text: str, wish: Wish) -> None:
    assert read_wish(text) == wish


def test_every_word_of_the_table_means_its_own_occupation() -> None:
    for code, one in occupations().items():
        for word in one.words:
            assert code in named_in(f"找{word}的工作")
