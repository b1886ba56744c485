//! One requirement as PEP 508 writes it: `openai[datalib]>=1.2; python_version > "3.8"`.

use crate::dependency::Requirement;

/// A name with what is asked of its version. The name is a prefix of the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    pub name: &'a str,
    pub requirement: Requirement,
}

/// Reads a requirement; none for what begins with no name: an option, a path, a URL.
pub fn parse(text: &str) -> Option<Parsed<'_>> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['-', '_', '.']);
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = text[end..].trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim_start();
    }
    let requirement = match rest.strip_prefix('@') {
        Some(url) => Requirement::Floating(url.split(" ;").next().unwrap_or(url).trim().to_owned()),
        None => {
            // Options of pip, markers and comments follow the version.
            let version = rest.split([';', '#', '\\']).next().unwrap_or_default();
            let version = version.split(" --").next().unwrap_or_default().trim();
            let version = version.trim_start_matches('(').trim_end_matches(')').trim();
            if !version.is_empty() && !version.starts_with(['=', '<', '>', '!', '~']) {
                return None;
            }
            version_of(version)
        }
    };
    Some(Parsed { name, requirement })
}

/// `==1.2.3` and `===1.2.3` are pins, everything else is a range.
pub fn version_of(specifier: &str) -> Requirement {
    let specifier = specifier.trim();
    if specifier.is_empty() || specifier == "*" {
        return Requirement::Any;
    }
    let pinned = specifier.trim_start_matches('=').trim();
    let equals = specifier.len() - specifier.trim_start_matches('=').len();
    if equals >= 2 && is_version(pinned) {
        return Requirement::Exact(pinned.to_owned());
    }
    Requirement::Range(specifier.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Poetry's and Pipenv's values: a bare version is a pin in Poetry, `^` and `~` are ranges.
pub fn poetry_version(text: &str) -> Requirement {
    let text = text.trim();
    if is_version(text) { Requirement::Exact(text.to_owned()) } else { version_of(text) }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'!' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let exact = |v: &str| Requirement::Exact(v.into());
        let range = |v: &str| Requirement::Range(v.into());
        for (text, name, requirement) in [
            ("openai", "openai", Requirement::Any),
            ("openai==1.2.3", "openai", exact("1.2.3")),
            ("openai == 1.2.3", "openai", exact("1.2.3")),
            ("openai===1.2.3", "openai", exact("1.2.3")),
            ("openai==1.*", "openai", range("==1.*")),
            ("openai>=1,<2", "openai", range(">=1,<2")),
            ("openai[datalib]~=1.2 ; python_version > '3.8'", "openai", range("~=1.2")),
            ("openai (>=1.0)", "openai", range(">=1.0")),
            ("openai==1.2.3 --hash=sha256:ab", "openai", exact("1.2.3")),
            ("openai==1.2.3 \\", "openai", exact("1.2.3")),
            ("torch==2.1.0+cu118", "torch", exact("2.1.0+cu118")),
            ("x==1!2.0", "x", exact("1!2.0")),
            (
                "mcp @ git+https://github.com/a/b@main",
                "mcp",
                Requirement::Floating("git+https://github.com/a/b@main".into()),
            ),
        ] {
            assert_eq!(parse(text), Some(Parsed { name, requirement }), "{text}");
        }
        for text in ["", "-e .", "./x", "git+https://github.com/a/b", "openai is great", "[openai]"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn poetry() {
        assert_eq!(poetry_version("1.2.3"), Requirement::Exact("1.2.3".into()));
        assert_eq!(poetry_version("^1.2"), Requirement::Range("^1.2".into()));
        assert_eq!(poetry_version("*"), Requirement::Any);
    }
}
