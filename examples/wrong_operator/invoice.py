"""Totals of an invoice, in cents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    name: str
    cents: int
    quantity: int = 1


def subtotal(items):
    return sum(item.cents * item.quantity for item in items)


def discount(cents, percent):
    """The part of *cents* that is let off, rounded down to a whole cent."""
    return cents * percent // 100


def total(items, percent_off=0, shipping=0):
    """What the customer pays: goods less discount, plus shipping, which is never discounted."""
    goods = subtotal(items)
    return goods + discount(goods, percent_off) + shipping
