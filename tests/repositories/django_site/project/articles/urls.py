from django.urls import path

from articles import views

urlpatterns = [
    path("", views.listing, name="listing"),
    path("<slug:slug>/", views.detail, name="detail"),
]
