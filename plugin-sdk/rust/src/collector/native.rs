//! Runs a collector natively, for an author's tests: with a transport of the test's own, without a sandbox.
//!
//! The real host is stricter; this is for the inner loop. `inventar plugin record` and its replay show the whole.
//!
//! | transport | answers |
//! |---|---|
//! | [`Replay`] | from a recording |
//! | [`Recorder`] | what another transport answers, and keeps it |
//! | `live` (feature `live`) | what a real server says |

#[cfg(feature = "live")]
mod live;
mod record;

#[cfg(feature = "live")]
pub use live::live;
pub use record::{Recorder, Replay};

use super::http::{Failure, HttpError, Request, Response};
use super::{Collector, Context, Cursor, Gap, Problem, Scope, Sink, Step};
use crate::answer::{Asset, Finding, Relation};
use std::cell::RefCell;

type Transport = Box<dyn FnMut(&Request) -> Result<Response, HttpError>>;

thread_local! {
    static TRANSPORT: RefCell<Option<Transport>> = const { RefCell::new(None) };
}

/// What a collector said, all scopes together.
#[derive(Debug, Default)]
pub struct Collected {
    /// Each scope and whether it was listed completely.
    pub scopes: Vec<(Scope, bool)>,
    /// Things seen, with the scope's index; a key reported again replaced the first.
    pub assets: Vec<(usize, Asset)>,
    /// Edges seen.
    pub relations: Vec<(usize, Relation)>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
    /// Slices run.
    pub slices: u32,
}

/// Probes and runs every scope to its end. A slice gets nothing from the one before but its cursor.
pub fn collect<C: Collector>(
    settings: impl Fn() -> C::Settings,
    transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static,
) -> Result<Collected, Problem> {
    TRANSPORT.with(|slot| *slot.borrow_mut() = Some(Box::new(transport)));
    let context = || Context { now_ms: 1_700_000_000_000, settings: settings(), full_sync: true };
    let mut collected = Collected::default();
    for (index, scope) in C::probe(&context())?.into_iter().enumerate() {
        let mut cursor: Option<Cursor> = None;
        let is_complete = loop {
            let mut sink = Sink::default();
            let step = C::run(&context(), &scope, cursor.as_ref(), &mut sink)?;
            collected.slices += 1;
            for asset in sink.assets {
                let known =
                    collected.assets.iter_mut().find(|(at, known)| *at == index && known.key == asset.key);
                match known {
                    Some(known) => known.1 = asset,
                    None => collected.assets.push((index, asset)),
                }
            }
            collected.relations.extend(sink.relations.into_iter().map(|relation| (index, relation)));
            collected.findings.extend(sink.findings);
            collected.gaps.extend(sink.gaps);
            match step {
                Step::More(next) if cursor.as_ref() == Some(&next) => {
                    return Err(Problem::new(
                        "no-progress",
                        format!("the cursor of `{}` stands still", scope.id),
                    ));
                }
                Step::More(next) => cursor = Some(next),
                Step::Complete(_) => break true,
                Step::Partial(_) => break false,
            }
        };
        collected.scopes.push((scope, is_complete));
    }
    Ok(collected)
}

pub(super) fn send_all(requests: Vec<Request>) -> Vec<Result<Response, Failure>> {
    TRANSPORT.with(|slot| {
        let mut slot = slot.borrow_mut();
        requests
            .iter()
            .map(|request| match slot.as_mut() {
                Some(transport) => transport(request).map_err(Failure::Error),
                None => Err(Failure::Error(HttpError::Connect)),
            })
            .collect()
    })
}
