from basket import Basket


def test_a_basket_holds_what_is_added():
    basket = Basket("Ada").add("tea").add("jam", count=2)

    assert basket.contents == ["tea", "jam", "jam"]


def test_a_new_basket_is_empty():
    Basket("Ada").add("tea")

    assert len(Basket("Grace")) == 0


def test_baskets_are_apart():
    first, second = Basket("Ada"), Basket("Grace")

    first.add("tea")

    assert second.contents == []


def test_a_basket_can_be_handed_over():
    assert Basket("Ada", ["milk"]).contents == ["milk"]


def test_remove():
    basket = Basket("Ada", ["milk"])

    assert basket.remove("milk")
    assert not basket.remove("milk")
