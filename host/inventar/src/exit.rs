//! What the program's exit code says, and errors that know theirs.

use std::fmt;

/// How the program ended. The numbers are stable; 1 and 4 are kept free for gates and sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for was done.
    Success,
    /// The command line or the configuration is wrong; nothing was done.
    Usage,
    /// We failed to look: a plugin crashed or hit a limit, a permission is missing, a scope is incomplete.
    Partial,
    /// The store, a file to write or the server failed; trying again may help.
    Store,
    /// The budget of a run is spent; what was seen until then is recorded.
    Budget,
    /// A plugin or the bundled pack is not what its digest says.
    Integrity,
    /// Stopped by a person.
    Interrupted,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Store => 5,
            Self::Budget => 6,
            Self::Integrity => 7,
            Self::Interrupted => 130,
        }
    }

    /// What that number means.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Success => "done",
            Self::Usage => "wrong command line or configuration",
            Self::Partial => "not everything could be looked at",
            Self::Store => "the result could not be kept, written or served",
            Self::Budget => "the budget of the run is spent",
            Self::Integrity => "a plugin is not what its digest says",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A command's ending: the code, and for a non-zero one the reason in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The code.
    pub(crate) exit: Exit,
    /// Shown as the last line on stderr.
    pub(crate) reason: Option<String>,
}

impl Ending {
    /// Everything went well.
    pub(crate) const SUCCESS: Self = Self { exit: Exit::Success, reason: None };

    /// Ended with `exit` because of `reason`, though the result stands.
    pub(crate) fn because(exit: Exit, reason: impl Into<String>) -> Self {
        Self { exit, reason: Some(reason.into()) }
    }
}

/// An error a person can act on: what, where, what next.
#[derive(Debug)]
pub(crate) struct Stop {
    exit: Exit,
    what: String,
    place: Option<String>,
    hint: Option<String>,
}

impl Stop {
    /// Stops with `exit` because of `what`: a lower-case sentence without a full stop.
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), place: None, hint: None }
    }

    /// The person has to change the command line or the configuration.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Where it is wrong: a file and line.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// What to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The code to end with.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// The first line.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n  in {place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Stop {}

/// The code for an error: the one a [`Stop`] in its chain carries, else "we failed to look".
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Stop>().map_or(Exit::Partial, Stop::exit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_stop_keeps_its_code_through_context() {
        let stop: anyhow::Result<()> = Err(Stop::new(Exit::Integrity, "digest differs").into());
        assert_eq!(of(&stop.context("cannot load plugin").unwrap_err()), Exit::Integrity);
        assert_eq!(of(&anyhow::anyhow!("anything")), Exit::Partial);
    }

    #[test]
    fn a_stop_says_what_where_and_what_next() {
        let stop = Stop::usage("unknown key `thread`").at("inventar.yaml:3").hint("did you mean `threads`?");
        let text = "unknown key `thread`\n  in inventar.yaml:3\n  hint: did you mean `threads`?";
        assert_eq!(stop.to_string(), text);
    }
}
