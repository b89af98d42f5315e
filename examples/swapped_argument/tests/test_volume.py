from volume import Knob, clamp


def test_clamp_leaves_what_lies_between():
    assert clamp(3, 0, 11) == 3


def test_a_new_knob_stands_where_it_is_put():
    assert Knob().level == 5
    assert Knob(7).level == 7


def test_a_new_knob_cannot_be_beyond_its_bounds():
    assert Knob(99).level == 11
    assert Knob(-4).level == 0


def test_turning_stops_at_the_bounds():
    knob = Knob(9)

    assert knob.turn(1) == 10
    assert knob.turn(5) == 11
    assert knob.turn(-20) == 0


def test_mute():
    knob = Knob()

    knob.mute()

    assert knob.level == 0
