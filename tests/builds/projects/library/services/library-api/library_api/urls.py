"""The paths of the library's interface."""

from django.urls import path

from library_api import views

urlpatterns = [
    path("health", views.health),
    path("api/books", views.books),
    path("api/books/<int:book_id>", views.book),
    path("api/members", views.members),
    path("api/loans", views.loans),
    path("api/loans/<int:loan_id>/return", views.returned),
]
