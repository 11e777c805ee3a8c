"""Where the boxes of a graph go: layers from the inputs down to the result, few crossings, straight edges.

The steps are those of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Trans. Systems, Man, and Cybernetics 11 (1981) 109-125: layers by longest paths, invisible points where an edge passes a
layer, orders by barycentres. Positions in a layer are the closest to the neighbours' that keep the order and the distances:
a least-squares problem with an order, which pooling adjacent violators solves (Best and Chakravarti, Mathematical
Programming 47 (1990) 425-439). The more there is behind a vertex the more it weighs, so that the main line of a computation
is straight. Nothing recurses, so long graphs are no problem.
"""

from itertools import accumulate

GAP_X, GAP_Y = 26, 46
LONG = 12  # an edge over more layers than this has no points in between, so that their number stays in proportion
SWEEPS = 8


class Layout:
    """`boxes`: for each vertex (x of the middle, y of the top, width, height). `routes`: for each edge its points, and what
    is special about it: `"back"`, it runs against the order of the program, as in a loop's lines; `"far"`, it is long and has
    no way of its own; else nothing. `width`, `height`: of the whole."""

    splines = False  # whether the points of a route are those of cubic Bézier curves, or lie on the way

    def __init__(self, boxes, routes):
        self.boxes, self.routes = boxes, routes
        left = min([x - w / 2 for x, _, w, _ in boxes.values()], default=0)
        for key, (x, y, w, h) in boxes.items():
            boxes[key] = (x - left, y, w, h)
        self.routes = {edge: ([(x - left, y) for x, y in points], kind) for edge, (points, kind) in routes.items()}
        self.width = max([x + w / 2 for x, _, w, _ in boxes.values()], default=0)
        self.height = max([y + h for _, y, _, h in boxes.values()], default=0)


def layered(sizes, edges):
    """The layout of vertices 0..n-1 with `sizes` (width, height) and `edges` (from, to).

    An edge from a higher number to a lower one runs back, and has no say in the layers.
    """
    down = [(a, b) for a, b in edges if a < b]
    layer = _layers(len(sizes), down)
    chains, width, height = _chains(layer, down), [w for w, _ in sizes], [h for _, h in sizes]
    for points in chains.values():  # the invisible points come behind the vertices
        for _, place in points:
            layer.append(place)
            width.append(4)
            height.append(0)
    above, below = _neighbours(len(layer), chains)
    rows = [[] for _ in range(max(layer, default=-1) + 1)]
    for vertex, place in enumerate(layer):
        rows[place].append(vertex)
    _order(rows, above, below)
    x = _positions(rows, above, below, width, _weights(len(layer), rows, above))
    tall = [max(height[vertex] for vertex in row) for row in rows]
    tops = list(accumulate([size + GAP_Y for size in tall[:-1]], initial=0))
    boxes = {v: (x[v], tops[layer[v]] + (tall[layer[v]] - h) / 2, w, h) for v, (w, h) in enumerate(sizes)}
    routes = {}
    for a, b in edges:
        middle = [(x[p], y) for p, place in chains.get((a, b), ()) for y in (tops[place], tops[place] + tall[place])]
        kind = "back" if a >= b else "far" if layer[b] - layer[a] > LONG else ""
        routes[a, b] = ([_bottom(boxes[a]), *middle, _top(boxes[b])], kind)
    return Layout(boxes, routes)


def _bottom(box):
    return box[0], box[1] + box[3]


def _top(box):
    return box[0], box[1]


def _layers(count, edges):
    """Each vertex just above the first of its uses, the results at the bottom; so what is used late stands late."""
    uses = [[] for _ in range(count)]
    for a, b in edges:
        uses[a].append(b)
    layer = [0] * count
    for vertex in range(count - 1, -1, -1):
        layer[vertex] = min([layer[b] for b in uses[vertex]], default=1) - 1
    highest = min(layer, default=0)
    return [place - highest for place in layer]


def _chains(layer, edges):
    """For each edge that is not too long, its invisible points, (number, layer), one in each layer that it passes."""
    chains, following = {}, len(layer)
    for a, b in edges:
        if layer[b] - layer[a] > LONG:
            continue
        between = range(layer[a] + 1, layer[b])
        chains[a, b] = [(following + step, place) for step, place in enumerate(between)]
        following += len(between)
    return chains


def _neighbours(count, chains):
    above, below = [[] for _ in range(count)], [[] for _ in range(count)]
    for (a, b), points in chains.items():
        way = [a, *[point for point, _ in points], b]
        for upper, lower in zip(way, way[1:]):  # noqa: B905 - pairs of followers
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _order(rows, above, below):
    """Sort the rows by the barycentres of their neighbours, down and up again."""
    place = {vertex: index for row in rows for index, vertex in enumerate(row)}
    for sweep in range(SWEEPS):
        neighbours, sequence = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in sequence:
            centre = {v: sum([place[u] for u in neighbours[v]]) / len(neighbours[v]) if neighbours[v] else place[v]
                      for v in row}
            row.sort(key=centre.__getitem__)
            place.update({vertex: index for index, vertex in enumerate(row)})


def _weights(count, rows, above):
    """What each vertex weighs: the square of the number of layers that it builds on, itself included."""
    depth = [1] * count
    for row in rows:
        for vertex in row:
            depth[vertex] = 1 + max([depth[u] for u in above[vertex]], default=0)
    return [value * value for value in depth]


def _positions(rows, above, below, width, weight):
    x = {}
    for row in rows:
        offset = _offsets(row, width)
        x.update({vertex: at - offset[-1] / 2 for vertex, at in zip(row, offset, strict=True)})
    for sweep in range(SWEEPS):
        neighbours, sequence = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in sequence:
            wish = [_mean([(x[u], weight[u]) for u in neighbours[v]]) if neighbours[v] else x[v] for v in row]
            x.update(zip(row, _spread(wish, _offsets(row, width), [weight[v] for v in row]), strict=True))
    return x


def _mean(weighted):
    return sum([value * weight for value, weight in weighted]) / sum([weight for _, weight in weighted])


def _offsets(row, width):
    """Where the middles of a row are if the boxes stand as close as they may, the first at 0."""
    offsets, at = [0], 0
    for left, right in zip(row, row[1:]):  # noqa: B905 - pairs of followers
        at += (width[left] + width[right]) / 2 + GAP_X
        offsets.append(at)
    return offsets


def _spread(wish, offsets, weights):
    """The positions closest to `wish` (weighted least squares) with at least the distances of `offsets` between them."""
    pools = []  # (weighted sum of wishes, weight, count): each a run of boxes that stand as close as they may
    for wanted, offset, weight in zip(wish, offsets, weights, strict=True):
        total, count = (wanted - offset) * weight, 1
        while pools and pools[-1][0] / pools[-1][1] > total / weight:
            before, heavy, number = pools.pop()
            total, weight, count = total + before, weight + heavy, count + number
        pools.append((total, weight, count))
    base = [total / weight for total, weight, count in pools for _ in range(count)]
    return [start + offset for start, offset in zip(base, offsets, strict=True)]
