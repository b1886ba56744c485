//! How good a scan is, judged against labels that people wrote by reading the code.
//!
//! A tree has a list of what a perfect scanner reports, and of traps that it must not report. A scan is judged by
//!
//! - **recall**: the share of the core rows with a finding that matches: of the same type, and of the same name or, for
//!   what has no settled name (a prompt, a tool, an endpoint …), at most three lines from where the row points;
//! - **precision**: the share of distinct findings that match a row of any tier;
//! - **traps**: findings with a trap's type and name;
//! - **versions**: core rows with a version whose finding has exactly that one;
//! - **status**: rows that are only listed, documented, tested or evaluated, and are said to be in use at run time.
//!
//! ```
//! use xtask::accuracy::{Label, Score, findings};
//!
//! let labels = r#"
//! {"id":"a-1","expect":"present","type":"model","name":"gpt-4o","tier":"core","evidence":[{"file":"app.py","line":3}]}
//! {"id":"a-2","expect":"absent","type":"model","name":"gpt-4-32k","tier":"negative","evidence":[{"file":"app.py","line":9}]}
//! "#;
//! let scan = r#"{"record":"asset","kind":"model-reference","name":"openai/gpt-4o","usage":"runtime","evidence":[{"path":"app.py","line":3}]}"#;
//! let score = Score::of("a", &Label::read(labels)?, &findings(scan)?);
//! let total = score.total();
//! assert_eq!((total.recall(), total.precision(), total.traps_hit), (1.0, 1.0, 0));
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! [`Label`] is a row, [`Finding`] a place of an asset, [`Score`] what they give together, [`table`] the page of several
//! scores, [`Bars`] what must be reached.

mod bars;
mod finding;
mod label;
mod score;
mod table;

pub use bars::Bars;
pub use finding::{Finding, findings};
pub use label::{Expect, Label, Place, Tier};
pub use score::{Fault, Figures, Score, Wrong};
pub use table::{faults, table};
