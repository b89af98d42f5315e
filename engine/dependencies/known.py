"""Facts: which distribution brings a module whose name is another one, and which brings a fixture of pytest's."""

from __future__ import annotations

from packaging.utils import canonicalize_name

_MODULES = """
_cffi_backend cffi | _yaml PyYAML | absl absl-py | airflow apache-airflow | ansible ansible-core
antlr4 antlr4-python3-runtime | attr attrs | azure.identity azure-identity | bidi python-bidi | Bio biopython
bs4 beautifulsoup4 | bson pymongo | cairo pycairo | cassandra cassandra-driver | corsheaders django-cors-headers
cpuinfo py-cpuinfo | Crypto pycryptodome | Cryptodome pycryptodomex | cv2 opencv-python-headless
dateutil python-dateutil | debug_toolbar django-debug-toolbar | decouple python-decouple | discord discord.py
django_filters django-filter | dns dnspython | docx python-docx | dotenv python-dotenv | engineio python-engineio
environ django-environ | factory factory-boy | faiss faiss-cpu | fitz PyMuPDF | gi PyGObject | git GitPython
github PyGithub | gitlab python-gitlab
google.auth google-auth | google.cloud.bigquery google-cloud-bigquery | google.cloud.pubsub google-cloud-pubsub
google.cloud.storage google-cloud-storage | google.protobuf protobuf | googleapiclient google-api-python-client
graphql graphql-core | grpc grpcio | grpc_tools grpcio-tools | hamcrest PyHamcrest | jose python-jose | jwt PyJWT
kafka kafka-python | ldap python-ldap | magic python-magic | markdown_it markdown-it-py | memcache python-memcached
mpl_toolkits matplotlib | multipart python-multipart | mysql mysql-connector-python | MySQLdb mysqlclient
nacl PyNaCl | OpenGL PyOpenGL | OpenSSL pyOpenSSL | opentelemetry opentelemetry-api | osgeo GDAL | paho paho-mqtt
PIL Pillow | pkg_resources setuptools | playhouse peewee | psycopg2 psycopg2-binary | pwiz peewee
pydispatch PyDispatcher | pylab matplotlib | pythoncom pywin32 | pywintypes pywin32
rest_framework djangorestframework | rest_framework_simplejwt djangorestframework-simplejwt | ruamel ruamel.yaml
serial pyserial | skimage scikit-image | sklearn scikit-learn | slugify python-slugify | snappy python-snappy
socketio python-socketio | socks PySocks | stdnum python-stdnum | storages django-storages | taggit django-taggit
telegram python-telegram-bot | tlz toolz | usb pyusb | vcr vcrpy | websocket websocket-client | win32api pywin32
win32com pywin32 | wx wxPython | xdg pyxdg | Xlib python-xlib | yaml PyYAML | zmq pyzmq
"""
_FIXTURES = """
admin_client pytest-django | admin_user pytest-django | aiohttp_client pytest-aiohttp | aiohttp_server pytest-aiohttp
anyio_backend anyio | async_client pytest-django | benchmark pytest-benchmark | betamax_session betamax
celery_app celery | celery_session_app celery | celery_worker celery | check pytest-check | class_mocker pytest-mock
client pytest-django | cov pytest-cov | dash_duo dash | data_regression pytest-regressions | datadir pytest-datadir
dataframe_regression pytest-regressions | db pytest-django | django_assert_num_queries pytest-django
django_db_setup pytest-django | django_user_model pytest-django | faker Faker | file_regression pytest-regressions
freezer pytest-freezer | fs pyfakefs | httpbin pytest-httpbin | httpbin_both pytest-httpbin
httpserver pytest-httpserver | httpx_mock pytest-httpx | live_server pytest-django | mailoutbox pytest-django
mocker pytest-mock | module_mocker pytest-mock | num_regressions pytest-regressions | package_mocker pytest-mock
page pytest-playwright | postgresql pytest-postgresql | qapp pytest-qt | qtbot pytest-qt | redisdb pytest-redis
requests_mock requests-mock | respx_mock respx | rf pytest-django | script_runner pytest-console-scripts
selenium pytest-selenium | session_mocker pytest-mock | settings pytest-django | shared_datadir pytest-datadir
snapshot syrupy | subtests pytest-subtests | testrun_uid pytest-xdist | time_machine time-machine
transactional_db pytest-django | unused_tcp_port pytest-asyncio | unused_tcp_port_factory pytest-asyncio
vcr pytest-recording | vcr_cassette pytest-vcr | worker_id pytest-xdist | xprocess pytest-xprocess
"""


def _facts(text: str) -> dict[str, str]:
    words = text.replace("|", " ").split()
    return dict(zip(words[::2], words[1::2], strict=True))


DISTRIBUTION_OF_MODULE = _facts(_MODULES)
"""Distribution by module, dotted where it shares its topmost name with others."""
PLUGIN_OF_FIXTURE = _facts(_FIXTURES)
"""Distribution by fixture."""


def distribution_of(module: str) -> str:
    """The distribution that is known to bring *module*, a dotted name; empty where none is."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        found = DISTRIBUTION_OF_MODULE.get(".".join(parts[:end]))
        if found:
            return found
    return ""


def may_bring(distribution: str, module: str) -> bool:
    """Whether a distribution of this name may be meant by *module*: it is known to bring it, or is named like it."""
    name, parts = canonicalize_name(distribution), module.split(".")
    alike = {canonicalize_name(".".join(parts[:end])) for end in range(1, len(parts) + 1)}
    return name in alike or name == canonicalize_name(distribution_of(module) or parts[0])
