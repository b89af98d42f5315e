from django.db import models
from django.utils import timezone


class ArticleQuerySet(models.QuerySet):
    def published(self):
        """Articles that everybody may read by now, the newest first."""
        return self.filter(published__lte=timezone.now()).order_by("published")


class Article(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    body = models.TextField(blank=True)
    published = models.DateTimeField(null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    def __str__(self):
        return self.title
