from invoice import Item, discount, subtotal, total

ITEMS = [Item("pen", 150, 4), Item("notebook", 499)]


def test_subtotal_counts_quantities():
    assert subtotal(ITEMS) == 1099


def test_no_items_cost_nothing():
    assert total([]) == 0


def test_without_a_discount_the_goods_are_the_total():
    assert total(ITEMS) == 1099


def test_a_discount_makes_it_cheaper():
    assert total(ITEMS, percent_off=10) == 990


def test_shipping_is_not_discounted():
    assert total(ITEMS, percent_off=50, shipping=500) == 1050


def test_a_discount_is_rounded_down():
    assert discount(999, 15) == 149
