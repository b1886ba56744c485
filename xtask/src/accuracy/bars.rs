//! What must be reached.

use super::score::{Figures, Score, sum};

/// The least recall and precision.
#[derive(Debug, Clone, Copy)]
pub struct Bars {
    recall: f64,
    precision: f64,
}

/// Over all types.
const TREE: Bars = Bars { recall: 0.92, precision: 0.95 };

/// By type; only over several trees are there enough of each.
const BY_TYPE: &[(&str, Bars)] = &[
    ("sdk", Bars { recall: 0.98, precision: 0.0 }),
    ("model", Bars { recall: 0.95, precision: 0.0 }),
    ("tool", Bars { recall: 0.95, precision: 0.0 }),
    ("mcp_server", Bars { recall: 0.95, precision: 0.0 }),
    ("endpoint", Bars { recall: 0.90, precision: 0.0 }),
    ("prompt", Bars { recall: 0.85, precision: 0.0 }),
    ("agent", Bars { recall: 0.85, precision: 0.0 }),
    ("secret_ref", Bars { recall: 0.98, precision: 0.9 }),
];

impl Bars {
    /// What trees of their own weight do not reach: each of them, and all together by type.
    pub fn missed_by_each(scores: &[Score]) -> Vec<String> {
        let trees = scores.iter().flat_map(|score| TREE.missed_in_all(&score.tree, &score.total()));
        trees.chain(missed_by_type(scores)).collect()
    }

    /// What small trees do not reach, where one miss of ten says little: all together, and by type.
    pub fn missed_together(scores: &[Score]) -> Vec<String> {
        let all = TREE.missed_in_all("all trees", &sum(scores.iter().map(Score::total)));
        all.into_iter().chain(missed_by_type(scores)).collect()
    }

    /// Recall and precision, no trap, every version, no wrong status.
    fn missed_in_all(self, what: &str, figures: &Figures) -> Vec<String> {
        let none = |n: u64, words: &str| (n > 0).then(|| format!("{what}: {n} {words}"));
        let wrong = [
            none(figures.traps_hit, "traps hit"),
            none(figures.versions - figures.versions_right, "versions not found"),
            none(figures.status_wrong, "rows that are not in use are shown as if they were"),
        ];
        self.missed_in(what, figures).into_iter().chain(wrong.into_iter().flatten()).collect()
    }

    fn missed_in(self, what: &str, figures: &Figures) -> Vec<String> {
        let below = |figure: &str, share: f64, bar: f64| {
            (share < bar).then(|| format!("{what}: {figure} {share:.3} is below {bar}"))
        };
        let shares = [
            below("recall", figures.recall(), self.recall),
            below("precision", figures.precision(), self.precision),
        ];
        shares.into_iter().flatten().collect()
    }
}

fn missed_by_type(scores: &[Score]) -> Vec<String> {
    let of_type = |name: &str| sum(scores.iter().filter_map(|score| score.by_type.get(name).copied()));
    BY_TYPE.iter().flat_map(|(name, bars)| bars.missed_in(name, &of_type(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Bars, Figures, Score};

    /// A tree with so many of its core models found.
    fn score(found: u64, core: u64) -> Score {
        let figures = Figures { found, core, reported: found, right: found, ..Figures::default() };
        Score { tree: "t".into(), by_type: [("model".to_owned(), figures)].into(), faults: Vec::new() }
    }

    #[test]
    fn small_trees_are_judged_together() {
        let scores = [score(9, 10), score(20, 20)];
        assert_eq!(Bars::missed_by_each(&scores), ["t: recall 0.900 is below 0.92"]);
        assert_eq!(Bars::missed_together(&scores), [""; 0]);
        let scores = [score(9, 10), score(1, 1)];
        let missed = ["all trees: recall 0.909 is below 0.92", "model: recall 0.909 is below 0.95"];
        assert_eq!(Bars::missed_together(&scores), missed);
    }

    #[test]
    fn one_trap_one_version_or_one_status_is_too_much() {
        let mut score = score(20, 20);
        let models = score.by_type.get_mut("model").expect("models");
        *models =
            Figures { traps: 9, traps_hit: 1, versions: 3, versions_right: 2, status_wrong: 1, ..*models };
        assert_eq!(
            Bars::missed_by_each(&[score]),
            [
                "t: 1 traps hit",
                "t: 1 versions not found",
                "t: 1 rows that are not in use are shown as if they were"
            ]
        );
    }
}
