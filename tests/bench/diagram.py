"""The diagram of work_precision.py: error over evaluations and over seconds, both logarithmic."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as pyplot  # noqa: E402

# Letters as text, and the same file for the same figures.
pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "odeon", "font.family": "sans-serif"})

# Of methods on a front: eight colours that also differ in lightness (Okabe and Ito 2008), then again, dashed.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1"]
MARKERS = "osD^vP*X<>hp"
PLAIN, PEER = "#C9CED6", "#B08D57"


def styles(curves, on_front):
    """Colour for what stands on a front; the rest is background, lines of peers dashed."""
    found, n = {}, 0
    for curve in curves:
        if curve.name in on_front:
            found[curve.name] = dict(color=COLOURS[n % 8], marker=MARKERS[n % 12], lw=2.0, ms=5.5, zorder=3, alpha=1.0)
            n += 1
        else:
            found[curve.name] = dict(color=PLAIN if curve.ours else PEER, marker=".", lw=1.0, ms=4, zorder=1, alpha=0.9)
        found[curve.name]["ls"] = "-" if curve.ours else (0, (4, 2))
    return found


class Labels:
    """Names beside the ends of lines, where there is room."""

    def __init__(self, axes):
        self.axes, self.taken = axes, []
        self.right = axes.transData.transform((axes.get_xlim()[1], 1))[0]

    def put(self, x, y, name, colour):
        left, bottom = self.axes.transData.transform((x, y))
        box = (left, bottom, left + 7 * len(name), bottom + 14)
        if box[2] < self.right and all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in self.taken):
            self.taken.append(box)
            self.axes.annotate(name, (x, y), textcoords="offset points", xytext=(4, -2), fontsize=6.5, color=colour)


def panel(axes, curves, style, work, label, front):
    """front: the errors on it, by name; what takes much more work is cut off."""
    ends = []
    axes.set(xscale="log", yscale="log", xlabel=label)
    of_front = [p[work] for c in curves for p in c.points if p[work] and p["error"] in front.get(c.name, [])]
    if of_front:
        axes.set_xlim(min(of_front) / 1.5, 30 * max(of_front))
    for curve in curves:
        points = sorted((p[work], p["error"]) for p in curve.points if p[work])
        if not points:
            continue
        axes.plot(*zip(*points), **style[curve.name])
        if style[curve.name]["zorder"] == 1:  # the background is named where it ends
            ends.append((*min(points, key=lambda p: p[1]), curve.name, "#8A919C" if curve.ours else PEER))
    axes.figure.canvas.draw()  # fixes the limits
    labels = Labels(axes)
    for end in sorted(ends):
        labels.put(*end)
    axes.grid(True, which="major", color="#E8EAEE", lw=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw(problem, curves, fronts, path):
    curves = [c for c in curves if c.points]
    on_front = {name for f in fronts.values() for name in f}
    style = styles(curves, on_front)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(13, 6.2), sharey=True)
    panel(left, curves, style, "evaluations", "evaluations of the field", fronts["evaluations"])
    panel(right, curves, style, "seconds", "seconds of processor time", fronts["seconds"])
    left.set_ylabel(f"error at t = {problem.stop:g}")
    figure.suptitle(f"{problem.name.replace('_', ' ')}: {len(problem.initial)} equations", x=0.065, ha="left", fontsize=13)
    handles = [pyplot.Line2D([], [], **style[c.name], label=c.name) for c in curves if c.name in on_front]
    handles += [pyplot.Line2D([], [], color=PLAIN, marker=".", label="other Odeon methods"),
                pyplot.Line2D([], [], color=PEER, marker=".", ls=(0, (4, 2)), label="other software")]
    figure.legend(handles=handles, title="on a Pareto front", loc="center left", bbox_to_anchor=(0.855, 0.5), frameon=False,
                  fontsize=9, alignment="left")
    figure.subplots_adjust(left=0.065, right=0.845, top=0.92, bottom=0.09, wspace=0.06)
    for suffix in (".svg", ".png"):
        figure.savefig(path.with_suffix(suffix), dpi=130, metadata={"Date": None} if suffix == ".svg" else None)
    pyplot.close(figure)
