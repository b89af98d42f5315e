"""The shop's interface, by its requirements."""

import pytest
from fastapi.testclient import TestClient

from shop_api.main import make_app


@pytest.fixture
def shop():
    return TestClient(make_app("sqlite://"))


def product(shop, name, price_cents, stock):
    answer = shop.post("/api/products", json={"name": name, "price_cents": price_cents, "stock": stock})
    assert answer.status_code == 201
    return answer.json()["id"]


def order(shop, *lines):
    return shop.post("/api/orders", json={"lines": [{"product_id": id_, "quantity": many} for id_, many in lines]})


def stock_of(shop, id_):
    return {each["id"]: each["stock"] for each in shop.get("/api/products").json()}[id_]


def test_R1_products_are_listed_with_their_price_and_stock(shop):
    id_ = product(shop, "Pen", 120, 10)

    assert shop.get("/api/products").json() == [{"id": id_, "name": "Pen", "price_cents": 120, "stock": 10}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "price_cents": 120, "stock": 10},
        {"name": "Pen", "price_cents": -1, "stock": 10},
        {"name": "Pen", "price_cents": 120},
    ],
)
def test_R1_a_product_without_name_price_or_stock_is_refused(shop, wrong):
    assert shop.post("/api/products", json=wrong).status_code == 422
    assert shop.get("/api/products").json() == []


def test_R3_the_total_of_an_order_counts_every_piece(shop):
    pen, lamp = product(shop, "Pen", 120, 10), product(shop, "Lamp", 2490, 3)

    placed = order(shop, (pen, 3), (lamp, 2))

    assert placed.status_code == 201
    assert placed.json()["total_cents"] == 5340
    assert shop.get(f"/api/orders/{placed.json()['id']}").json() == placed.json()


def test_R3_an_order_of_an_unknown_product_is_refused(shop):
    assert order(shop, (7, 1)).status_code == 404
    assert shop.get("/api/orders/7").status_code == 404


def test_R3_an_order_of_nothing_is_refused(shop):
    pen = product(shop, "Pen", 120, 10)

    assert order(shop).status_code == 422
    assert order(shop, (pen, 0)).status_code == 422


def test_R4_more_than_there_is_cannot_be_ordered(shop):
    pen, lamp = product(shop, "Pen", 120, 10), product(shop, "Lamp", 2490, 1)

    refused = order(shop, (pen, 2), (lamp, 2))

    assert refused.status_code == 409
    assert refused.json() == {"detail": "Not enough in stock: Lamp"}
    assert (stock_of(shop, pen), stock_of(shop, lamp)) == (10, 1)


def test_R4_the_last_piece_can_be_ordered_once(shop):
    lamp = product(shop, "Lamp", 2490, 1)

    assert order(shop, (lamp, 1)).status_code == 201
    assert order(shop, (lamp, 1)).status_code == 409


def test_R5_an_order_lowers_the_stock(shop):
    pen = product(shop, "Pen", 120, 10)

    order(shop, (pen, 3))

    assert stock_of(shop, pen) == 7
