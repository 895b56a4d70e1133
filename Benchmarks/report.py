"""What measurements say: rows of a figure beside its peer's, judged, as text and as Markdown."""


class Row:
    """One figure of ours beside the peer's, their ratio or ours alone held against a limit."""

    def __init__(self, title, ours, theirs, figure, limit, is_least=False):
        self.title, self.ours, self.theirs = title, ours, theirs
        self.figure, self.limit, self.is_least = figure, limit, is_least

    @property
    def is_good(self):
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit

    def cells(self):
        bound = f"{'at least' if self.is_least else 'at most'} {self.limit:g}"
        return [self.title, self.ours, self.theirs, f"{self.figure:.2f}", bound, "yes" if self.is_good else "**no**"]


class Section:
    """A table with a heading and a word on how it was measured."""

    def __init__(self, title, note, rows, heads=("", "Assay", "peer", "figure", "demanded", "met"), after=""):
        self.title, self.note, self.rows, self.heads, self.after = title, note, rows, heads, after

    @property
    def is_good(self):
        return all(row.is_good for row in self.rows if isinstance(row, Row))

    def markdown(self):
        lines = [f"## {self.title}", "", self.note, "", table_line(self.heads), table_line(["---"] * len(self.heads))]
        lines += [table_line(row.cells() if isinstance(row, Row) else row) for row in self.rows]
        return "\n".join(lines + ([self.after, ""] if self.after else [""]))


def table_line(cells):
    return "| " + " | ".join(cells) + " |"
