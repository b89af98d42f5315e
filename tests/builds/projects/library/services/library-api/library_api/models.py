"""What is kept."""

from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=200)


class Member(models.Model):
    name = models.CharField(max_length=100)


class Loan(models.Model):
    book = models.ForeignKey(Book, on_delete=models.PROTECT)
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    returned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book"], condition=models.Q(returned=False), name="a_book_is_lent_once"),
        ]
