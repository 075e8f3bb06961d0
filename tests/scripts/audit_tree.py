"""The tree of an audit log, by another implementation: PyPI's pymerkle (RFC 9162).

    audit_tree.py PROOF.json OLD_SIZE

reads what `cloister audit export --earlier` wrote of a whole log, and prints as JSON: the root over
all entries, the root over the first OLD_SIZE, for each entry whether its proof leads to the root,
and whether the hashes since OLD_SIZE lead from the one root to the other.
"""

import json
import sys

from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.proof import InvalidProof, MerkleProof


def holds(verify, *given):
    try:
        verify(*given)
    except InvalidProof:
        return False
    return True


def sides(index, size):
    """On which side each hash beside the way from a leaf to the root is: 1 is left."""
    if size == 1:
        return []
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return sides(index, left) + [0]
    return sides(index - left, size - left) + [1]


def main():
    proof = json.load(open(sys.argv[1], encoding="utf-8"))
    old_size = int(sys.argv[2])
    entries = proof["entries"]
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry["entry"].encode())
    size = len(entries)
    root, old_root = tree.get_state(), tree.get_state(old_size)

    included = []
    for entry in entries:
        leaf = tree.hash_buff(entry["entry"].encode())
        way = sides(entry["index"], size)
        # The side of a step says how the hash so far and the next are put together.
        path = [leaf] + [bytes.fromhex(hash) for hash in entry["hashes"]]
        ours = MerkleProof("sha256", True, size, way + [0], [], path)
        included.append(len(way) == len(entry["hashes"]) and holds(verify_inclusion, leaf, root, ours))

    # The first hash is the largest whole subtree at the end of the old tree: its root, if all of it.
    whole = old_size & (old_size - 1) == 0
    way = sides(old_size - 1, size)
    while (old_size - 1) >> (len(sides(old_size - 1, size)) - len(way)) & 1:
        way = way[1:]
    since = [bytes.fromhex(hash) for hash in proof["since"]["hashes"]]
    path = ([old_root] if whole else []) + since
    ours = MerkleProof("sha256", True, size, way + [0], [1] + way, path)
    consistent = len(path) == len(way) + 1 and holds(verify_consistency, old_root, root, ours)
    if old_size == size:
        consistent = not since
    print(json.dumps({
        "root": root.hex(),
        "old_root": old_root.hex(),
        "included": included,
        "consistent": consistent,
    }))


main()
