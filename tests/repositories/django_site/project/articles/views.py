from django.http import Http404, JsonResponse
from django.shortcuts import render

from articles.models import Article


def listing(request):
    return render(request, "articles/listing.html", {"articles": Article.objects.published()[:10]})


def detail(request, slug):
    article = Article.objects.filter(slug=slug).first()
    if article is None:
        raise Http404(slug)
    return JsonResponse({"title": article.title, "body": article.body})
