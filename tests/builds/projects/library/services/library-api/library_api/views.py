"""What each path answers."""

from __future__ import annotations

import json

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from library_api.lending import Refused, give_back, lend
from library_api.models import Book, Loan, Member


def problem(status: int, text: str) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)


def body_of(request: HttpRequest) -> dict[str, object]:
    """The object that was sent; an empty one where it was none."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def text_of(request: HttpRequest, name: str, most: int) -> str:
    """A text that was sent, without spaces around it; empty where it is missing or too long."""
    text = body_of(request).get(name)
    return text.strip() if isinstance(text, str) and len(text.strip()) <= most else ""


def number_of(request: HttpRequest, name: str) -> int:
    """A number that was sent; 0, which is nobody's id, where it is none."""
    try:
        return int(str(body_of(request).get(name)))
    except ValueError:
        return 0


def shown_book(book: Book) -> dict[str, object]:
    loan = Loan.objects.filter(book=book, returned=False).select_related("member").first()
    return {"id": book.pk, "title": book.title, "lent_to": loan.member.name if loan else None}


def shown_loan(loan: Loan) -> dict[str, object]:
    return {"id": loan.pk, "book_id": loan.book_id, "member_id": loan.member_id, "returned": loan.returned}


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_http_methods(["GET", "POST"])
def books(request: HttpRequest) -> JsonResponse:
    if request.method == "GET":
        return JsonResponse([shown_book(book) for book in Book.objects.order_by("pk")], safe=False)
    title = text_of(request, "title", 200)
    if not title:
        return problem(400, "A book needs a title")
    return JsonResponse(shown_book(Book.objects.create(title=title)), status=201)


@require_GET
def book(request: HttpRequest, book_id: int) -> JsonResponse:
    found = Book.objects.filter(pk=book_id).first()
    return JsonResponse(shown_book(found)) if found else problem(404, "There is no such book")


@require_POST
def members(request: HttpRequest) -> JsonResponse:
    name = text_of(request, "name", 100)
    if not name:
        return problem(400, "A member needs a name")
    member = Member.objects.create(name=name)
    return JsonResponse({"id": member.pk, "name": member.name}, status=201)


@require_POST
def loans(request: HttpRequest) -> JsonResponse:
    try:
        loan = lend(number_of(request, "book_id"), number_of(request, "member_id"))
    except ObjectDoesNotExist:
        return problem(404, "There is no such book or member")
    except Refused as refused:
        return problem(409, str(refused))
    return JsonResponse(shown_loan(loan), status=201)


@require_POST
def returned(request: HttpRequest, loan_id: int) -> JsonResponse:
    try:
        return JsonResponse(shown_loan(give_back(loan_id)))
    except ObjectDoesNotExist:
        return problem(404, "There is no such loan")
    except Refused as refused:
        return problem(409, str(refused))
