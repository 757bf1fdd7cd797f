"""What a member has in hand, and when a partition may be committed up to where."""

from services.kernel.eventlog import Entry
from services.kernel.kafka.batches import Batches


def entries(*places: tuple[int, int]) -> list[Entry]:
    return [Entry(partition, offset, None) for partition, offset in places]


def in_hand() -> tuple[Batches, list[Entry]]:
    batches = Batches()
    batches.arrive(entries((0, 10), (0, 11), (1, 5), (0, 12)))
    return batches, batches.hand_out(10)


def test_entries_are_handed_out_in_order_and_at_most_so_many() -> None:
    batches = Batches()
    batches.arrive(entries((0, 1), (0, 2), (0, 3)))
    assert batches.hand_out(2) == entries((0, 1), (0, 2))
    assert batches.hand_out(2) == entries((0, 3))


def test_what_was_handed_out_before_the_finished_ones_is_finished_too() -> None:
    batches, handed = in_hand()
    batches.finish(handed[2:3])
    assert batches.finished == {0: 12, 1: 6}
    batches.finish([])
    assert batches.finished == {0: 13, 1: 6}


def test_finishing_twice_changes_nothing() -> None:
    batches, handed = in_hand()
    batches.finish(handed)
    batches.finish(handed[:1])
    assert batches.finished == {0: 13, 1: 6}


def test_what_was_fetched_before_a_new_share_out_can_no_longer_be_finished() -> None:
    batches, handed = in_hand()
    batches.arrive(entries((0, 13)))
    batches.start_over()
    assert batches.epoch == 1
    batches.finish(handed)
    assert batches.finished == {}
    assert batches.hand_out(10) == []
