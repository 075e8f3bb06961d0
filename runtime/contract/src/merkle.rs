//! Merkle trees over the entries of an append-only log: roots, and proofs that need no log.
//!
//! Statement: a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), and a tree of n
//! leaves has on its left the largest power of two below n. An inclusion proof shows that an entry
//! is in the tree with a root, a consistency proof that a tree is a beginning of a later one.
//! Source: RFC 6962, section 2.1; the two checks are RFC 9162, sections 2.1.3.2 and 2.1.4.2.
//! Worked number: of seven leaves the proof of the sixth has three hashes: its neighbour, the last
//! leaf, and the first four.

use crate::digest::Digest;

/// The hash of an entry.
#[must_use]
pub fn leaf(entry: &[u8]) -> Digest {
    Digest::of(&[&[0], entry].concat())
}

/// The hash of two subtrees.
fn node(left: Digest, right: Digest) -> Digest {
    Digest::of(&[&[1], &left.bytes()[..], &right.bytes()[..]].concat())
}

/// The root over `leaves`; of none, the digest of nothing.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [leaf] => *leaf,
        more => {
            let (left, right) = more.split_at(left_of(more.len()));
            node(root(left), root(right))
        }
    }
}

/// The largest power of two below `len`, which is at least 2.
const fn left_of(len: usize) -> usize {
    1 << (len - 1).ilog2()
}

/// The hashes beside the way from the leaf at `index` to the root; `None` if there is no such leaf.
#[must_use]
pub fn inclusion(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    match leaves {
        [] => None,
        [_] => (index == 0).then(Vec::new),
        more => {
            let (left, right) = more.split_at(left_of(more.len()));
            let (mut proof, beside) = match index.checked_sub(left.len()) {
                None => (inclusion(left, index)?, root(right)),
                Some(index) => (inclusion(right, index)?, root(left)),
            };
            proof.push(beside);
            Some(proof)
        }
    }
}

/// What shows that the first `size` leaves were the whole tree once; `None` if there are not as
/// many, or none.
#[must_use]
pub fn consistency(leaves: &[Digest], size: usize) -> Option<Vec<Digest>> {
    (1..=leaves.len()).contains(&size).then(|| since(leaves, size, true))
}

/// RFC 6962's SUBPROOF: `whole` says whether the first `size` leaves' root is known to the asker.
fn since(leaves: &[Digest], size: usize, whole: bool) -> Vec<Digest> {
    if size == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(left_of(leaves.len()));
    let (mut proof, beside) = match size.checked_sub(left.len()).filter(|rest| *rest > 0) {
        None => (since(left, size, whole), root(right)),
        Some(rest) => (since(right, rest, false), root(left)),
    };
    proof.push(beside);
    proof
}

/// Whether `proof` shows that `leaf` is at `index` in the tree of `size` leaves with this `root`.
#[must_use]
pub fn includes(leaf: Digest, index: u64, size: u64, proof: &[Digest], root: Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(*beside, hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(hash, *beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether `proof` shows that the tree of `size` leaves with this `root` begins with all of the
/// `earlier` one, each a size and a root. The empty tree begins every other.
#[must_use]
pub fn begins_with(earlier: (u64, Digest), later: (u64, Digest), proof: &[Digest]) -> bool {
    let ((first, first_root), (second, second_root)) = (earlier, later);
    if first == 0 || first >= second {
        let same = first == second && first_root == second_root;
        return proof.is_empty() && (same || (first == 0 && first_root == Digest::of(&[])));
    }
    // A beginning that is a whole subtree is the first hash itself.
    let own = first.is_power_of_two().then_some(first_root);
    let mut hashes = own.iter().chain(proof).copied();
    let Some(start) = hashes.next() else { return false };
    let (mut at, mut last) = (first - 1, second - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old, mut new) = (start, start);
    for beside in hashes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (old, new) = (node(beside, old), node(beside, new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = node(new, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == first_root && new == second_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The leaves and roots that implementations of Certificate Transparency test with.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let entries: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let leaves = entries.map(leaf);
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (size, wanted) in roots.iter().enumerate() {
            assert_eq!(root(&leaves[..size]).to_string(), *wanted, "{size} leaves");
        }
    }

    fn leaves(size: usize) -> Vec<Digest> {
        (0..size).map(|at| leaf(&at.to_le_bytes())).collect()
    }

    /// Every proof of every small tree holds, and holds for nothing else.
    #[test]
    fn proofs_hold_for_what_they_prove_alone() {
        for size in 1..=33 {
            let leaves = leaves(size);
            let whole = root(&leaves);
            for (index, this) in leaves.iter().enumerate() {
                let proof = inclusion(&leaves, index).unwrap();
                for (other, n) in (0..=size).flat_map(|at| [(at, size), (at, size + 1)]) {
                    let found = includes(*this, other as u64, n as u64, &proof, whole);
                    // A larger tree may have the very same way to a leaf.
                    assert!(found == (other == index) || n > size, "{index} of {size} at {other}");
                }
                assert!(!includes(leaf(b"x"), index as u64, size as u64, &proof, whole));
            }
            for earlier in 1..=size {
                let proof = consistency(&leaves, earlier).unwrap();
                let first = (earlier as u64, root(&leaves[..earlier]));
                let later = (size as u64, whole);
                assert!(begins_with(first, later, &proof), "{earlier} of {size}");
                let other = (earlier as u64, leaf(b"x"));
                assert!(!begins_with(other, later, &proof), "{earlier} of {size}");
                assert!(!begins_with(first, (size as u64, leaf(b"x")), &proof));
            }
            assert!(begins_with((0, root(&[])), (size as u64, whole), &[]));
        }
        assert!(inclusion(&leaves(3), 3).is_none() && consistency(&leaves(3), 4).is_none());
        assert!(consistency(&leaves(3), 0).is_none());
    }

    proptest! {
        /// No changed, shortened or lengthened proof holds; no numbers make a check panic.
        #[test]
        fn no_other_proof_holds(
            size in 1..70_usize, which in any::<prop::sample::Index>(),
            change in any::<prop::sample::Index>(), how in 0..3, numbers in any::<[u64; 2]>(),
        ) {
            let leaves = leaves(size);
            let (at, whole) = (which.index(size), root(&leaves));
            let mut proof = inclusion(&leaves, at).unwrap();
            let mut later = consistency(&leaves, at + 1).unwrap();
            for proof in [&mut proof, &mut later] {
                match (how, proof.is_empty()) {
                    (0, _) | (_, true) => proof.push(leaf(b"more")),
                    (1, false) => drop(proof.pop()),
                    _ => { let at = change.index(proof.len()); proof[at] = leaf(b"other") }
                }
            }
            prop_assert!(!includes(leaves[at], at as u64, size as u64, &proof, whole));
            let first = (at as u64 + 1, root(&leaves[..=at]));
            prop_assert!(!begins_with(first, (size as u64, whole), &later));
            let _ = includes(leaves[at], numbers[0], numbers[1], &proof, whole);
            let _ = begins_with((numbers[0], first.1), (numbers[1], whole), &later);
        }
    }
}
