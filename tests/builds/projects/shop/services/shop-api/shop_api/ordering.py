"""How an order is placed: all of it, or nothing."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop_api.schemas import Line
from shop_api.tables import LineRow, OrderRow, ProductRow


class UnknownProduct(LookupError):
    """There is no product with that id."""


class OutOfStock(ValueError):
    """Less is there than was ordered."""


def place(session: Session, lines: list[Line]) -> OrderRow:
    """An order of *lines*, with what was taken out of stock for it.

    Raises:
        UnknownProduct: A line names a product that there is not.
        OutOfStock: A line asks for more than is there.
    """
    total = 0
    for line in lines:
        product = session.scalar(select(ProductRow).where(ProductRow.id == line.product_id))
        if product is None:
            raise UnknownProduct(f"There is no product {line.product_id}")
        enough = (ProductRow.id == line.product_id) & (ProductRow.stock >= line.quantity)
        taken = session.execute(update(ProductRow).where(enough).values(stock=ProductRow.stock - line.quantity))
        if taken.rowcount == 0:
            raise OutOfStock(f"Not enough in stock: {product.name}")
        total += product.price_cents * line.quantity
    rows = [LineRow(product_id=line.product_id, quantity=line.quantity) for line in lines]
    order = OrderRow(total_cents=total, lines=rows)
    session.add(order)
    session.flush()
    return order
