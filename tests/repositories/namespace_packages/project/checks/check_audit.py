from acme.audit.balance import largest, outstanding
from acme.billing.invoice import invoice, pay


def check_what_is_outstanding_is_summed():
    records = [invoice(1, [("paper", 300)]), pay(invoice(2, [("ink", 450)])), invoice(3, [("pens", 50)])]
    assert outstanding(records) == 350


def check_the_largest_is_found():
    assert largest([invoice(1, [("paper", 300)]), invoice(2, [("ink", 450)])]) == 450


def check_nothing_is_outstanding_where_nothing_was_sent():
    assert outstanding([]) == 0
