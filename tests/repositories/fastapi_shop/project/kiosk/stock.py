"""What may be done with the stock; the caller commits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.tables import Product


class SoldOut(Exception):
    """There is less than was asked for."""


def find(session: Session, name: str) -> Product | None:
    return session.scalars(select(Product).where(Product.name == name)).first()


def sell(session: Session, product: Product, count: int) -> int:
    """Take *count* from the stock; their price in cents."""
    if count >= product.stock:
        raise SoldOut(product.name)
    product.stock -= count
    return count * product.cents


def low(session: Session, below: int = 3) -> list[str]:
    """Names of what has to be ordered, in order."""
    return list(session.scalars(select(Product.name).where(Product.stock < below).order_by(Product.name)))
