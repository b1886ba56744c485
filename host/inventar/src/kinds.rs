//! What people type for a kind of asset.

use crate::config::suggest;
use crate::exit::Stop;
use inventar_model::{AssetKind, KINDS};

/// Short words for several kinds at once, or for a long one; an `s` less is understood too.
const ALIASES: &[(&str, &[&str])] = &[
    ("models", &["model-reference", "model-artifact", "model-version", "model-family"]),
    ("model-files", &["model-artifact"]),
    ("weights", &["model-artifact"]),
    ("libraries", &["sdk", "framework", "package", "runtime"]),
    ("library", &["sdk", "framework", "package", "runtime"]),
    ("dependencies", &["sdk", "framework", "package", "runtime"]),
    ("mcp", &["mcp-server", "mcp-client", "mcp-prompt", "mcp-resource"]),
    ("secrets", &["secret-reference", "api-key"]),
    ("keys", &["secret-reference", "api-key"]),
];

/// The kinds that a word stands for; none: all of them.
pub(crate) fn parse(word: &str) -> Result<Option<Vec<AssetKind>>, Stop> {
    let plain = word.to_lowercase().replace([' ', '_'], "-");
    if plain == "all" || plain == "assets" {
        return Ok(None);
    }
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    for (alias, kinds) in ALIASES {
        if *alias == plain || singular_of(alias) == plain {
            return Ok(Some(kinds.iter().filter_map(|kind| AssetKind::new(*kind).ok()).collect()));
        }
    }
    let known = KINDS.iter().find(|kind| {
        [kind.id, singular_of(kind.id)].contains(&plain.as_str())
            || kind.id == singular
            || kind.plural.to_lowercase().replace(' ', "-") == plain
            || kind.label.to_lowercase().replace(' ', "-") == plain
    });
    if let Some(kind) = known {
        return Ok(AssetKind::new(kind.id).ok().map(|kind| vec![kind]));
    }
    match AssetKind::new(plain) {
        Ok(vendor) => Ok(Some(vec![vendor])),
        Err(_) => {
            let words = || {
                KINDS.iter().map(|kind| kind.id).chain(ALIASES.iter().map(|(alias, _)| *alias)).chain(["all"])
            };
            let hint = match suggest(word, words()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => "`inventar get all` shows every kind there is".to_owned(),
            };
            Err(Stop::usage(format!("`{word}` is no kind of asset")).hint(hint))
        }
    }
}

fn singular_of(id: &str) -> &str {
    id.strip_suffix('s').unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let kinds = match parse(word) {
            Ok(None) => "all".into(),
            Ok(Some(kinds)) => kinds.iter().map(AssetKind::as_str).collect::<Vec<_>>().join(" "),
            Err(stop) => stop.to_string(),
        };
        assert_eq!(kinds, expected, "{word}");
    }

    #[test]
    fn words() {
        check("all", "all");
        check("sdk", "sdk");
        check("SDKs", "sdk");
        check("models", "model-reference model-artifact model-version model-family");
        check("model-references", "model-reference");
        check("mcp servers", "mcp-server");
        check("identities", "identity");
        check("repositories", "repository");
        check("endpoints", "endpoint");
        check("model-files", "model-artifact");
        check("libraries", "sdk framework package runtime");
        check("secrets", "secret-reference api-key");
        check("x-acme.flow", "x-acme.flow");
        check("modles", "`modles` is no kind of asset\n  hint: did you mean `models`?");
        check("zzz", "`zzz` is no kind of asset\n  hint: `inventar get all` shows every kind there is");
    }

    #[test]
    fn every_kind_is_understood_by_its_id_and_its_plural() {
        for kind in KINDS {
            for word in [kind.id, kind.plural] {
                let kinds = parse(word).unwrap().unwrap();
                assert!(kinds.iter().any(|parsed| parsed.as_str() == kind.id), "{word}");
            }
        }
    }
}
