"""Modules that import one another, directly or by way of others.

Imports that run late, or never but for the type checker, count like all others: a circle that is broken by the
moment of its import is still one piece that cannot be read, tested or moved in parts.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from tests.architecture.rules import Import, Module

Graph = Mapping[str, Mapping[str, Import]]


def circles(modules: Sequence[Module]) -> list[str]:
    """One sentence for each largest set of modules in which everyone reaches everyone, with the imports inside."""
    paths = {module.name: module.path for module in modules}
    graph = {module.name: dict(_edges(module, paths.keys())) for module in modules}
    reached = {name: _reached(graph, name) for name in graph}
    found = {frozenset(o for o in reached[name] if name in reached[o]) for name in graph if name in reached[name]}
    return sorted(_says(circle, graph, paths) for circle in found)


def _edges(module: Module, known: Set[str]) -> Iterator[tuple[str, Import]]:
    """What is imported by name, and the packages opened on the way, but for those that the module stands in."""
    for each in module.imports:
        parts = each.name.split(".")
        opened = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
        target = next((name for name in reversed(opened) if name in known), "")
        for name in opened:
            around = module.name == name or module.name.startswith(f"{name}.")
            if name in known and (name == target != module.name or not around):
                yield name, each


def _reached(graph: Graph, start: str) -> Set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(graph[name])
    return found


def _says(circle: Set[str], graph: Graph, paths: Mapping[str, str]) -> str:
    inside = ((name, target, graph[name][target]) for name in sorted(circle) for target in graph[name])
    lines = [f"{paths[name]}:{each.line} -> {target}" for name, target, each in inside if target in circle]
    return f"{', '.join(sorted(circle))} import one another: {'; '.join(lines)}"
