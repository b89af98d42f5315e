"""The paths of the shop's interface."""

import threading

from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop_api.ordering import OutOfStock, UnknownProduct, place
from shop_api.schemas import NewOrder, NewProduct, Order, Product
from shop_api.settings import database_url
from shop_api.tables import OrderRow, ProductRow, open_database


def make_app(url: str) -> FastAPI:
    """The application over the database at *url*."""
    app = FastAPI(title="Shop")
    engine = open_database(url)
    # a database in memory has one connection, which two requests cannot share
    writing = threading.Lock()

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/products")
    def list_products() -> list[Product]:
        with writing, Session(engine) as session:
            return [Product.model_validate(row) for row in session.scalars(select(ProductRow).order_by(ProductRow.id))]

    @app.post("/api/products", status_code=201)
    def create_product(new: NewProduct) -> Product:
        with writing, Session(engine) as session, session.begin():
            row = ProductRow(**new.model_dump())
            session.add(row)
            session.flush()
            return Product.model_validate(row)

    @app.post("/api/orders", status_code=201)
    def create_order(new: NewOrder) -> Order:
        try:
            with writing, Session(engine) as session, session.begin():
                return Order.model_validate(place(session, new.lines))
        except UnknownProduct as error:
            raise HTTPException(404, str(error)) from error
        except OutOfStock as error:
            raise HTTPException(409, str(error)) from error

    @app.get("/api/orders/{order_id}")
    def read_order(order_id: int) -> Order:
        with writing, Session(engine) as session:
            row = session.get(OrderRow, order_id)
            if row is None:
                raise HTTPException(404, f"There is no order {order_id}")
            return Order.model_validate(row)

    return app


app = make_app(database_url())
