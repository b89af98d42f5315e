"""What each type of project usually is: what it has to do, its parts, what it keeps, and how it is used.

The numbers are assumptions to start from, and every plan says so of each; they were measured nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.plans.commission import ProjectType
from agents.plans.plan import FieldType, Kind, Role, Runtime


class Use(NamedTuple):
    """How one person uses it in a day."""

    requests: float
    peak_factor: float
    """How many times the average the busiest minutes are."""
    write_share: float
    """Of the requests."""
    kib_kept: float
    """What stays of a day."""
    kib_answer: float
    """Of an answer of the API, on average."""


class Part(NamedTuple):
    """A component, before it is known how much it bears."""

    name: str
    kind: Kind
    role: Role
    runtime: Runtime
    purpose: str
    requirements: tuple[int, ...]
    """Numbers of the profile's requirements, counted from 1."""
    stores: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Stores that it only reads, so that their owner's interface could tell it as well."""


class Kept(NamedTuple):
    """An entity: its plural is its path in the API, and each field is ``name type [Entity]``."""

    name: str
    plural: str
    fields: tuple[str, ...]
    store: str = "database"
    owner: str = "api"

    @property
    def typed(self) -> tuple[tuple[str, FieldType, str], ...]:
        """Name, type and the entity that it points to, of each field."""
        told = (field.split() for field in self.fields)
        return tuple((words[0], words[1], words[2] if len(words) > 2 else "") for words in told)  # type: ignore[misc]


class Profile(NamedTuple):
    title: str
    summary: str
    use: Use
    requirements: tuple[str, ...]
    parts: tuple[Part, ...]
    kept: tuple[Kept, ...]


def _page(purpose: str, *requirements: int, calls: tuple[str, ...] = ("api-http",)) -> Part:
    return Part("web", "page", "frontend", "static", purpose, requirements, calls=calls)


def _api(purpose: str, *requirements: int, stores: tuple[str, ...]) -> Part:
    return Part("api", "api", "backend", "python", purpose, requirements, stores)


_ACCOUNT = Kept("Account", "accounts", ("id uuid", "email text", "display_name text", "created_at timestamp"))

