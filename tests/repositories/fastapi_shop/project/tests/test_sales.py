def test_a_sale_is_priced(client):
    assert client.post("/sales", json={"name": "gum", "count": 2}).json() == {"cents": 40, "left": 3}


def test_the_last_ones_can_be_sold(client):
    answer = client.post("/sales", json={"name": "paper", "count": 2})
    assert answer.status_code == 201
    assert answer.json()["left"] == 0


def test_more_than_there_is_is_refused(client):
    assert client.post("/sales", json={"name": "paper", "count": 3}).status_code == 409
    assert client.get("/low").json() == ["paper"]


def test_what_is_not_there_is_not_found(client):
    assert client.post("/sales", json={"name": "milk", "count": 1}).status_code == 404


def test_less_than_one_is_no_sale(client):
    assert client.post("/sales", json={"name": "gum", "count": 0}).status_code == 422


def test_sold_goods_become_low(client):
    client.post("/sales", json={"name": "gum", "count": 3})
    assert client.get("/low").json() == ["gum", "paper"]
