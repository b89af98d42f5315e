"""The slips that are planted in the three projects: of every agent, and of every kind, at least one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.builds.recording import PLAN, SCENARIOS, Said, Slip

UNREADABLE = "Certainly! Here is all of it, and it covers every requirement."

_API, _WEB = "services/shop-api", "services/web"
SHOP: Mapping[str, Sequence[Said]] = {
    "architect": [
        # a component that calls what there is not
        Slip(
            PLAN,
            '"calls": [\n        "shop-http"',
            '"calls": [\n        "shop-api"',
            "component web calls shop-api, which is no interface",
        ),
        # a figure that its arithmetic does not come to
        Slip(PLAN, '"value": 4.63', '"value": 46.3', "figure peak_requests_per_second is 46.3"),
    ],
    "qa": [
        # an interface by the name of its component
        Slip(
            SCENARIOS,
            '"interface": "shop-http",\n        "method": "GET"',
            '"interface": "shop-api",\n        "method": "GET"',
            "step 3 calls shop-api, which is no interface",
        )
    ],
    "qa:shop-api": [
        # a frozen test against a path that the contract does not have
        Slip(
            f"{_API}/tests/test_shop_api.py",
            'shop.get("/api/products").json() == [{',
            'shop.get("/api/product").json() == [{',
            "/api/product",
        )
    ],
    "backend:shop-api": [
        # a module that there is not
        Slip(
            f"{_API}/shop_api/main.py",
            "from shop_api.ordering import",
            "from shop_api.orders import",
            "shop_api.orders",
        ),
    ],
    "frontend:web": [
        # a page that only its own start can show to be empty
        Slip(f"{_WEB}/src/main.tsx", 'getElementById("root")', 'getElementById("app")', "the page has no #root"),
    ],
    "devops": [
        # a script that package.json does not have
        Slip(f"{_WEB}/Dockerfile", "RUN npm run build\n", "RUN npm run bundle\n", "bundle")
    ],
}

TYPES = Slip(
    f"{_WEB}/src/basket.ts",
    "export function money(cents: number): string {",
    "export function money(cents: string): string {",
    "TS",
)
"""A type error of the shop's page, which no test runs into."""

_API, _WEB = "services/board-api", "services/board-web"
BOARD: Mapping[str, Sequence[Said]] = {
    "qa:board-web": [UNREADABLE],
    "backend:board-api": [
        # a route that the contract does not have
        Slip(
            f"{_API}/src/app.js",
            'app.patch("/api/cards/:cardId"',
            'app.patch("/api/cards/:cardId/column"',
            "PATCH /api/cards/",
        ),
        # a number that is given twice
        Slip(
            f"{_API}/src/board.js",
            "    this.#last += 1;\n",
            "    this.#last = this.#cards.size + 1;\n",
            "cards have numbers of their own",
        ),
    ],
    "frontend:board-web": [
        # an operation that the contract does not have
        Slip(
            f"{_WEB}/src/api.ts",
            'asked("/api/cards", "POST", { title })',
            'asked("/api/cards", "PUT", { title })',
            "PUT /api/cards",
        ),
        # a field by another name, in a component's template
        Slip(
            f"{_WEB}/src/CardColumn.vue",
            "<span>{{ card.title }}</span>",
            "<span>{{ card.name }}</span>",
            "Property 'name' does not exist",
        ),
    ],
    "devops": [
        # a lock that npm ci needs, and that is not there yet
        Slip(
            f"{_API}/Dockerfile",
            "COPY package.json package-lock.json ./",
            "COPY package.json ./",
            "package-lock.json",
        )
    ],
}

CONSOLE = Slip(
    f"{_WEB}/src/main.ts",
    'createApp(App).mount("#app");',
    'createApp(App).mount("#app");\ndocument.querySelector("#ap")!.setAttribute("lang", "en");',
    "setAttribute",
)
"""An error in the console of the board, where no test runs what starts the page."""

_API = "services/library-api"
LIBRARY: Mapping[str, Sequence[Said]] = {
    "architect": [UNREADABLE],
    "qa": [
        # a method that the contract does not have
        Slip(
            SCENARIOS,
            '"method": "POST",\n        "path": "/api/loans/{loan}/return"',
            '"method": "PUT",\n        "path": "/api/loans/{loan}/return"',
            "calls PUT /api/loans/{loan}/return",
        )
    ],
    "backend:library-api": [
        # a name that the module does not have
        Slip(
            f"{_API}/library_api/views.py",
            "from library_api.lending import Refused, give_back, lend",
            "from library_api.lending import Refused, lend, return_book as give_back",
            "return_book",
        ),
        # tables that nobody makes
        Slip(
            f"{_API}/library_api/__main__.py",
            '    call_command("migrate", verbosity=0)\n',
            '    call_command("check")\n',
            "GET /api/books: it answered 500",
        ),
    ],
    "devops": [
        # a list of requirements that there is not
        Slip(
            f"{_API}/Dockerfile",
            "RUN pip install --no-cache-dir --prefix=/opt/app .",
            "RUN pip install --no-cache-dir --prefix=/opt/app -r requirements.txt",
            "requirements.txt",
        )
    ],
}

_API, _WEB = "services/links-api", "services/links-web"
LINKS: Mapping[str, Sequence[Said]] = {
    "architect": [
        # a port that the page's web server does not have
        Slip(PLAN, '"port": 8080', '"port": 3001', "component links-web is static, and its web server listens on 8080")
    ],
    "qa:links-api": [UNREADABLE],
    "backend:links-api": [
        # a route that the contract does not have
        Slip(
            f"{_API}/src/app.js",
            'app.post("/api/links/:linkId/read"',
            'app.put("/api/links/:linkId/read"',
            "PUT /api/links/",
        ),
        # an address that runs a program, and only has an address in it
        Slip(
            f"{_API}/src/app.js",
            'parsed !== null && ["http:", "https:"].includes(parsed.protocol)',
            'parsed !== null && parsed.href.includes("http")',
            "javascript:",
        ),
    ],
    "frontend:links-web": [
        # a field by another name, in a template
        Slip(
            f"{_WEB}/src/App.vue",
            "{{ link.title }}</a>",
            "{{ link.name }}</a>",
            "Property 'name' does not exist",
        )
    ],
    "devops": [
        # a script that package.json does not have
        Slip(f"{_WEB}/Dockerfile", "RUN npm run build\n", "RUN npm run bundle\n", "bundle")
    ],
}
"""Of the session that is shipped as an example."""

_JOB, _WORKER = "services/nightly/nightly/__main__.py", "services/reminder/reminder/__main__.py"
REMINDERS: Mapping[str, Sequence[Said]] = {
    "backend:nightly": [
        # a lock that is never given back
        Slip(
            _JOB,
            '    marked = overdue(asked("GET", "/api/loans"))\n',
            '    os.close(os.open("nightly.lock", os.O_CREAT | os.O_EXCL))\n    marked = overdue(asked("GET", "/api/loans"))\n',
            "nightly ended with exit code 1 when a scenario had it run",
        )
    ],
    "backend:reminder": [
        # a field that loans do not have, which is come to where something is overdue
        Slip(_WORKER, "loan['title']", "loan['name']", "reminder ended with exit code 1, and a worker goes on"),
    ],
}
"""Of a project with a job and a worker: each is found out only where it is run."""

SLIPS: Mapping[str, Mapping[str, Sequence[Said]]] = {
    "shop": SHOP,
    "board": BOARD,
    "library": LIBRARY,
    "links": LINKS,
    "reminders": REMINDERS,
}