PROFILES: Mapping[ProjectType, Profile] = MappingProxyType(
    {
        "web-app": Profile(
            "Web application",
            "Pages in a browser over an API that keeps what people enter.",
            Use(requests=60, peak_factor=4, write_share=0.2, kib_kept=20, kib_answer=8),
            (
                "A person signs up, signs in and signs out.",
                "A person creates, finds, changes and removes items of their own.",
                "A person attaches files to an item and fetches them again.",
                "A person is told by e-mail of what happened to their items.",
            ),
            (
                _page("The pages that people see.", 1, 2, 3),
                _api("Rules, rights and data behind the pages.", 1, 2, 3, stores=("database", "objects", "queue")),
                Part("notifier", "worker", "backend", "python", "Sends e-mail.", (4,), ("queue",), reads=("database",)),
            ),
            (
                _ACCOUNT,
                Kept(
                    "Item",
                    "items",
                    ("id uuid", "account_id uuid Account", "title text", "body text", "changed_at timestamp"),
                ),
                Kept(
                    "Attachment",
                    "attachments",
                    ("id uuid", "item_id uuid Item", "object_key text", "size_bytes integer"),
                ),
            ),
        ),
        "api": Profile(
            "API",
            "An HTTP interface for other programs, with keys, limits and a log of use.",
            Use(requests=500, peak_factor=3, write_share=0.3, kib_kept=50, kib_answer=4),
            (
                "A program with a valid key creates, reads and lists resources.",
                "A program beyond its limit is told so and when to come again.",
                "The owner of a key sees how much it was used.",
            ),
            (_api("The interface itself.", 1, 2, 3, stores=("database",)),),
            (
                Kept(
                    "ApiKey",
                    "api-keys",
                    ("id uuid", "owner_email text", "key_sha256 text", "requests_a_minute integer"),
                ),
                Kept(
                    "Resource",
                    "resources",
                    ("id uuid", "api_key_id uuid ApiKey", "name text", "content json", "changed_at timestamp"),
                ),
                Kept("Usage", "usages", ("id uuid", "api_key_id uuid ApiKey", "minute timestamp", "requests integer")),
            ),
        ),
        "data-pipeline": Profile(
            "Data pipeline",
            "Records come in, are kept as they came, checked and shaped, and can be asked in a warehouse.",
            Use(requests=200, peak_factor=5, write_share=0.95, kib_kept=400, kib_answer=1),
            (
                "A source delivers records over HTTP and is told when they are safe.",
                "Every record is kept as it came, so that all can be worked out again.",
                "Records are checked and shaped; what does not fit is set aside with the reason.",
                "An analyst asks the shaped records of the last hour.",
                "Every night the counts of a day are compared from end to end.",
            ),
            (
                _api("Takes records in.", 1, 2, stores=("objects", "queue", "database")),
                Part(
                    "shaper",
                    "worker",
                    "backend",
                    "python",
                    "Checks and shapes records.",
                    (3, 4),
                    ("queue", "objects", "warehouse"),
                ),
                Part(
                    "reconciler",
                    "job",
                    "backend",
                    "python",
                    "Compares the counts of a day.",
                    (5,),
                    ("objects", "warehouse"),
                    reads=("database",),
                ),
            ),
            (
                Kept("Source", "sources", ("id uuid", "name text", "key_sha256 text")),
                Kept(
                    "Batch",
                    "batches",
                    ("id uuid", "source_id uuid Source", "object_key text", "records integer", "arrived_at timestamp"),
                ),
                Kept(
                    "Record",
                    "records",
                    ("id uuid", "batch_id uuid Batch", "happened_at timestamp", "content json"),
                    "warehouse",
                    "shaper",
                ),
            ),
        ),
        "e-commerce": Profile(
            "Online shop",
            "A catalogue, a basket, and orders that are paid exactly once.",
            Use(requests=40, peak_factor=8, write_share=0.1, kib_kept=10, kib_answer=12),
            (
                "A visitor browses and searches the catalogue.",
                "A visitor fills a basket and finds it again later.",
                "A customer places an order and pays for it; nothing is charged twice.",
                "Stock never goes below nothing, whoever buys at the same time.",
                "A customer is told of every step of an order.",
            ),
            (
                _page("The shop in a browser.", 1, 2, 3),
                _api("Catalogue, baskets, stock and orders.", 1, 2, 3, 4, stores=("database", "objects", "queue")),
                Part(
                    "fulfiller",
                    "worker",
                    "backend",
                    "python",
                    "Charges, ships and tells, each step once.",
                    (3, 5),
                    ("queue", "database"),
                ),
            ),
            (
                _ACCOUNT,
                Kept("Product", "products", ("id uuid", "name text", "price decimal", "image_key text")),
                Kept("Stock", "stocks", ("id uuid", "product_id uuid Product", "on_hand integer", "reserved integer")),
                Kept(
                    "Order",
                    "orders",
                    (
                        "id uuid",
                        "account_id uuid Account",
                        "state text",
                        "total decimal",
                        "idempotency_key text",
                        "placed_at timestamp",
                    ),
                ),
                Kept(
                    "OrderLine",
                    "order-lines",
                    (
                        "id uuid",
                        "order_id uuid Order",
                        "product_id uuid Product",
                        "quantity integer",
                        "unit_price decimal",
                    ),
                ),
            ),
        ),
        "chat": Profile(
            "Chat",
            "Messages that reach everybody in a room at once, and can be read again later.",
            Use(requests=200, peak_factor=4, write_share=0.4, kib_kept=60, kib_answer=2),
            (
                "A person joins rooms and sees who is there.",
                "A message reaches everybody in its room while they are connected.",
                "Who comes back reads what was missed, in order and without gaps.",
                "A person sends pictures.",
            ),
            (
                _page("The conversation in a browser.", 1, 2, 3, 4, calls=("api-http", "realtime-ws")),
                _api("Rooms, members and history.", 1, 3, 4, stores=("database", "objects")),
                Part(
                    "realtime",
                    "api",
                    "backend",
                    "node",
                    "Holds the connections and passes messages on.",
                    (2,),
                    ("cache", "database"),
                ),
            ),
            (
                _ACCOUNT,
                Kept("Room", "rooms", ("id uuid", "name text", "created_at timestamp")),
                Kept(
                    "Membership",
                    "memberships",
                    ("id uuid", "room_id uuid Room", "account_id uuid Account", "read_up_to integer"),
                ),
                Kept(
                    "Message",
                    "messages",
                    (
                        "id uuid",
                        "room_id uuid Room",
                        "account_id uuid Account",
                        "number integer",
                        "body text",
                        "sent_at timestamp",
                    ),
                    "database",
                    "realtime",
                ),
            ),
        ),
        "ml-service": Profile(
            "Machine-learning service",
            "A model that answers at once or in batches, and is trained again by a schedule.",
            Use(requests=30, peak_factor=4, write_share=0.5, kib_kept=40, kib_answer=4),
            (
                "A program asks for a prediction and is told the model's version with it.",
                "A program hands in a batch and fetches its predictions when they are done.",
                "Every night a model is trained, and is put to use only where it is better on held-out data.",
                "The inputs of predictions are watched for drift.",
            ),
            (
                _api("Predictions at once, batches in.", 1, 2, stores=("database", "objects", "queue")),
                Part(
                    "batcher",
                    "worker",
                    "backend",
                    "python",
                    "Works batches off.",
                    (2,),
                    ("queue", "objects", "database"),
                ),
                Part(
                    "trainer",
                    "job",
                    "backend",
                    "python",
                    "Trains, compares and publishes a model; reports drift.",
                    (3, 4),
                    ("objects", "database"),
                ),
            ),
            (
                Kept(
                    "ModelVersion",
                    "model-versions",
                    ("id uuid", "object_key text", "score decimal", "trained_at timestamp", "in_use boolean"),
                    "database",
                    "trainer",
                ),
                Kept(
                    "Prediction",
                    "predictions",
                    ("id uuid", "model_version_id uuid ModelVersion", "input json", "output json", "made_at timestamp"),
                ),
                Kept(
                    "Batch",
                    "batches",
                    ("id uuid", "input_key text", "output_key text", "state text", "handed_in_at timestamp"),
                ),
            ),
        ),
        "mobile-backend": Profile(
            "Mobile back end",
            "What an app needs behind it: sign-in, data that syncs after a tunnel, and push messages.",
            Use(requests=80, peak_factor=5, write_share=0.3, kib_kept=15, kib_answer=4),
            (
                "A person signs in on several devices.",
                "What was changed without a connection is taken in later, and conflicts are told.",
                "A device is sent push messages, and none twice.",
                "A person uploads pictures straight from the device.",
            ),
            (
                _api("Sign-in, sync and uploads.", 1, 2, 4, stores=("database", "objects", "queue")),
                Part("pusher", "worker", "backend", "python", "Sends push messages.", (3,), ("queue", "database")),
            ),
            (
                _ACCOUNT,
                Kept(
                    "Device", "devices", ("id uuid", "account_id uuid Account", "push_token text", "seen_at timestamp")
                ),
                Kept(
                    "Document",
                    "documents",
                    ("id uuid", "account_id uuid Account", "version integer", "content json", "changed_at timestamp"),
                ),
                Kept(
                    "Push",
                    "pushes",
                    ("id uuid", "device_id uuid Device", "body text", "sent_at timestamp"),
                    "database",
                    "pusher",
                ),
            ),
        ),
    }
)
