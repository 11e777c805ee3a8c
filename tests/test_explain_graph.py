"""`explain.graph`: the graph as text, as SVG and as a page."""

import json
import re
import shutil
import xml.etree.ElementTree as ET

import pytest

import pullback as torch
from pullback import explain, nn
from pullback.explain.layout import GAP_X, LONG, layered

SVG = "{http://www.w3.org/2000/svg}"

MLP = """
w = torch.randn(4, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
x = torch.randn(5, 4)
h = torch.tanh(x @ w + b)  # H
loss = (h * h).sum()  # LOSS
"""


def chain(length):
    """A recurrence with one shared weight: three nodes a step."""
    w, h = torch.ones(2, 2, requires_grad=True), torch.zeros(1, 2)
    for _ in range(length):
        h = torch.tanh(h @ w + 1)
    return h.sum()


def test_vertices_say_what_is_known(program):
    script = program(MLP)
    graph = explain.graph(script.run()["loss"])
    assert [vertex.name for vertex in graph.vertices] == [
        "w", "b", "MmBackward0", "AddBackward0", "TanhBackward0", "MulBackward0", "SumBackward0"]
    by_name = {vertex.name: vertex.as_dict() for vertex in graph.vertices}
    tanh = by_name["TanhBackward0"]
    assert (tanh["file"], tanh["line"]) == (str(script.path), script.line("H"))
    assert tanh["text"] == "h = torch.tanh(x @ w + b)  # H" and tanh["form"] == "(5, 3) float32"
    assert tanh["bytes"] == 60 and [(saved["label"], saved["bytes"]) for saved in tanh["saved"]] == [("result", 60)]
    assert by_name["MulBackward0"]["bytes"] == 0, "tanh keeps the same memory already"
    assert [saved["label"] for saved in by_name["MulBackward0"]["saved"]] == ["x", "y"]
    assert by_name["SumBackward0"]["line"] == script.line("LOSS")
    assert graph.edges == [(0, 2), (2, 3), (1, 3), (3, 4), (4, 5), (5, 6)]


def test_text(program):
    script = program(MLP)
    text = str(explain.graph(script.run()["loss"]))
    assert text.startswith("graph: 5 operations, 2 leaves, 140 B kept for backward:")
    row = next(line for line in text.splitlines() if "TanhBackward0" in line)
    assert row.split() == ["#4", "TanhBackward0", "#3", "(5,", "3)", "float32", "60", "B", f"program.py:{script.line('H')}",
                           *"h = torch.tanh(x @ w + b) # H".split()]


def test_what_has_no_graph():
    with pytest.raises(ValueError, match="does not require a gradient"):
        explain.graph(torch.ones(2))
    with pytest.raises(TypeError, match="expected a tensor or several, but got int"):
        explain.graph([1])


def test_freed_values_are_not_shown():
    x = torch.ones(3, requires_grad=True)
    loss = x.exp().sum()
    loss.backward()
    assert sum(vertex.nbytes for vertex in explain.graph(loss).vertices) == 0


def test_leaves_have_the_names_of_the_module():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    out = net(torch.ones(1, 2)).sum()
    names = {vertex.name for vertex in explain.graph(out, names=net).vertices if vertex.kind == "leaf"}
    assert names == {"0.weight", "0.bias", "1.weight", "1.bias"}
    named = explain.graph(out, names={"first": net[0].weight}).vertices[0]
    assert named.name == "first"


def test_leaves_of_one_line_have_their_own_names(program):
    loss = program("a = torch.ones(2, requires_grad=True); b, c = torch.zeros(2, requires_grad=True), 3\nd = a * b").run()["d"]
    assert [vertex.name for vertex in explain.graph(loss).vertices] == ["a", "b", "MulBackward0"]


def test_several_outputs_are_one_vertex():
    x = torch.arange(6.0, requires_grad=True)
    first, second = x.split(3)
    graph = explain.graph(first.sum() + second.sum())
    assert [vertex.name for vertex in graph.vertices] == [
        "x", "SplitBackward0", "SumBackward0", "SumBackward0", "AddBackward0"]
    assert graph.edges == [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)]


