//! What the rules cannot stop, measured: how often a hostile module that was let pass tells one
//! person's secret bit.
//!
//! A module is a list of counts. Each counts pseudo-random others, and the target always, never, if
//! the secret is so, or if it is not. Its author sees what is shown and what is withheld, learns
//! from runs over invented people what that means, and guesses; of two authors one knows nobody but
//! the target, and one knows everybody else. `search` looks for the best module by changing good
//! ones, as QuerySnout does: Cretu, Houssiau, Cully and de Montjoye, "QuerySnout: Automating the
//! Discovery of Attribute Inference Attacks against Query-Based Systems" (2022). `docs/privacy.md`
//! has what it finds, and what the known attacks do.

mod guess;

use cloister_contract::digest::Digest;
use cloister_contract::partial::Cell;
use cloister_contract::study::OutputKind;

use super::drafts::Sample;
use super::exact::Exact;
use super::screen::withheld;
use super::{History, NoiseKey, Profile, Rules};
use crate::keys::SiteSecret;
use guess::{Guess, Seen};

/// Persons besides the target.
const OTHERS: usize = 300;
/// The others whom an author may know.
const THE_KNOWN: u64 = 1;
/// Cells of one output: the L0 of `strict`.
const CELLS_PER_OUTPUT: usize = 16;

/// When the target counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Out,
    In,
    IfSecret,
    UnlessSecret,
}

/// One count: of others whose pseudo-random number under `salt` is in a range, and the target.
#[derive(Clone, Copy, Debug)]
struct Count {
    salt: u64,
    range: [u8; 2],
    target: Target,
}

/// Which modules are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modules {
    /// Any.
    Any,
    /// Those of which nothing is withheld in 99 of 100 runs: their numbers alone tell.
    AllShown,
}

/// What the author knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knows {
    /// Who the target is; others are drawn anew for each run.
    TheTarget,
    /// All but the secret: others are the same in each run.
    EverybodyElse,
}

/// Pseudo-random numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }
}

/// The persons besides the target, of those that are drawn from `seed` on.
fn others(seed: u64) -> Vec<u64> {
    let mut dice = Dice(seed);
    (0..OTHERS).map(|_| dice.draw()).collect()
}

fn mix(seed: u64) -> u64 {
    let seed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ seed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ seed >> 31
}

/// A site that is attacked, and by whom.
struct Site {
    rules: Rules,
    knows: Knows,
}

impl Site {
    fn new(profile: &str, knows: Knows) -> Self {
        Self { rules: *Profile::named(profile).unwrap().rules().unwrap(), knows }
    }

    /// What is seen of each of `module`'s counts in so many runs, half of them with the secret.
    fn runs(&self, module: &[Count], runs: usize, seed: u64) -> Vec<(Seen, bool)> {
        let outputs = module.len().div_ceil(CELLS_PER_OUTPUT);
        let cells = |at: usize| (module.len() - at * CELLS_PER_OUTPUT).min(CELLS_PER_OUTPUT);
        let mut study = "[dimensions]\n".to_owned();
        for at in 0..outputs {
            study += &format!("c{at} = {{ range = [1, {}] }}\n", cells(at));
        }
        study += "[outputs]\n";
        for at in 0..outputs {
            let (by, most) = (format!("by = [\"c{at}\"]"), cells(at));
            study += &format!("o{at} = {{ kind = \"count\", {by}, cells_per_person = {most} }}\n");
        }
        let sample = Sample::new(&study, 100_000, &[]);
        let mut dice = Dice(seed);
        let run = |at: usize| {
            let secret = at % 2 == 1;
            (self.run(module, &sample, secret, &mut dice), secret)
        };
        (0..runs).map(run).collect()
    }

    fn run(&self, module: &[Count], sample: &Sample, secret: bool, dice: &mut Dice) -> Seen {
        let others = others(match self.knows {
            Knows::TheTarget => dice.draw(),
            Knows::EverybodyElse => THE_KNOWN,
        });
        let hash = |person: u64| u128::from(mix(person)) << 64 | u128::from(mix(person ^ 1));
        let cell = |count: &Count| {
            let mut cell = Cell::default();
            let mut add = |person| cell.add(0, 1, 1, [hash(person); 2]);
            let [from, to] = count.range.map(u64::from);
            let is_in = |other: &&u64| (from..to).contains(&(mix(**other ^ count.salt) % 256));
            others.iter().filter(is_in).for_each(|other| add(*other));
            let target = match count.target {
                Target::Out => false,
                Target::In => true,
                Target::IfSecret => secret,
                Target::UnlessSecret => !secret,
            };
            if target {
                add(7);
            }
            cell
        };
        let cells: Vec<Cell> = module.iter().map(cell).collect();
        let site = SiteSecret::default();
        // Nobody knows a site's key: another one for each run.
        let noise = NoiseKey::of_job(&site, [Digest::of(b""); 2], &dice.draw().to_string(), "");
        let population = OTHERS as u64 + 1;
        let exact = Exact { cells: &cells, population, noise: &noise, ..sample.exact() };
        let withheld = withheld(&self.rules, &exact, &History::default());
        let shown = |(at, withheld): (usize, &bool)| {
            let [low, high] = exact.shown(&self.rules, &OutputKind::Count, at).persons;
            (!withheld).then_some((low + high) as f64 / 2.0)
        };
        withheld.iter().enumerate().map(shown).collect()
    }

