//! Tokens that are recognised by their shape alone.

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

static TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?P<keep>sk-ant-|sk-proj-|sk-|hf_|AIza|AKIA|ghp_|github_pat_|glpat-|xox[abpr]-)[A-Za-z0-9_-]{16,}").ok()
});

pub(super) fn redact(text: &str) -> Cow<'_, str> {
    match &*TOKENS {
        Some(tokens) => tokens.replace_all(text, "${keep}…[redacted]"),
        None => Cow::Borrowed(text),
    }
}
