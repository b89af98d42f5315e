from acme.billing.dunning import overdue
from acme.billing.invoice import invoice, pay


def check_an_invoice_adds_up():
    assert invoice(7, [("paper", 300), ("ink", 450)])["amount_due"] == 750


def check_what_is_paid_is_not_overdue():
    assert overdue([invoice(1, []), pay(invoice(2, []))]) == [1]