def test_lines_and_modules():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    with explain.modules():
        loss = (net(torch.ones(4, 2)) ** 2).sum()
    graph = explain.graph(loss)
    assert [(v.name, v.count) for v in graph.grouped("module").vertices] == [
        ("Sequential.0", 1), ("Sequential.1", 1), ("PowBackward0", 1), ("SumBackward0", 1)]
    assert [v.module for v in graph.vertices if v.kind != "leaf"] == ["Sequential.0", "Sequential.1", "", ""]
    assert {v.name for v in graph.vertices if v.kind == "leaf"} == {"Sequential.0.weight", "Sequential.0.bias"}
    by_line = graph.grouped("line")
    assert [v.count for v in by_line.vertices if v.kind != "leaf"] == [4]
    with pytest.raises(ValueError, match="by 'line' or by 'module', not by 'file'"):
        graph.grouped("file")


def test_a_loop_by_lines_runs_back():
    w, h = torch.ones(2, 2, requires_grad=True), torch.zeros(1, 2)
    for _ in range(3):
        a = h @ w
        h = torch.tanh(a)
    lines = explain.graph(h).grouped("line")
    assert (2, 1) in lines.edges and (1, 2) in lines.edges
    assert "path class=\"edge back\"" in lines.svg(engine="own")


# ---- layout --------------------------------------------------------------------------------------------------------------


def test_boxes_do_not_overlap_and_edges_run_down():
    sizes = [(60 + 10 * (i % 5), 30 + 5 * (i % 3)) for i in range(40)]
    edges = [(i, j) for i in range(40) for j in range(i + 1, 40) if (i * 7 + j * 3) % 11 == 0]
    layout = layered(sizes, edges)
    boxes = list(layout.boxes.values())
    for i, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[:i]:
            assert abs(x - x2) >= (w + w2) / 2 + GAP_X - 1e-6 or abs(y + h / 2 - y2 - h2 / 2) >= (h + h2) / 2
    for (a, b), (points, kind) in layout.routes.items():
        assert kind in ("", "far") and layout.boxes[a][1] + layout.boxes[a][3] < layout.boxes[b][1]
        heights = [y for _, y in points]
        assert heights == sorted(heights)
    assert min(x - w / 2 for x, _, w, _ in boxes) == 0


def test_the_order_avoids_crossings():
    layout = layered([(40, 20)] * 6, [(0, 5), (1, 4), (2, 3)])
    assert all(abs(layout.boxes[a][0] - layout.boxes[b][0]) < 1 for a, b in ((0, 5), (1, 4), (2, 3)))


def test_edges_over_layers_pass_beside_the_boxes_between():
    layout = layered([(80, 30)] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)])
    points = layout.routes[0, 3][0]
    assert len(points) == 6
    for x, y in points[1:-1]:
        for bx, by, w, h in layout.boxes.values():
            assert not (abs(x - bx) < w / 2 and by < y < by + h)
    far = layered([(80, 30)] * (LONG + 3), [(i, i + 1) for i in range(LONG + 2)] + [(0, LONG + 2)])
    assert len(far.routes[0, LONG + 2][0]) == 2 and far.routes[0, LONG + 2][1] == "far"


