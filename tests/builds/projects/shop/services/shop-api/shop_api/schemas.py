"""What passes over HTTP."""

from pydantic import BaseModel, ConfigDict, Field


class NewProduct(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    price_cents: int = Field(ge=0, le=10_000_000)
    stock: int = Field(ge=0, le=1_000_000)


class Product(NewProduct):
    model_config = ConfigDict(from_attributes=True)

    id: int


class Line(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    product_id: int
    quantity: int = Field(ge=1, le=1_000)


class NewOrder(BaseModel):
    lines: list[Line] = Field(min_length=1, max_length=100)


class Order(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    lines: list[Line]
    total_cents: int
