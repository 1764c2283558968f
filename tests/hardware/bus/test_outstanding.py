"""What a servo owes is remembered until it comes or is too old."""

from hardware.bus.outstanding import OutstandingReplies


def test_a_debt_lives_until_paid() -> None:
    debts = OutstandingReplies(0.5)
    assert not debts
    debts.add(1, 4, 0.0)
    assert debts.owed(1, 4) and not debts.owed(1, 2) and not debts.owed(2, 4)
    assert debts.longest() == 4
    assert debts.pay(1, 4)
    assert not debts.pay(1, 4)
    assert not debts


def test_two_debts_of_one_length_are_two() -> None:
    debts = OutstandingReplies(0.5)
    debts.add(1, 4, 0.0)
    debts.add(1, 4, 0.1)
    assert debts.pay(1, 4)
    assert debts.owed(1, 4)


def test_a_debt_dies_of_age() -> None:
    debts = OutstandingReplies(0.5)
    debts.add(1, 4, 0.0)
    debts.add(1, 4, 0.3)
    debts.forget_old(0.6)
    assert debts.owed(1, 4)
    debts.forget_old(0.9)
    assert not debts
    assert debts.longest() == 0


def test_who_is_doubtful() -> None:
    debts = OutstandingReplies(0.5)
    debts.add(1, 4, 0.0)
    debts.add(3, 5, 0.0)
    assert debts.doubtful((1, 2, 3), 4) == {1}
    assert debts.doubtful((1, 2, 3), 5) == {3}
    assert debts.doubtful((2,), 4) == frozenset()
