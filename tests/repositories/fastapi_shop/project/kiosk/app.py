"""The HTTP interface."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from kiosk import stock
from kiosk.tables import Base, Product


class Sale(BaseModel):
    name: str
    count: int = Field(ge=1)


def make_app(products: list[tuple[str, int, int]]) -> FastAPI:
    """An application with a database of its own that holds *products*: name, stock, cents."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        session.add_all([Product(name=name, stock=count, cents=cents) for name, count, cents in products])
    app = FastAPI()

    def in_session() -> Iterator[Session]:
        with sessions.begin() as session:
            yield session

    InSession = Annotated[Session, Depends(in_session)]

    @app.post("/sales", status_code=201)
    def sell(sale: Sale, session: InSession) -> dict[str, int]:
        product = stock.find(session, sale.name)
        if product is None:
            raise HTTPException(404, f"no {sale.name}")
        try:
            return {"cents": stock.sell(session, product, sale.count), "left": product.stock}
        except stock.SoldOut as error:
            raise HTTPException(409, f"not enough of {error}") from error

    @app.get("/low")
    def low(session: InSession) -> list[str]:
        return stock.low(session)

    return app
