//! Values taken apart: what they take from variables, and what they are without.

use inventar_analysis::words::has_any;

/// A value as written, without what is filled in later.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'t> {
    /// The text: the value itself, or the default of the one variable it consists of. None: known only at run time.
    pub(crate) text: Option<&'t str>,
    /// The variables it takes its text from.
    pub(crate) variables: Vec<&'t str>,
}

/// `${X:-default}` and Spring's `${X:default}`, `$X`, `${{ secrets.X }}`, `os.environ/X`, `{env:X}`, `%X%`.
pub(crate) fn parts(text: &str) -> Parts<'_> {
    let text = text.trim();
    let elsewhere = ["os.environ/", "env:"].iter().find_map(|front| text.strip_prefix(front));
    if let Some(name) = elsewhere.filter(|name| is_variable(name)) {
        return Parts { text: None, variables: vec![name] };
    }
    let mut variables = vec![];
    let mut rest = text;
    let mut only_default = None;
    // Of a flood of references the first ones say enough.
    while let Some(at) = rest.find(['$', '{', '%']).filter(|_| variables.len() < 16) {
        let tail = &rest[at..];
        let (name, default, used) = reference(tail);
        if let Some(name) = name.filter(|name| is_variable(name)) {
            if !variables.contains(&name) {
                variables.push(name);
            }
            if used == text.len() {
                only_default = default;
            }
        }
        rest = &tail[used..];
    }
    let whole = match (variables.is_empty(), only_default) {
        (true, _) if has_any(text, &["${", "{{"]) => None,
        (true, _) => Some(text),
        (false, Some(default)) => Some(default.trim_matches(['"', '\''])),
        (false, None) => None,
    };
    Parts { text: whole.filter(|text| !text.is_empty()), variables }
}

/// Name, default and bytes of the reference a text begins with.
fn reference(text: &str) -> (Option<&str>, Option<&str>, usize) {
    let enclosed = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        let end = inner.get(..inner.len().min(400)).unwrap_or(inner).find(close)?;
        Some((&inner[..end], open.len() + end + close.len()))
    };
    if let Some((inner, used)) = enclosed("${{", "}}") {
        let inner = inner.trim();
        let found = ["secrets.", "env.", "vars."].iter().find_map(|front| inner.strip_prefix(front));
        let name = found.map(|name| name.split([' ', '|']).next().unwrap_or(name));
        return (name, inner.split_once("||").map(|(_, default)| default.trim()), used);
    }
    if let Some((inner, used)) = enclosed("${", "}") {
        let inner = inner.strip_prefix("env:").or_else(|| inner.strip_prefix("env.")).unwrap_or(inner);
        let name = inner.split([':', '-', '=', '?']).next().unwrap_or_default();
        let behind = &inner[name.len()..];
        let default = [":-", ":=", ":", "-", "="].iter().find_map(|sign| behind.strip_prefix(sign));
        return (Some(name), default.filter(|default| !default.starts_with('?')), used);
    }
    for (open, close) in [("{env:", "}"), ("{{env \"", "\"}}"), ("%", "%")] {
        if let Some((inner, used)) = enclosed(open, close)
            && is_variable(inner)
        {
            return (Some(inner), None, used);
        }
    }
    if let Some(inner) = text.strip_prefix('$') {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        return (Some(&inner[..end]), None, 1 + end);
    }
    (None, None, text.chars().next().map_or(1, char::len_utf8))
}

/// An image or id whose variables are replaced by their defaults; none: nothing is left.
pub(crate) fn default_of(text: &str) -> Option<String> {
    if !text.contains('$') {
        return Some(text.trim().to_owned());
    }
    let mut out = String::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let (_, default, used) = reference(&rest[at..]);
        out.push_str(default.unwrap_or_default());
        rest = &rest[at + used..];
    }
    out.push_str(rest);
    let out = out.trim_end_matches([':', '@']).trim_start_matches('/');
    (out.len() > 2).then(|| out.to_owned())
}

/// Whether a text can be a variable's name.
pub(crate) fn is_variable(name: &str) -> bool {
    (2..=128).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A longer name is told by its beginning.
const MAX_NAME_BYTES: usize = 80;

/// `deploymentName`, `Deployment-Name` → `deployment_name`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    let name = &name[..name.floor_char_boundary(MAX_NAME_BYTES)];
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return name.to_owned();
    }
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            out.push('_');
        }
        out.push(if c == '-' || c == '.' || c == ' ' { '_' } else { c.to_ascii_lowercase() });
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, whole: Option<&str>, variables: &[&str]) {
        assert_eq!(parts(text), Parts { text: whole, variables: variables.to_vec() }, "{text}");
    }

    #[test]
    fn values() {
        check("gpt-4o", Some("gpt-4o"), &[]);
        check("${MODEL:-gpt-4o}", Some("gpt-4o"), &["MODEL"]);
        check("${MODEL:gpt-4o}", Some("gpt-4o"), &["MODEL"]);
        check("${URL:http://localhost:11434}", Some("http://localhost:11434"), &["URL"]);
        check("${MODEL=gpt-4o}", Some("gpt-4o"), &["MODEL"]);
        check("${KEY}", None, &["KEY"]);
        check("$KEY", None, &["KEY"]);
        check("${{ secrets.OPENAI_API_KEY }}", None, &["OPENAI_API_KEY"]);
        check("os.environ/KEY", None, &["KEY"]);
        check("https://${HOST}/v1", None, &["HOST"]);
        check("Bearer ${AA}${BB}", None, &["AA", "BB"]);
        check("${KEY:?required}", None, &["KEY"]);
        check("100% of it", Some("100% of it"), &[]);
        check("{{ .Values.x }}", None, &[]);
        check("", None, &[]);
    }

    #[test]
    fn images() {
        assert_eq!(default_of("a/b:1").as_deref(), Some("a/b:1"));
        assert_eq!(default_of("a/b:${TAG:-2}").as_deref(), Some("a/b:2"));
        assert_eq!(default_of("${REGISTRY}/a/b:${TAG}").as_deref(), Some("a/b"));
        assert_eq!(default_of("${IMAGE}"), None);
    }

    #[test]
    fn names() {
        assert_eq!(snake("deploymentName"), "deployment_name");
        assert_eq!(snake("OPENAI_MODEL"), "openai_model");
        assert_eq!(snake("base-url"), "base_url");
        assert_eq!(snake("ModelId"), "model_id");
    }

    proptest! {
        #[test]
        fn anything(text in "[${}%:A-Z\\-é/ |.]{0,60}") {
            let _ = parts(&text);
        }
    }
}