    /// The share of secrets that the author guesses right who has seen `learn` runs.
    fn accuracy(&self, module: &[Count], [learn, guess]: [usize; 2], seed: u64) -> Accuracy {
        let (learn, guess) = (self.runs(module, learn, seed), self.runs(module, guess, seed + 1));
        let learnt = Guess::learn(&learn);
        let is_shown = |(seen, _): &&(Seen, bool)| seen.iter().all(Option::is_some);
        let shown = learn.iter().chain(&guess).filter(is_shown).count();
        Accuracy {
            right: right(&guess, |seen| learnt.secret(seen)),
            shown: shown as f64 / (learn.len() + guess.len()) as f64,
        }
    }
}

/// How well a module tells the secret.
struct Accuracy {
    /// The share of secrets that are guessed right.
    right: f64,
    /// The share of runs in which nothing was withheld.
    shown: f64,
}

/// The share of secrets in `runs` that `guess` has right.
fn right(runs: &[(Seen, bool)], guess: impl Fn(&Seen) -> bool) -> f64 {
    let right = runs.iter().filter(|(seen, secret)| guess(seen) == *secret).count();
    right as f64 / runs.len() as f64
}

/// Counts of the known attack by somebody who knows nobody: two parts and their whole, in which the
/// target is in a part if the secret is so.
fn triples(number: u64) -> Vec<Count> {
    let triple = |salt: u64| {
        let count = |range, target| Count { salt: mix(salt), range, target };
        let part = count([100, 200], Target::IfSecret);
        [count([0, 100], Target::Out), part, count([0, 200], Target::Out)]
    };
    (1..=number).flat_map(triple).collect()
}

/// Counts of the known attack by somebody who knows everybody else: of as many persons that one
/// more may begin the next interval.
fn edges(site: &Site, number: usize) -> Vec<Count> {
    let (k, base) = (site.rules.persons_per_cell_min, site.rules.rounding_base);
    let most = site.rules.noise_persons_max;
    let others = others(THE_KNOWN);
    let size =
        |salt: u64| others.iter().filter(|other| mix(**other ^ salt) % 256 < 128).count() as u64;
    let is_edge = |salt: &u64| (size(*salt) + most + 1 - k).is_multiple_of(base);
    let salts = (1..).map(mix).filter(is_edge).take(number);
    salts.map(|salt| Count { salt, range: [0, 128], target: Target::IfSecret }).collect()
}

/// The accuracy of whoever takes parts less their whole, of triples.
fn by_triples(site: &Site, number: u64) -> f64 {
    let score = |seen: &Seen| {
        let triple = |three: &[Option<f64>]| match three {
            [Some(one), Some(other), Some(whole)] => one + other - whole,
            _ => 0.0,
        };
        seen.chunks(3).map(triple).sum::<f64>()
    };
    let runs = site.runs(&triples(number), 600, 13);
    let scores = runs.iter().map(|(seen, _)| score(seen));
    let middle = scores.sum::<f64>() / runs.len() as f64;
    right(&runs, |seen| score(seen) > middle)
}

/// On an edge the 2d + 1 values of the noise are shown as two or three intervals, and one person
/// more moves one of these values into the next. So each cell tells the secret for sure with a
/// probability of 1 in 2d + 1, and otherwise nothing.
#[test]
fn cells_on_an_edge_tell_what_the_documentation_says() {
    for (profile, cells, documented) in
        [("hospital", 1, 1.0), ("strict", 1, 0.55), ("strict", 16, 0.89), ("strict", 64, 0.999)]
    {
        let site = Site::new(profile, Knows::EverybodyElse);
        let found = site.accuracy(&edges(&site, cells), [300, 400], 11).right;
        let values = 2.0 * site.rules.noise_persons_max as f64 + 1.0;
        let by_hand = 1.0 - (1.0 - 1.0 / values).powf(cells as f64) / 2.0;
        println!("{profile}, {cells} cells on an edge: {found:.3}, by hand {by_hand:.3}");
        assert!((by_hand - documented).abs() < 0.006, "{profile}, {cells}: {by_hand}");
        // Three standard deviations of 400 guesses are 0.075.
        assert!((found - by_hand).abs() < 0.075, "{profile}, {cells}: {found}");
    }
}

