"""An outstanding reply is remembered until it arrives or is too old."""

from hardware.bus.outstanding import OutstandingReplies


def test_a_reply_is_outstanding_until_it_arrives() -> None:
    replies = OutstandingReplies(0.5)
    assert not replies
    replies.add(1, 4, 0.0)
    assert replies.contains(1, 4) and not replies.contains(1, 2) and not replies.contains(2, 4)
    assert replies.longest() == 4
    assert replies.settle(1, 4)
    assert not replies.settle(1, 4)
    assert not replies


def test_two_replies_of_one_length_are_counted_separately() -> None:
    replies = OutstandingReplies(0.5)
    replies.add(1, 4, 0.0)
    replies.add(1, 4, 0.1)
    assert replies.settle(1, 4)
    assert replies.contains(1, 4)


def test_an_outstanding_reply_expires() -> None:
    replies = OutstandingReplies(0.5)
    replies.add(1, 4, 0.0)
    replies.add(1, 4, 0.3)
    replies.expire(0.6)
    assert replies.contains(1, 4)
    replies.expire(0.9)
    assert not replies
    assert replies.longest() == 0


def test_servos_with_an_outstanding_reply_of_the_same_length_are_ambiguous() -> None:
    replies = OutstandingReplies(0.5)
    replies.add(1, 4, 0.0)
    replies.add(3, 5, 0.0)
    assert replies.ambiguous((1, 2, 3), 4) == {1}
    assert replies.ambiguous((1, 2, 3), 5) == {3}
    assert replies.ambiguous((2,), 4) == frozenset()
