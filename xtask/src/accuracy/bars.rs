//! What must be reached.

use super::score::{Figures, Score, sum};

/// The least recall and precision.
#[derive(Debug, Clone, Copy)]
pub struct Bars {
    recall: f64,
    precision: f64,
}

/// Of one tree: everything together.
const TREE: Bars = Bars { recall: 0.92, precision: 0.95 };

/// Of several trees: by type.
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
    /// What a tree does not reach: recall, precision, no trap, every version, no wrong status.
    pub fn missed(score: &Score) -> Vec<String> {
        let total = score.total();
        let mut missed = TREE.missed_by(&score.tree, &total);
        let mut none = |n: u64, what: &str| {
            if n > 0 {
                missed.push(format!("{}: {n} {what}", score.tree));
            }
        };
        none(total.traps_hit, "traps hit");
        none(total.versions - total.versions_right, "versions not found");
        none(total.status_wrong, "rows that are not in use and are shown as if");
        missed
    }

    /// What several trees together do not reach, by type.
    pub fn missed_by_type(scores: &[Score]) -> Vec<String> {
        let of_type = |name: &str| sum(scores.iter().filter_map(|score| score.by_type.get(name).copied()));
        BY_TYPE.iter().flat_map(|(name, bars)| bars.missed_by(name, &of_type(name))).collect()
    }

    fn missed_by(self, what: &str, figures: &Figures) -> Vec<String> {
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
