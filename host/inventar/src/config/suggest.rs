//! "Did you mean …?"

/// The known word that `given` most likely meant.
pub(crate) fn suggest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let given = plain(given);
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&given, &plain(word)), word))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// A hint for an unknown word: the likely one, else all of them.
pub(crate) fn hint<'a>(given: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match suggest(given, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known are: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: Option<&str>) {
        assert_eq!(
            suggest(given, ["threads", "data", "no-ignore", "sources", "plugins"]),
            expected,
            "{given}"
        );
    }

    #[test]
    fn suggestions() {
        check("thread", Some("threads"));
        check("no_ignore", Some("no-ignore"));
        check("Sources", Some("sources"));
        check("pluings", Some("plugins"));
        check("colour", None);
        check("", None);
    }
}
