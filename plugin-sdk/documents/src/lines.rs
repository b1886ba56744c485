//! Files of `NAME=value` lines: environment files, Java properties, INI.

use std::ops::Range;

/// One line that gives a name a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'t> {
    /// The `[section]` it stands in; empty before the first.
    pub section: &'t str,
    /// The name.
    pub name: &'t str,
    /// Where the name stands.
    pub at: Range<usize>,
    /// The value without quotes; empty when none is given.
    pub value: &'t str,
    /// Where the value stands.
    pub value_at: Range<usize>,
    /// Whether the line is commented out: it shows what one may set.
    pub is_comment: bool,
}

impl<'t> Line<'t> {
    /// The name without the profile that Quarkus writes before it: `%prod.quarkus.…`.
    pub fn bare_name(&self) -> &'t str {
        match self.name.strip_prefix('%') {
            Some(name) => name.split_once('.').map_or(name, |(_, name)| name),
            None => self.name,
        }
    }
}

/// Reads every line that assigns: `NAME=value`, `export NAME="value"`, `name: value`, `# NAME=value`. What a value
/// continues on further lines is left out.
pub fn read(text: &str) -> Vec<Line<'_>> {
    let mut found = vec![];
    let mut section = "";
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
            continue;
        }
        if let Some(line) = one(text, from, line, section) {
            found.push(line);
        }
    }
    found
}

fn one<'t>(text: &'t str, from: usize, line: &'t str, section: &'t str) -> Option<Line<'t>> {
    let content = line.trim_start();
    let bare = content.trim_start_matches(['#', ';', '!']).trim_start();
    let is_comment = content.len() != content.trim_start_matches(['#', ';', '!']).len();
    let bare = bare.strip_prefix("export ").unwrap_or(bare).trim_start();
    let separator = bare.find(['=', ':'])?;
    let name = bare[..separator].trim_end().trim_end_matches(['?', '+']);
    // A sentence in a comment may have a colon, and a URL does.
    let is_name = !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-[]%".contains(&byte))
        && !(is_comment && bare.as_bytes().get(separator) == Some(&b':'));
    if !is_name {
        return None;
    }
    let name_from = from + (line.len() - bare.len());
    let value = bare[separator + 1..].trim_start_matches('=').trim();
    let quoted = ['"', '\'', '`'].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?;
        Some(&inner[..inner.find(quote)?])
    });
    let value = match quoted {
        Some(inner) => inner,
        // A comment behind a value has a blank before it.
        None => value.find(" #").map_or(value, |end| value[..end].trim_end()),
    };
    let value_from = value.as_ptr() as usize - text.as_ptr() as usize;
    Some(Line {
        section,
        name,
        at: name_from..name_from + name.len(),
        value,
        value_at: value_from..value_from + value.len(),
        is_comment,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(&str, &str, bool)]) {
        let lines = read(text);
        let found: Vec<_> = lines.iter().map(|line| (line.name, line.value, line.is_comment)).collect();
        assert_eq!(found, expected, "{text:?}");
        for line in lines {
            assert_eq!(&text[line.at.clone()], line.name);
            assert_eq!(&text[line.value_at.clone()], line.value);
        }
    }

    #[test]
    fn assignments() {
        check("A=1\n", &[("A", "1", false)]);
        check("export A=\"x y\" # why\r\n", &[("A", "x y", false)]);
        check("A=b # why\nC=d#e\n", &[("A", "b", false), ("C", "d#e", false)]);
        check("# A=b\n#C = 'd'\n", &[("A", "b", true), ("C", "d", true)]);
        check("a.b-c[0]: d\n", &[("a.b-c[0]", "d", false)]);
        check("# See https://x.y: there\n# Note: z\nplain\n", &[]);
        check("%prod.a.b=c\n", &[("%prod.a.b", "c", false)]);
        check("[s]\nk = v\n", &[("k", "v", false)]);
        check("A=\nÄ=1\n", &[("A", "", false)]);
        assert_eq!(read("[s]\nk=v")[0].section, "s");
    }

    proptest! {
        #[test]
        fn places_are_of_the_text(text in "[A-Z=:#\"' \\n\\[\\]äx]{0,60}") {
            for line in read(&text) {
                prop_assert_eq!(&text[line.at.clone()], line.name);
                prop_assert_eq!(&text[line.value_at.clone()], line.value);
            }
        }
    }
}
