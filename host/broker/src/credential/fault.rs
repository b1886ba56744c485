//! What went wrong with a credential, told without it.

use std::borrow::Cow;

/// Why a slot cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("credential `{slot}`{from}: {fault}", from = from(.reference))]
pub struct CredentialError {
    slot: String,
    reference: String,
    fault: Fault,
}

fn from(reference: &str) -> String {
    if reference.is_empty() { String::new() } else { format!(" from `{reference}`") }
}

impl CredentialError {
    pub(super) fn new(slot: &str, reference: &str, fault: Fault) -> Self {
        Self { slot: slot.to_owned(), reference: reference.to_owned(), fault }
    }

    /// What sort of trouble.
    pub fn problem(&self) -> Problem {
        self.fault.problem
    }

    /// What to do next.
    pub fn next(&self) -> &str {
        &self.fault.next
    }
}

/// Sorts of trouble with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The reference has no known form.
    Reference,
    /// The options do not fit the kind.
    Options,
    /// There is nothing where it should be.
    Missing,
    /// It is there and cannot be read.
    Unreadable,
    /// It was read and is not what it should be.
    Malformed,
    /// A token service said no.
    Refused,
    /// A token service did not answer.
    Unreachable,
    /// A clock ended it.
    TimedOut,
    /// More than a limit.
    TooLarge,
    /// A form that is known and not supported.
    Unsupported,
}

/// The trouble itself. Nothing that was read may be in `what` or `next`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    problem: Problem,
    what: Cow<'static, str>,
    next: Cow<'static, str>,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.what, self.next)
    }
}

macro_rules! faults {
    ($($name:ident = $problem:ident,)*) => {
        $(pub(super) fn $name(what: impl Into<Cow<'static, str>>, next: impl Into<Cow<'static, str>>) -> Self {
            Self { problem: Problem::$problem, what: what.into(), next: next.into() }
        })*
    };
}

impl Fault {
    faults! {
        reference = Reference,
        options = Options,
        missing = Missing,
        unreadable = Unreadable,
        malformed = Malformed,
        refused = Refused,
        unreachable = Unreachable,
        timed_out = TimedOut,
        unsupported = Unsupported,
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            problem: Problem::TooLarge,
            what: format!("it is longer than {limit} bytes").into(),
            next: "check what the reference points at".into(),
        }
    }
}
