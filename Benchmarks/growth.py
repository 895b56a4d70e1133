"""What grows: time and memory of a forward by sequence, batch and number of layers, beside ONNX Runtime."""

import pairs
import setting
from report import Section

SEQUENCES = (32, 64, 128, 256, 512, 1024, 2048)
BATCHES = (1, 2, 4, 8, 16, 32)
LAYERS = (2, 6, 12, 24, 48)
POSITIONS = max(SEQUENCES)


class Point:
    """Both runtimes at one place of a curve, each in a new process, so that its memory is its own."""

    def __init__(self, place, folder, threads, batch, sequence, rounds):
        self.place = place
        ours = pairs.assay(f"{folder}/huggingface", threads)
        theirs = pairs.onnx_runtime(f"{folder}/bert.onnx", threads)
        self.pair = pairs.compare(ours, theirs, batch, sequence, rounds, warm=1)
        self.memory = (ours.memory(), theirs.memory())
        ours.end(), theirs.end()

    @property
    def ratio(self):
        """Of processor time: on one thread a quiet machine's wall time, and on a busy one still that."""
        return self.pair.ratio(1)

    def row(self):
        least = self.pair.least()
        return [
            str(self.place), f"{least[0]:.0f} ms", f"{least[1]:.0f} ms", f"{self.pair.ratio():.2f}", f"{self.ratio:.2f}",
            f"{self.memory[0]:.0f} MB", f"{self.memory[1]:.0f} MB", "yes" if self.is_good else "**no**"]

    @property
    def is_good(self):
        return self.ratio <= 1.1 and self.memory[0] <= self.memory[1]


class Curve:
    """Points along one axis."""

    def __init__(self, title, axis, points):
        self.title, self.axis, self.points = title, axis, points

    def section(self):
        heads = (
            self.axis, "Assay, least", "ONNX Runtime, least", "wall ratio", "processor ratio", "Assay's memory",
            "ONNX Runtime's", "≤ 1.1, no more memory")
        note = "One thread, a new process for each point; the ratio of processor time is judged."
        return GrowthSection(self.title, note, [point.row() for point in self.points], heads)


class GrowthSection(Section):
    """A table whose last column judges."""

    @property
    def is_good(self):
        return all(row[-1] == "yes" for row in self.rows)


def curves(rounds, threads=1):
    base = setting.bert(12, POSITIONS, "huggingface,onnx")

    def points(places, folder, shape):
        return [Point(place, folder(place), threads, *shape(place), rounds) for place in places]

    def by_layers(layers):
        return setting.bert(layers, POSITIONS, "huggingface,onnx")

    return [
        Curve("Sequence, batch 1", "sequence", points(SEQUENCES, lambda _: base, lambda place: (1, place))),
        Curve("Batch, sequence 64", "batch", points(BATCHES, lambda _: base, lambda place: (place, 64))),
        Curve("Layers, 1 × 128", "layers", points(LAYERS, by_layers, lambda _: (1, 128))),
    ]


# The picture: a small plot of ratios for each curve, time and memory, on axes of equal ratios.

WIDTH, HEIGHT, LEFT, TOP = 300, 170, 44, 34
COLORS = {"time": "#1b6ca8", "memory": "#c8553d"}
LOW, HIGH = 0.3, 1.3


def picture(curves):
    """An SVG with a panel for each curve: Assay's time and memory as shares of ONNX Runtime's."""
    panels = [panel(curve, index * (WIDTH + LEFT + 16)) for index, curve in enumerate(curves)]
    width = len(curves) * (WIDTH + LEFT + 16)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT + TOP + 50}" '
        'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(panels) + "\n</svg>\n")


def panel(curve, offset):
    count = max(len(curve.points) - 1, 1)

    def x(index):
        return offset + LEFT + index * WIDTH / count

    def y(ratio):
        return TOP + HEIGHT * (HIGH - min(max(ratio, LOW), HIGH)) / (HIGH - LOW)

    lines = [f'<text x="{offset + LEFT}" y="16" font-weight="bold">{curve.title}: Assay / ONNX Runtime</text>']
    for ratio in (0.4, 0.6, 0.8, 1.0, 1.2):
        lines.append(
            f'<path d="M{x(0):.0f} {y(ratio):.1f}H{x(count):.0f}" stroke="{"#666" if ratio == 1 else "#ddd"}"/>'
            f'<text x="{offset + LEFT - 6}" y="{y(ratio) + 4:.1f}" text-anchor="end">{ratio}</text>')
    for index, point in enumerate(curve.points):
        lines.append(
            f'<text x="{x(index):.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{point.place}</text>')
    ratios = {
        "time": [point.ratio for point in curve.points],
        "memory": [point.memory[0] / point.memory[1] for point in curve.points],
    }
    for number, (name, values) in enumerate(ratios.items()):
        places = " ".join(f"{x(index):.1f},{y(value):.1f}" for index, value in enumerate(values))
        lines.append(f'<polyline points="{places}" fill="none" stroke="{COLORS[name]}" stroke-width="2"/>')
        lines += [
            f'<circle cx="{x(index):.1f}" cy="{y(value):.1f}" r="3" fill="{COLORS[name]}"/>'
            for index, value in enumerate(values)]
        lines.append(
            f'<text x="{offset + LEFT + 8 + number * 70}" y="{TOP + HEIGHT + 36}" fill="{COLORS[name]}">{name}</text>')
    return "\n".join(lines)
