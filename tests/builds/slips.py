"""The slips that are planted in the three projects: of every agent, and of every kind, at least one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.builds.recording import PLAN, SCENARIOS, Said, Slip

_API, _WEB = "services/shop-api", "services/web"
SHOP: Mapping[str, Sequence[Said]] = {
    "architect": [
        # a component that calls what there is not, and a figure that its arithmetic does not come to
        Slip(PLAN, '"calls": [\n        "shop-http"', '"calls": [\n        "shop-api"'),
        Slip(PLAN, '"value": 4.63', '"value": 46.3'),
    ],
    "qa": [
        # an interface by the name of its component
        Slip(
            SCENARIOS,
            '"interface": "shop-http",\n        "method": "GET"',
            '"interface": "shop-api",\n        "method": "GET"',
        )
    ],
    "qa:shop-api": [
        # a frozen test against a path that the contract does not have
        Slip(f"{_API}/tests/test_shop_api.py", 'shop.get("/api/products").json() == [{', 'shop.get("/api/product").json() == [{')
    ],
    "backend:shop-api": [
        # a module that there is not
        Slip(f"{_API}/shop_api/main.py", "from shop_api.ordering import", "from shop_api.orders import"),
        # a wrong sum, such as the author without a model may mend before anybody is asked
        Slip(f"{_API}/shop_api/ordering.py", "product.price_cents * line.quantity", "product.price_cents + line.quantity"),
    ],
    "frontend:web": [
        # a type error, which no test runs into
        Slip(f"{_WEB}/src/basket.ts", "export function money(cents: number): string {", "export function money(cents: string): string {"),
        # a page that only its own start can show to be empty
        Slip(f"{_WEB}/src/main.tsx", 'getElementById("root")', 'getElementById("app")'),
    ],
    "devops": [
        # a script that package.json does not have
        Slip(f"{_WEB}/Dockerfile", "RUN npm run build\n", "RUN npm run bundle\n")
    ],
}  # fmt: skip

_API, _WEB = "services/board-api", "services/board-web"
BOARD: Mapping[str, Sequence[Said]] = {
    "qa:board-web": [
        # a reply that nobody can read
        "Certainly! Here are the tests for the board, which cover all of the requirements."
    ],
    "backend:board-api": [
        # a route that the contract does not have
        Slip(f"{_API}/src/app.js", 'app.patch("/api/cards/:cardId"', 'app.patch("/api/cards/:cardId/column"'),
        # a number that is given twice
        Slip(f"{_API}/src/board.js", "    this.#last += 1;\n", "    this.#last = this.#cards.size + 1;\n"),
    ],
    "frontend:board-web": [
        # an operation that the contract does not have
        Slip(f"{_WEB}/src/api.ts", 'asked("/api/cards", "POST", { title })', 'asked("/api/cards", "PUT", { title })'),
        # a field by another name, in a component's template
        Slip(f"{_WEB}/src/CardColumn.vue", "<span>{{ card.title }}</span>", "<span>{{ card.name }}</span>"),
        # what goes wrong is told to whoever has the console open, and to nobody else
        Slip(
            f"{_WEB}/src/main.ts",
            'createApp(App).mount("#app");',
            'createApp(App).mount("#app");\ndocument.querySelector("#ap")!.setAttribute("lang", "en");',
        ),
    ],
    "devops": [
        # a file that npm ci needs and that is not there yet
        Slip(f"{_API}/Dockerfile", "COPY package.json package-lock.json ./", "COPY package.json ./")
    ],
}

_API = "services/library-api"
LIBRARY: Mapping[str, Sequence[Said]] = {
    "architect": ["Here is the plan: a Django project with three models.\n\n```text\nBook, Member, Loan\n```\n"],
    "qa": [
        # a method that the contract does not have
        Slip(SCENARIOS, '"interface": "library-http",\n        "method": "POST",\n        "path": "/api/loans/{loan}/return"',
             '"interface": "library-http",\n        "method": "PUT",\n        "path": "/api/loans/{loan}/return"')
    ],
    "backend:library-api": [
        # a name that the module does not have
        Slip(f"{_API}/library_api/views.py", "from library_api.lending import Refused, give_back, lend", "from library_api.lending import Refused, lend, return_book as give_back"),
        # tables that nobody makes
        Slip(f"{_API}/library_api/__main__.py", '    call_command("migrate", verbosity=0)\n', '    call_command("check")\n'),
    ],
    "devops": [
        # a list of requirements that there is not
        Slip(f"{_API}/Dockerfile", "RUN pip install --no-cache-dir --prefix=/opt/app .", "RUN pip install --no-cache-dir --prefix=/opt/app -r requirements.txt")
    ],
}  # fmt: skip

SLIPS: Mapping[str, Mapping[str, Sequence[Said]]] = {"shop": SHOP, "board": BOARD, "library": LIBRARY}
