"""A graph as SVG: boxes with what they compute, where, and what they keep; laid out by graphviz or by ourselves."""

import shutil
import subprocess
from xml.sax.saxutils import escape, quoteattr

from .layout import Layout, layered
from .walk import size

LARGEST_FOR_DOT = 400  # graphviz takes minutes for thousands of boxes
MARGIN = 24
LINE = 15  # from one line of text in a box to the next
STYLE = """
text { font: 11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #3c4043 }
text.name { font: 600 12px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #202124 }
text.code { fill: #5f6368 } text.kept { fill: #b3541e }
rect.box { fill: #ffffff; stroke: #9aa0a6 } .leaf rect.box { fill: #e8f0fe; stroke: #669df6 }
.result rect.box { fill: #e6f4ea; stroke: #5bb974 } .group rect.box { fill: #fef7e0; stroke: #fbbc04 }
rect.bar { fill: #f29d6b } path.edge { fill: none; stroke: #9aa0a6; stroke-width: 1.2 }
path.back { stroke-dasharray: 5 4; stroke: #d93025 } path.far { opacity: .3 }
""".strip()


def lines_of(vertex):
    """The lines of text in a vertex's box: (class, text)."""
    name = vertex.name.removesuffix("Backward0") if vertex.kind == "operation" else vertex.name
    lines = [("name", _cut(name, 40))]
    if vertex.form:
        lines.append(("form", _cut(vertex.form, 40)))
    if vertex.kind == "group" and vertex.name == vertex.module:
        lines.append(("code", _cut(vertex.text, 46)))
    elif vertex.line is not None:
        lines.append(("code", _cut(f"{vertex.where}  {vertex.text}", 46)))
    if vertex.nbytes:
        lines.append(("kept", f"keeps {size(vertex.nbytes)}"))
    return lines


def _cut(text, length):
    return text if len(text) <= length else text[: length - 1] + "…"


def size_of(vertex):
    """Width and height of a vertex's box."""
    width = max(len(text) * (7.4 if kind == "name" else 6.7) for kind, text in lines_of(vertex))
    return round(width) + 22, len(lines_of(vertex)) * LINE + 13


def lay_out(graph, engine=None):
    """The layout of a graph and who made it. Raises ValueError for an unknown engine, RuntimeError if dot is missing."""
    if engine not in (None, "dot", "own"):
        raise ValueError(f"engine must be 'dot' or 'own', not {engine!r}")
    program = shutil.which("dot")
    if engine == "dot" and program is None:
        raise RuntimeError("graphviz is not installed: there is no program `dot`")
    if engine == "dot" or (engine is None and program and len(graph.vertices) <= LARGEST_FOR_DOT):
        return _by_dot(graph, program), "graphviz's dot"
    return layered([size_of(vertex) for vertex in graph.vertices], graph.edges), "pullback's layered layout"


def dot_source(graph):
    """The graph in graphviz's language, with the sizes of our boxes."""
    rows = ["digraph {", "node [shape=box fixedsize=true] edge [arrowhead=none]"]
    for vertex in graph.vertices:
        width, height = size_of(vertex)
        label = "\\n".join(text.replace("\\", "\\\\").replace('"', '\\"') for _, text in lines_of(vertex))
        rows.append(f'{vertex.number} [label="{label}" width={width / 72:.3f} height={height / 72:.3f}]')
    rows += [f"{a} -> {b}" for a, b in graph.edges]
    return "\n".join([*rows, "}"])


def _by_dot(graph, program):
    """The layout that graphviz computes; we draw it ourselves, so that the picture looks the same."""
    done = subprocess.run([program, "-Tplain"], input=dot_source(graph), capture_output=True, text=True, check=True)
    rows = [row.split() for row in done.stdout.splitlines()]
    height = float(rows[0][3]) * 72
    boxes, routes = {}, {}
    for row in rows:
        if row[0] == "node":
            x, y, w, h = [float(value) * 72 for value in row[2:6]]
            boxes[int(row[1])] = (x, height - y - h / 2, w, h)
        elif row[0] == "edge":
            values = [float(value) * 72 for value in row[4: 4 + 2 * int(row[3])]]
            points = [(x, height - y) for x, y in zip(values[::2], values[1::2], strict=True)]
            a, b = int(row[1]), int(row[2])
            routes[a, b] = (points, "back" if a >= b else "")
    layout = Layout(boxes, routes)
    layout.splines = True
    return layout


def path_of(layout, edge):
    """The curve of an edge, in SVG's path language."""
    points, kind = layout.routes[edge]
    start, *rest = points
    steps = [f"M{_point(start)}"]
    if layout.splines:
        steps += ["C" + " ".join(map(_point, rest[i:i + 3])) for i in range(0, len(rest), 3)]
        return "".join(steps)
    if kind == "back":  # from below the box around its right side up to the earlier one
        (x0, y0), (x1, y1) = start, rest[-1]
        side = max(x0, x1) + 150
        return f"M{_point(start)}C{_point((side, y0 + 40))} {_point((side, y1 - 40))} {_point((x1, y1))}"
    for (x0, y0), (x1, y1) in zip(points, rest):  # noqa: B905 - pairs of followers
        half = (y1 - y0) / 2
        steps.append(f"C{_point((x0, y0 + half))} {_point((x1, y1 - half))} {_point((x1, y1))}")
    return "".join(steps)


def _point(point):
    return f"{point[0]:.1f},{point[1]:.1f}"


def drawing(graph, engine=None):
    """The whole picture as a string."""
    layout, maker = lay_out(graph, engine)
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    used = {source for vertex in graph.vertices for source in vertex.inputs}
    most = max([vertex.nbytes for vertex in graph.vertices], default=0)
    body = [_edge(layout, edge) for edge in graph.edges]
    body += [_box(vertex, layout.boxes[vertex.number], vertex.number not in used, most) for vertex in graph.vertices]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-MARGIN} {-MARGIN} {width:.0f} {height:.0f}">',
        f"<title>{escape(repr(graph).strip('<>'))}</title>", f"<desc>laid out by {maker}</desc>", f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0,1L10,5L0,9z" fill="#9aa0a6"/></marker></defs>',
        f'<rect x="{-MARGIN}" y="{-MARGIN}" width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>\n"])


def _edge(layout, edge):
    return f'<path class="{f"edge {layout.routes[edge][1]}".strip()}" d="{path_of(layout, edge)}" marker-end="url(#tip)"/>'


def _box(vertex, box, last, most):
    x, y, w, h = box
    left = x - w / 2
    texts = [f'<text class="{kind}" x="{left + 11:.1f}" y="{y + 18 + row * LINE:.1f}" xml:space="preserve">{escape(text)}</text>'
             for row, (kind, text) in enumerate(lines_of(vertex))]
    bar = [f'<rect class="bar" x="{left:.1f}" y="{y + h - 4:.1f}" width="{w * vertex.nbytes / most:.1f}" height="4" rx="2"/>'
           ] if vertex.nbytes else []
    where = quoteattr(vertex.where)
    return "".join([f'<g class="{"result" if last else vertex.kind}" data-number="{vertex.number}" data-line={where}>',
                    f'<rect class="box" x="{left:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6"/>',
                    *bar, *texts, "</g>"])
