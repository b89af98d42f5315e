"""Right projects in other styles than ours: whatever way people write, what works is not refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.projects.agreeing.test_routes import FASTAPI, told

MODELS = {"api/__init__.py": "", "api/models.py": FASTAPI["api/models.py"]}
GET_ALL = "def listed() -> list[Product]: return []\n\n\n"
CREATED = "def created(new: New) -> Product: return new\n\n\n"
READ = "def read(product_id: int) -> Product: return Product(id=product_id, name='a')\n\n\n"
IMPORTS = "from api.models import New, Product\n"

PACKAGES = {
    **MODELS,
    "api/main.py": "from fastapi import FastAPI\nfrom api.routes import api_router\nfrom api import health\n\n\n"
    "def create_app() -> FastAPI:\n    app: FastAPI = FastAPI(title='Shop')\n    app.include_router(api_router, prefix='/api')\n"
    "    app.include_router(health.router)\n    return app\n\n\napp = create_app()\n",
    "api/health.py": "import fastapi\nrouter = fastapi.APIRouter()\nrouter.add_api_route('/health', lambda: {}, methods=['GET'])\n",
    "api/routes/__init__.py": "from fastapi import APIRouter\nfrom . import products\nfrom .single import router as single_router\n"
    "api_router = APIRouter()\napi_router.include_router(products.router, prefix='/products')\n"
    "api_router.include_router(prefix='/products', router=single_router)\n",
    "api/routes/products.py": f"from fastapi import APIRouter\nfrom ..models import New, Product\nrouter = APIRouter()\n\n\n"
    f"@router.get('')\n{GET_ALL}@router.api_route('', methods=['POST'])\n{CREATED}",
    "api/routes/single.py": f"from fastapi import APIRouter\n{IMPORTS}router = APIRouter(tags=['one'])\n\n\n@router.get('/{{product_id}}')\n{READ}",
}
MOUNTED = {
    **MODELS,
    "api/main.py": f"from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\n{IMPORTS}app = FastAPI()\ninner = FastAPI()\nPREFIX = '/pro' + 'ducts'\n"
    f"app.mount('/api', inner)\napp.mount('/static', StaticFiles(directory='a'))\n\n\n@app.get('/health')\ndef health(): return {{}}\n\n\n"
    f"@inner.get(PREFIX)\n{GET_ALL}@inner.post(f'{{PREFIX}}')\n{CREATED}@inner.get(path=f'{{PREFIX}}/{{{{product_id}}}}')\n{READ}",
}
A_CLASS = {
    **MODELS,
    "api/main.py": "from fastapi import FastAPI\n\n\nclass Server:\n    def __init__(self):\n        self.app = FastAPI()\n"
    "        self.app.get('/anything')(self.answer)\n\n\napp = Server().app\n",
}
HANDED = {
    **MODELS,
    "api/main.py": "from fastapi import FastAPI\nfrom api.adding import add\napp = FastAPI()\nadd(app)\n",
    "api/adding.py": f"{IMPORTS}\n\ndef add(app):\n    @app.get('/api/products')\n    {GET_ALL}",
}
EXPRESS_TS = {
    "src/app.ts": "import express, { type Express, type Request } from 'express';\nimport { productRoutes } from './routes/index.js';\n"
    "export function createApp(): Express {\n  const app: Express = express();\n  app.use(express.json(), (q: Request, s, next) => next());\n"
    "  app.get<{ id: string }>('/health', (q, s) => { s.json({ status: 'ok' }); });\n  app.use('/api', productRoutes(new Map<number, string>()));\n"
    "  return app;\n}\n",
    "src/routes/index.ts": "export { productRoutes } from './products.js';\n",
    "src/routes/products.ts": "import { Router } from 'express';\nimport type { Request, Response } from 'express';\n"
    "export const productRoutes = (store: Map<number, string>): Router => {\n  const router = Router();\n"
    "  router.get('/products', (q: Request, s: Response) => { s.json([...store]); });\n"
    "  router.post<unknown, unknown, { name: string }>('/products', async (q, s) => { s.status(201).json(q.body); });\n"
    "  router.get<{ product_id: string }>('/products/:product_id', (q, s) => { s.json({}); });\n  return router;\n};\n",
}
EXPRESS_CLASS = {
    "src/server.ts": "import express from 'express';\nclass Server {\n  app = express();\n  router = express.Router();\n  constructor() {\n"
    "    this.app.use('/api', this.router);\n    this.router.get('/products', (q, s) => s.json([]));\n  }\n}\nnew Server();\n",
}
EXPRESS_DEFAULT = {
    "src/server.js": "import express from 'express';\nimport routes from './routes.js';\nimport { notFound } from './routes.js';\n"
    "const app = express();\napp.use('/api', routes);\napp.use(notFound);\nexport default app;\n",
    "src/routes.js": "import express from 'express';\nconst router = express.Router();\nrouter.get('/products', (q, s) => s.json([]))\n"
    "  .post('/products', (q, s) => s.json({}));\nrouter.route('/products/:product_id').get((q, s) => s.json({}));\n"
    "router.use('/', (q, s, next) => next());\nexport function notFound(q, s) { s.sendStatus(404); }\nexport default router;\n",
}
VIEWS = "def one(request, product_id): return None\n\n\ndef all_(request): return None\n"
DJANGO_NESTED = {
    "config/__init__.py": "",
    "config/settings.py": "import os\nROOT_URLCONF = 'config.urls'\n",
    "config/urls.py": "from django.urls import include, path\nfrom django.http import JsonResponse\nimport products.urls\n"
    "inner = [path('products', include('products.urls'))]\n"
    "urlpatterns: list = [\n    path('health', lambda request: JsonResponse({})),\n    path('api/', include((([path('products', include('products.urls'))]), 'api'))),\n]\n",
    "products/__init__.py": "",
    "products/urls.py": "from django.urls import path\nfrom django.views.decorators.csrf import csrf_exempt\nfrom . import views\n"
    "app_name = 'products'\nurlpatterns = (\n    path('', csrf_exempt(views.all_)),\n    path('/<int:product_id>', views.one, name='one'),\n)\n",
    "products/views.py": VIEWS,
}
DRF = {
    "config/__init__.py": "",
    "config/settings.py": "ROOT_URLCONF = 'config.urls'\n",
    "config/urls.py": "from django.urls import include, path\nfrom rest_framework.routers import DefaultRouter\nrouter = DefaultRouter(trailing_slash=False)\n"
    "urlpatterns = [path('api/', include(router.urls))]\n",
}


@pytest.mark.parametrize(
    ("files", "runtime"),
    [
        pytest.param(PACKAGES, "python", id="routers in packages"),
        pytest.param(MOUNTED, "python", id="an application in another"),
        pytest.param(A_CLASS, "python", id="an application of a class"),
        pytest.param(HANDED, "python", id="an application that is handed on"),
        pytest.param(EXPRESS_TS, "node", id="express with types"),
        pytest.param(EXPRESS_CLASS, "node", id="express in a class"),
        pytest.param(DJANGO_NESTED, "python", id="patterns in patterns"),
        pytest.param(DRF, "python", id="routers of django"),
    ],
)
def test_routes_in_other_styles_are_right(files: Mapping[str, str], runtime: str) -> None:
    """As they are found, or left alone."""
    assert [each for each in told(files, runtime) if "rest_framework" not in each] == []


def test_a_router_by_default_is_followed_and_a_function_beside_it_is_none() -> None:
    """Only the health path is missing there."""
    assert [each.split()[0] for each in told(EXPRESS_DEFAULT, "node")] == ["routes/health"]


@pytest.mark.parametrize(
    ("files", "runtime", "path", "old", "new"),
    [
        (PACKAGES, "python", "api/routes/__init__.py", "prefix='/products', router", "prefix='/product', router"),
        (MOUNTED, "python", "api/main.py", "mount('/api'", "mount('/v1'"),
        (EXPRESS_TS, "node", "src/app.ts", "use('/api'", "use('/v1'"),
        (DJANGO_NESTED, "python", "config/urls.py", "path('api/'", "path('v1/'"),
    ],
    ids=["fastapi", "mounted", "express", "django"],
)
def test_a_slip_in_other_styles_is_told(files: Mapping[str, str], runtime: str, path: str, old: str, new: str) -> None:
    """So these were followed, and not just left alone."""
    assert old in files[path]

    found = told({**files, path: files[path].replace(old, new)}, runtime)

    assert any(each.startswith("routes/missing") for each in found)


APP = "import express, { Router } from 'express';\nconst app = express();\napp.get('/health', (q, s) => s.json({}));\n"


@pytest.mark.parametrize(
    "text",
    [
        "const made = { router: Router() };\napp.use('/api', made.router);\n",
        "this.router = Router();\napp.use('/api', this.router);\n",
        "const r = Router();\nfunction again() { const r = Router(); }\napp.use('/api', r);\n",
        "app.route(path).get(a);\n",
        "app.route('/api/products').all;\n",
        "app.get(['/api/products', '/api/p'], a);\n",
        "app.use('/api', ...routers);\n",
        "app.use(/^\\/api/, a);\n",
        "const r = choose ? Router() : other;\napp.use('/api', r);\n",
        "const r = await load('./routes');\napp.use('/api', r);\n",
        "let r;\nr = Router().get('/products', a);\napp.use('/api', r);\n",
        "app.all('/api/products', a);\napp.all('/api/products/:product_id', a);\n",
        "const passed = app.get;\n",
        "function a() { const r = Router(); return r; }\nfunction b() { return choose(a(), app); }\napp.use('/api', b());\n",
        "import * as all from './all.js';\napp.use('/api', all.products);\napp.use('/api', all);\n",
    ],
    ids=range(15),
)
def test_routers_that_are_hard_to_follow_are_left_alone(text: str) -> None:
    """No operation is said to be missing."""
    files = {"src/main.js": APP + text, "src/all.js": "export const products = 1;\n"}

    assert [each for each in told(files, "node") if not each.startswith("javascript/")] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Product(BaseModel):\n    id: int\n", "from typing import Annotated\n\n\nclass Base(BaseModel):\n    id: int = Field(...)\n\n\nclass Product(Base):\n"),
        ("    name: str = Field(min_length=1)\n", "    name: Annotated[str, Field(default='a')]\n    more: str = Field('a')\n    other: int = Field(default_factory=int)\n"),
        ("class New(BaseModel):\n", "class New(BaseModel):\n    @property\n    def more(self): return 1\n\n    wrong: int\n"),
        ("class New(BaseModel):\n", "class New(BaseModel):\n    wrong: int\n    text = '" + "x" * 3_000 + "'\n"),
        ("class New(BaseModel):\n", "class New(BaseModel, Other):\n    wrong: int\n"),
        ("class New(BaseModel):\n", "class New(made()):\n    wrong: int\n"),
    ],
    ids=range(6),
)  # fmt: skip
def test_models_in_other_styles_are_right(old: str, new: str) -> None:
    """Inherited, with defaults of all kinds, or not plain."""
    assert old in FASTAPI["api/models.py"]
    products = (
        FASTAPI["api/products.py"]
        .replace("Product(id=1, name='a')", "make()")
        .replace("list[Product]", "'list[Product]'")
    )
    files = {**FASTAPI, "api/models.py": FASTAPI["api/models.py"].replace(old, new), "api/products.py": products}

    assert told(files, "python") == []
