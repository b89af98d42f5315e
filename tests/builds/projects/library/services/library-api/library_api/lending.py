"""Who may take which book."""

from django.db import IntegrityError, transaction

from library_api.models import Book, Loan, Member

MOST_BOOKS = 3
"""That one member has at a time."""


class Refused(ValueError):
    """The rules of the library are against it."""


def lend(book_id: int, member_id: int) -> Loan:
    """Lend a book to a member.

    Raises:
        Book.DoesNotExist, Member.DoesNotExist: There is none with that id.
        Refused: The book is lent, or the member has as many as they may.
    """
    book = Book.objects.get(pk=book_id)
    try:
        with transaction.atomic():
            # nobody else writes until it ends, so that two loans of one member are counted one after the other
            member = Member.objects.get(pk=member_id)
            if Loan.objects.filter(member=member, returned=False).count() >= MOST_BOOKS:
                raise Refused(f"{member.name} has {MOST_BOOKS} books already")
            return Loan.objects.create(book=book, member=member)
    except IntegrityError:
        raise Refused(f"{book.title} is lent already") from None


def give_back(loan_id: int) -> Loan:
    """Take a lent book back.

    Raises:
        Loan.DoesNotExist: There is no loan with that id.
        Refused: It was returned before.
    """
    if Loan.objects.filter(pk=loan_id, returned=False).update(returned=True) == 0:
        loan = Loan.objects.select_related("book").get(pk=loan_id)
        raise Refused(f"{loan.book.title} was returned already")
    return Loan.objects.get(pk=loan_id)
