//! PEP 723: what a script says of itself in a comment at its top.

use crate::dependency::Manifest;

/// Reads the `# /// script` block: TOML behind `# `, with `dependencies` as a project has them.
pub fn parse(text: &str) -> Manifest {
    const OPENS: &str = "# /// script";
    let Some(open) = text.match_indices(OPENS).map(|(at, _)| at).find(|at| {
        (*at == 0 || text.as_bytes()[at - 1] == b'\n') && text[at + OPENS.len()..].starts_with(['\n', '\r'])
    }) else {
        return Manifest::default();
    };
    // Everything but the block's TOML is blanked out, so that places stay places in the file.
    let mut inner: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }).collect();
    let first = text[open..].find('\n').map_or(text.len() - open, |end| end + 1);
    let mut at = open + first;
    for line in text[at..].split_inclusive('\n') {
        if line.trim_end() == "# ///" {
            break;
        }
        let Some(content) = line.strip_prefix('#') else { break };
        let from = at + 1;
        inner[from..from + content.len()].copy_from_slice(content.as_bytes());
        at += line.len();
    }
    let Ok(inner) = String::from_utf8(inner) else { return Manifest::default() };
    // `dependencies` at the top is what `[project]` holds in a project.
    let mut manifest = super::pyproject::parse_script(&inner);
    manifest.problems.clear();
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let text = "#!/usr/bin/env -S uv run\n# /// script\n# requires-python = \">=3.12\"\n# dependencies = [\n#   \"openai==1.2.3\",\n#   \"rich\",\n# ]\n# ///\nimport openai\n";
        let found = parse(text).dependencies;
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].name, "openai");
        assert_eq!(text[..found[0].at.start].matches('\n').count() + 1, 5);
        assert!(text[found[0].at.clone()].contains("openai"));
        assert!(parse("import openai\n").dependencies.is_empty());
        // A block that never ends is still read as far as it goes.
        assert_eq!(parse("# /// script\n# dependencies = [\"openai\"]\n").dependencies.len(), 1);
    }
}