/// Each number is off by the noise and by where it is in its interval: 2d + 1 and b values, each as
/// likely; so the sum of m triples is off by √(3·m·((2d + 1)² + b² − 2)/12), and the secret moves
/// it by m.
#[test]
fn triples_tell_what_the_documentation_says() {
    for (profile, number, documented) in
        [("hospital", 10, 0.74), ("hospital", 40, 0.90), ("strict", 20, 0.62)]
    {
        let site = Site::new(profile, Knows::TheTarget);
        let found = by_triples(&site, number);
        println!("{profile}, {number} triples: {found:.3}, {documented:.2} by hand");
        // Three standard deviations of 600 guesses are 0.06.
        assert!((found - documented).abs() < 0.06, "{profile}, {number}: {found}");
    }
}

/// A count by the dice.
fn any_count(dice: &mut Dice) -> Count {
    let mut end = || u8::try_from(dice.below(256)).unwrap();
    let (one, other) = (end(), end());
    let range = [one.min(other), one.max(other)];
    Count { salt: dice.below(4), range, target: any_target(dice) }
}

fn any_target(dice: &mut Dice) -> Target {
    let targets = [Target::Out, Target::In, Target::IfSecret, Target::UnlessSecret];
    targets[usize::try_from(dice.below(4)).unwrap()]
}

/// A module like `parent`, but for one count or two.
fn changed(parent: &[Count], dice: &mut Dice) -> Vec<Count> {
    let mut child = parent.to_vec();
    for _ in 0..=dice.below(2) {
        let mut any = || usize::try_from(dice.below(parent.len() as u64)).unwrap();
        let (at, other) = (any(), any());
        let step = u8::try_from(dice.below(9)).unwrap();
        match dice.below(5) {
            0 => child[at] = any_count(dice),
            1 => child[at].target = any_target(dice),
            2 => child[at] = Count { target: any_target(dice), ..child[other] },
            3 => child[at].range[0] = child[at].range[0].saturating_sub(step),
            _ => child[at].range[1] = child[at].range[1].saturating_add(step),
        }
    }
    child
}

/// The best module of so many counts that is found, and its accuracy over runs that were in none of
/// the search.
fn search(site: &Site, of: Modules, counts: usize, generations: usize) -> (Vec<Count>, f64) {
    const KEPT: usize = 4;
    let mut dice = Dice(counts as u64);
    // A module that is not looked for is the better the nearer it is to one.
    let judged = |accuracy: Accuracy| {
        let counts = of == Modules::Any || accuracy.shown > 0.99;
        if counts { accuracy.right } else { accuracy.shown - 1.0 }
    };
    let fitness = |module: &[Count]| judged(site.accuracy(module, [200, 200], 11));
    let module = |dice: &mut Dice| (0..counts).map(|_| any_count(dice)).collect::<Vec<_>>();
    let first = (0..3 * KEPT).map(|_| module(&mut dice)).collect::<Vec<_>>();
    let mut best: Vec<_> = first.into_iter().map(|module| (fitness(&module), module)).collect();
    for _ in 0..generations {
        best.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        best.truncate(KEPT);
        for at in 0..2 * KEPT {
            let child = changed(&best[at % best.len().min(KEPT)].1, &mut dice);
            best.push((fitness(&child), child));
        }
    }
    best.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let (_, module) = best.swap_remove(0);
    let found = judged(site.accuracy(&module, [1_000, 1_000], 21));
    (module, found)
}

/// What the search finds, in some minutes; `docs/privacy.md` has the table.
#[test]
#[ignore = "it measures; `cargo xtask bench attack` asks for it"]
fn the_best_attack_that_is_found() {
    let mut configurations = Vec::new();
    for profile in ["hospital", "strict"] {
        for knows in [Knows::TheTarget, Knows::EverybodyElse] {
            for (of, counts) in [(Modules::Any, 2), (Modules::AllShown, 2), (Modules::AllShown, 12)]
            {
                configurations.push((profile, knows, of, counts));
            }
        }
    }
    std::thread::scope(|scope| {
        let searches = configurations.iter().map(|configuration| {
            scope.spawn(move || {
                let (profile, knows, of, counts) = *configuration;
                let (module, found) = search(&Site::new(profile, knows), of, counts, 16);
                println!("{profile}, knows {knows:?}, {of:?}, {counts} cells: {found:.3}");
                (of, module, found)
            })
        });
        for search in searches.collect::<Vec<_>>() {
            let (of, module, found) = search.join().unwrap();
            // A search that misses what is known to be there finds nothing at all.
            assert!(of == Modules::AllShown || found > 0.95, "{found}: {module:?}");
        }
    });
}
