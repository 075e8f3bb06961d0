"""Brackets what a release withholds, by linear programs of HiGHS, and says what it found too much.

Reads a list of jobs as JSON on standard input: what is published of each and, for the verdict
alone, the exact numbers. It knows nothing of the host's code: the equations are written anew from
what a study file says (margins, denominators, cells per person), what rounding shows, and what is
published. Prints `brackets nothing: ...`, or each number that is known too well, and exits with 1.
"""

import json
import sys

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

# An attacker believes no program more than to this many persons.
SLACK = 1e-4


class System:
    """Rows of an attacker's linear program."""

    def __init__(self):
        self.bounds, self.rows, self.low, self.high = [], [], [], []

    def unknown(self, low, high):
        self.bounds.append((low, high))
        return len(self.bounds) - 1

    def row(self, terms, low, high):
        self.rows.append(terms)
        self.low.append(low)
        self.high.append(high)

    def matrices(self):
        """Equal rows, and rows with an upper bound, as HiGHS wants them."""
        equal, upper = [], []
        for terms, low, high in zip(self.rows, self.low, self.high):
            if low == high:
                equal.append((terms, low))
            else:
                if high is not None:
                    upper.append((terms, high))
                if low is not None:
                    upper.append(([(at, -c) for at, c in terms], -low))
        return self.matrix(equal), self.matrix(upper)

    def matrix(self, rows):
        if not rows:
            return None, None
        data, row, column = [], [], []
        for number, (terms, _) in enumerate(rows):
            for at, coefficient in terms:
                data.append(coefficient)
                row.append(number)
                column.append(at)
        shape = (len(rows), len(self.bounds))
        return csr_matrix((data, (row, column)), shape), numpy.array([right for _, right in rows])


def key(cell, names):
    return tuple(cell["cell"].get(name) for name in names)


def system(job):
    """The unknowns of each cell as (persons, sum, squares), and all that relates them."""
    system, unknowns = System(), {}
    most = max(job["published"] + 10, 100)
    for output in job["outputs"]:
        scale = [1, output["range"], output["range"] ** 2]
        names = ["persons", "sum", "squares"] if output["range"] else ["persons"]
        for number, cell in enumerate(output["cells"]):
            here = []
            for name, unit in zip(names, scale):
                ends = cell["shown"] and [end / unit for end in cell["shown"][name]]
                here.append(system.unknown(*(ends or (0, most))))
            unknowns[output["name"], number] = here
            for less, more in zip(here[1:], here):
                system.row([(less, 1), (more, -1)], None, 0)
            if len(here) == 3:
                system.row([(here[1], 1 / output["range"]), (here[2], -1)], None, 0)
    for output in job["outputs"]:
        margins(system, unknowns, output)
        denominators(system, unknowns, output, job)
        inner = [n for n, cell in enumerate(output["cells"]) if len(cell["cell"]) == len(output["by"])]
        everybody = sum(output["cells"][n]["exact"][0] for n in inner)
        if output["cells_per_person"] == 1 and abs(everybody - job["published"]) <= 10:
            terms = [(unknowns[output["name"], n][0], 1) for n in inner]
            system.row(terms, job["published"] - 10, job["published"] + 10)
    return system, unknowns


def margins(system, unknowns, output):
    name, once = output["name"], output["cells_per_person"] == 1
    cells = output["cells"]
    inner = [n for n, cell in enumerate(cells) if len(cell["cell"]) == len(output["by"])]
    for total in output["totals"]:
        of = {}
        for n in inner:
            of.setdefault(key(cells[n], total), []).append(n)
        for number, cell in enumerate(cells):
            if number in inner or sorted(cell["cell"]) != sorted(total):
                continue
            parts = of[key(cell, total)]
            if once:
                for measure, margin in enumerate(unknowns[name, number]):
                    terms = [(unknowns[name, n][measure], 1) for n in parts]
                    system.row(terms + [(margin, -1)], 0, 0)
                continue
            margin = unknowns[name, number][0]
            terms = [(unknowns[name, n][0], 1) for n in parts]
            system.row(terms + [(margin, -1)], 0, None)
            system.row(terms + [(margin, -output["cells_per_person"])], None, 0)
            for n in parts:
                system.row([(unknowns[name, n][0], 1), (margin, -1)], None, 0)


def denominators(system, unknowns, output, job):
    if not output["of"]:
        return
    of = next(other for other in job["outputs"] if other["name"] == output["of"])
    groups = {}
    for number, cell in enumerate(output["cells"]):
        here = unknowns[output["name"], number][0]
        is_inner = len(cell["cell"]) == len(output["by"])
        shared = [name for name in of["by"] if name in cell["cell"]]
        for whole, other in enumerate(of["cells"]):
            inner_of = len(other["cell"]) == len(of["by"])
            if sorted(other["cell"]) == sorted(shared) and key(other, shared) == key(cell, shared):
                system.row([(here, 1), (unknowns[of["name"], whole][0], -1)], None, 0)
                if is_inner and inner_of:
                    groups.setdefault(whole, []).append(here)
    if output["cells_per_person"] == 1:
        for whole, parts in groups.items():
            terms = [(part, 1) for part in parts]
            system.row(terms + [(unknowns[of["name"], whole][0], -1)], None, 0)


def attack(job):
    """Everything withheld that is known too well, and how many numbers were withheld."""
    rows, unknowns = system(job)
    (equal, right), (upper, most) = rows.matrices()

    def end(at, sign):
        cost = numpy.zeros(len(rows.bounds))
        cost[at] = sign
        found = linprog(cost, upper, most, equal, right, bounds=rows.bounds, method="highs")
        if found.status != 0:
            raise SystemExit(f"HiGHS: {found.message}")
        return found.fun * sign

    known, withheld = [], 0
    for output in job["outputs"]:
        for number, cell in enumerate(output["cells"]):
            if cell["shown"]:
                continue
            for measure, at in enumerate(unknowns[output["name"], number]):
                withheld += 1
                low, high = end(at, 1), end(at, -1)
                narrow = high - low < job["width"] - 1 - SLACK
                few = measure == 0 and cell["exact"][0] < job["k"]
                if narrow or (few and low > SLACK):
                    known.append((output["name"], cell["cell"], measure, low, high, cell["exact"]))
    return known, withheld


def main():
    known, withheld = [], 0
    for number, job in enumerate(json.load(sys.stdin)):
        found, of = attack(job)
        known += [(number, *what) for what in found]
        withheld += of
    if known or not withheld:
        print(f"{len(known)} of {withheld} withheld numbers are known:")
        print("\n".join(str(what) for what in known[:20]))
        return 1
    print(f"brackets nothing: {withheld} withheld numbers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
