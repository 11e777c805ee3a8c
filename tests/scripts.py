"""Programs that tests run from a file of their own, so that the lines which messages name are known."""

import textwrap
import warnings


class Script:
    """A program in a file. A line is marked by a comment: `# HERE`."""

    def __init__(self, path, text):
        self.path, self.text = path, textwrap.dedent(text)
        path.write_text(self.text)

    def line(self, mark="HERE"):
        """The number of the line that has the mark."""
        found = [number for number, line in enumerate(self.text.splitlines(), 1) if f"# {mark}" in line]
        assert len(found) == 1, f"{mark} marks {found}"
        return found[0]

    def place(self, mark="HERE"):
        """File and number of the line that has the mark, as messages write them."""
        return f"{self.path}:{self.line(mark)}"

    def run(self):
        """Run it; returns its variables."""
        variables = {"__name__": "program"}
        exec(compile(self.text, str(self.path), "exec"), variables)
        return variables

    def warnings(self, category):
        """Run it; returns the warnings of the category that it issues, each as (file, line, text)."""
        with warnings.catch_warnings(record=True) as log:
            warnings.simplefilter("always")
            self.run()
        return [(entry.filename, entry.lineno, str(entry.message)) for entry in log if issubclass(entry.category, category)]
