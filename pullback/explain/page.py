"""A graph as one HTML page without anything from outside: `page.html` beside this file, with the graph put in as JSON."""

import json
from pathlib import Path

from .svg import STYLE, lay_out, lines_of, path_of

_VIEWS = {"operations": None, "lines": "line", "modules": "module"}
LARGE = 600  # a graph of more vertices is first shown by lines


def page(graph):
    """The page as a string."""
    views = {name: _view(graph if by is None else graph.grouped(by)) for name, by in _VIEWS.items()
             if by != "module" or any(vertex.module for vertex in graph.vertices)}
    first = "lines" if len(graph.vertices) > LARGE else "operations"
    data = json.dumps({"title": repr(graph).strip("<>"), "first": first, "views": views}, separators=(",", ":"))
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return template.replace("/*STYLE*/", STYLE).replace("/*DATA*/null", data.replace("</", "<\\/"))


def _view(graph):
    layout, _ = lay_out(graph, "own")
    used = {source for vertex in graph.vertices for source in vertex.inputs}
    vertices = [vertex.as_dict() | {"box": [round(value, 1) for value in layout.boxes[vertex.number]],
                                    "lines": lines_of(vertex), "last": vertex.number not in used}
                for vertex in graph.vertices]
    edges = [{"from": a, "to": b, "path": path_of(layout, (a, b)), "kind": layout.routes[a, b][1]} for a, b in graph.edges]
    return {"width": round(layout.width), "height": round(layout.height), "vertices": vertices, "edges": edges}
