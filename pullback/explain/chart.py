"""A memory report as a bar chart in SVG: a bar a line and a module, with what would save it."""

from xml.sax.saxutils import escape

from .walk import size

WIDTH, LABEL, FIGURES, ROW, MOST = 980, 320, 330, 34, 12  # of the whole, the names, the figures, a bar; bars a section
STYLE = """
text { font: 12px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #202124 }
text.title { font-size: 16px; font-weight: 600 } text.head { font-weight: 600; fill: #5f6368 }
tspan.note { font-size: 12px; font-weight: 400; fill: #5f6368 }
text.code { font: 11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #5f6368 }
text.saving { fill: #188038; font-size: 11px } rect.track { fill: #f1f3f4 } rect.bar { fill: #e8710a }
rect.module { fill: #669df6 } rect.saved { fill: #ffffff; opacity: .45 }
""".strip()


def bars(report):
    """The chart as a string. The light end of a module's bar is what checkpointing it would take away."""
    parts, y = [], 66
    for title, shares, kind in (("by line", report.lines, "bar"), ("by module", report.modules, "module")):
        if not shares:
            continue
        parts.append(f'<text class="head" x="24" y="{y}">{title}</text>')
        y += 14
        for share in shares[:MOST]:
            parts.append(_bar(share, max(report.total, 1), kind, y))
            y += ROW
        if len(shares) > MOST:
            parts.append(f'<text class="code" x="24" y="{y + 12}">and {len(shares) - MOST} more</text>')
            y += 20
        y += 26
    title = f"{size(report.total)} kept for backward"
    note = f"and {size(report.leaves)} of parameters and other leaves, which live anyway"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}">',
        f"<title>{title}</title>", f"<style>{STYLE}</style>", f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>',
        f'<text x="24" y="34" class="title">{title}<tspan class="note" dx="10">{note}</tspan></text>',
        *parts, "</svg>\n"])


def _bar(share, total, kind, y):
    room = WIDTH - LABEL - FIGURES
    length = room * share.nbytes / total
    savings = {"no_grad": share.no_grad, "checkpoint": share.checkpoint, "in place": share.in_place}
    named = [f"{name} −{size(count)}" for name, count in savings.items() if count]
    saved = min(room * (share.checkpoint or 0) / total, length)
    name, text = (share.name, share.text) if len(share.name) <= 44 else ("…" + share.name[-43:], share.text)
    return "".join([
        f'<text x="24" y="{y + 13}">{escape(name)}</text>',
        f'<text class="code" x="24" y="{y + 26}">{escape(text if len(text) <= 44 else text[:43] + "…")}</text>' if text else "",
        f'<rect class="track" x="{LABEL}" y="{y + 3}" width="{room}" height="18" rx="3"/>',
        f'<rect class="{kind}" x="{LABEL}" y="{y + 3}" width="{length:.1f}" height="18" rx="3"/>',
        f'<rect class="saved" x="{LABEL + length - saved:.1f}" y="{y + 3}" width="{saved:.1f}" height="18" rx="3"/>',
        f'<text x="{LABEL + room + 10}" y="{y + 12}">{size(share.nbytes)}, {100 * share.nbytes / total:.0f} %</text>',
        f'<text class="saving" x="{LABEL + room + 10}" y="{y + 25}">{escape(", ".join(named))}</text>'])