def test_what_is_used_late_stands_late():
    layout = layered([(80, 30)] * 5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert layout.boxes[3][1] == layout.boxes[2][1]


# ---- pictures ------------------------------------------------------------------------------------------------------------


def test_svg(program, tmp_path):
    script = program(MLP)
    graph = explain.graph(script.run()["loss"])
    graph.svg(tmp_path / "graph.svg", engine="own")
    root = ET.parse(tmp_path / "graph.svg").getroot()
    assert root.find(SVG + "desc").text == "laid out by pullback's layered layout"
    groups = [g for g in root.iter(SVG + "g") if g.get("data-number")]
    assert len(groups) == 7 and {g.get("class") for g in groups} == {"leaf", "operation", "result"}
    assert groups[4].get("data-line") == f"program.py:{script.line('H')}"
    texts = ["".join(text.itertext()) for text in groups[4].iter(SVG + "text")]
    assert texts == ["Tanh", "(5, 3) float32", f"program.py:{script.line('H')}  h = torch.tanh(x @ w + b)  # H", "keeps 60 B"]
    assert len([p for p in root.iter(SVG + "path") if p.get("class") == "edge"]) == 6


def test_the_text_of_a_line_is_escaped():
    x = torch.ones(2, requires_grad=True)
    y = x * len("</script>&")
    svg, page = explain.graph(y).svg(engine="own"), explain.graph(y).html()
    assert "&lt;/scr" in svg and ET.fromstring(svg) is not None
    assert page.count("</script>") == 1


def test_without_graphviz(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    graph = explain.graph(chain(2))
    assert "pullback's layered layout" in graph.svg()
    with pytest.raises(RuntimeError, match="graphviz is not installed"):
        graph.svg(engine="dot")
    with pytest.raises(ValueError, match="engine must be 'dot' or 'own', not 'neato'"):
        graph.svg(engine="neato")


PLAIN = """graph 1 2.0 3.0
node 0 1 2.5 2 1 "x" solid box black lightgrey
node 1 1 0.5 2 1 "y" solid box black lightgrey
edge 0 1 4 1 2 1 1.7 1 1.3 1 1 solid black
stop
"""


def test_what_graphviz_answers_is_drawn(monkeypatch, tmp_path):
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\ncat > {tmp_path}/asked\nprintf '{PLAIN}'\n")
    dot.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(dot))
    x = torch.ones(2, requires_grad=True)
    svg = explain.graph(x.exp()).svg()
    assert "laid out by graphviz's dot" in svg
    assert 'd="M72.0,72.0C72.0,93.6 72.0,122.4 72.0,144.0"' in svg
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("digraph {") and "0 -> 1" in asked


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz():
    svg = explain.graph(chain(3)).svg(engine="dot")
    assert "laid out by graphviz's dot" in svg and ET.fromstring(svg) is not None


def data_of(page):
    return json.loads(re.search(r"^const data = (.*);$", page, re.M)[1].replace("<\\/", "</"))


def test_page(program, tmp_path):
    script = program(MLP)
    explain.graph(script.run()["loss"]).html(tmp_path / "graph.html")
    page = (tmp_path / "graph.html").read_text()
    assert not re.search(r"(src|href)\s*=|url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", page), "nothing from outside"
    data = data_of(page)
    assert list(data["views"]) == ["operations", "lines"] and data["first"] == "operations"
    tanh = data["views"]["operations"]["vertices"][4]
    assert (tanh["file"], tanh["line"]) == (str(script.path), script.line("H"))
    assert tanh["form"] == "(5, 3) float32" and tanh["saved"][0]["values"].count(",") == 6
    assert len(tanh["box"]) == 4
    assert all(edge["path"].startswith("M") for edge in data["views"]["lines"]["edges"])


def test_large_graphs():
    graph = explain.graph(chain(1500))
    assert len(graph.vertices) == 4502
    text = str(graph)
    assert len(text.splitlines()) < 10 and "Mm ×1500" in text
    data = data_of(graph.html())
    assert data["first"] == "lines" and len(data["views"]["operations"]["vertices"]) == 4502
    assert ET.fromstring(graph.svg()) is not None


def test_the_main_line_is_straight():
    steps = 200
    edges = [edge for i in range(steps) for edge in ((3 * i, 3 * i + 2), (3 * i + 1, 3 * i + 2), (3 * i + 2, 3 * i + 3))]
    layout = layered([(80, 30)] * (3 * steps + 1), edges)
    assert layout.width < 600
    places = [layout.boxes[3 * i + 2][0] for i in range(10, steps)]
    assert max(places) - min(places) < 30
