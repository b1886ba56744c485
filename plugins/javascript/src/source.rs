//! Bytes to text that can be parsed, with every offset kept.
//!
//! Three things are mended before the parser sees a file: bytes that are not UTF-8 (each becomes one `?`), everything
//! that is not script in a Vue, Svelte or Astro component (it becomes blank), and nesting so deep that the stack of the
//! sandbox would end before it (the statement becomes blank, see [`crate::nesting`]).

use crate::nesting;
use inventar_plugin_sdk::File;
use std::borrow::Cow;

/// What a file is written in, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    TypeScript,
    /// TypeScript with JSX; also what scripts of components are read as.
    Tsx,
}

impl Language {
    pub(crate) fn of_path(path: &str) -> Self {
        match path.rsplit('.').next().unwrap_or_default() {
            "ts" | "mts" | "cts" | "vue" | "svelte" | "astro" => Self::TypeScript,
            "tsx" => Self::Tsx,
            _ => Self::JavaScript,
        }
    }
}

/// The text of a file, ready to be parsed.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Offsets into it are offsets into [`File::text`].
    pub(crate) text: Cow<'a, str>,
    /// Something was nested too deep and is blank in `text`.
    pub(crate) cut: bool,
}

/// Why a file is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotRead(pub(crate) &'static str);

/// The text of a file that came whole.
pub(crate) fn read(file: &File) -> Result<Source<'_>, NotRead> {
    let bytes = file.bytes().unwrap_or_default();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(NotRead("UTF-16 text"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let nuls = bytes.iter().filter(|byte| **byte == 0).count();
    if nuls * 20 > bytes.len() {
        return Err(NotRead("binary content"));
    }
    if is_minified(bytes) {
        return Err(NotRead("minified code"));
    }
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) if nuls == 0 => Cow::Borrowed(text),
        _ => Cow::Owned(mend(bytes)),
    };
    let end = file.path.rsplit('.').next().unwrap_or_default();
    if matches!(end, "vue" | "svelte" | "astro") {
        text = Cow::Owned(scripts(&text, end == "astro"));
    }
    Ok(match nesting::tame(&text) {
        Some(tamed) => Source { text: Cow::Owned(tamed), cut: true },
        None => Source { text, cut: false },
    })
}

/// Whether a file is somebody else's, copied in, or says only types.
pub(crate) fn is_vendored(path: &str) -> bool {
    path.split('/').any(|folder| {
        matches!(
            folder,
            "node_modules"
                | "vendor"
                | "vendors"
                | "third_party"
                | "third-party"
                | ".yarn"
                | "bower_components"
        )
    }) || path.ends_with(".min.js")
        || path.ends_with(".d.ts")
        || path.ends_with(".d.mts")
        || path.ends_with(".d.cts")
}

/// What a bundler wrote: more than 20 KiB on lines of more than 1,000 bytes on average, texts and data left out.
fn is_minified(bytes: &[u8]) -> bool {
    const LONG: usize = 5_000;
    if bytes.len() < 20 * 1024 {
        return false;
    }
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    if bytes.len() / lines < 300 {
        return false;
    }
    // A line of data or prose is long too; code without blanks around its operators is what a bundler writes.
    let dense = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| line.len() > LONG)
        .filter(|line| {
            let marks = line.iter().filter(|byte| matches!(byte, b'(' | b';' | b'{' | b'=')).count();
            marks * 25 > line.len()
        })
        .map(<[u8]>::len)
        .sum::<usize>();
    dense * 2 > bytes.len()
}

/// UTF-8 of the same length: a byte that is not part of a character becomes `?`, a NUL a blank.
fn mend(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if c == '\0' { ' ' } else { c }));
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// Blanks for every byte of a range that is not the end of a line.
pub(crate) fn blank(out: &mut [u8], from: usize, to: usize) {
    let to = to.min(out.len());
    for byte in &mut out[from.min(to)..to] {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// A component with everything blank that is not script: the contents of `<script>`, and Astro's front matter.
fn scripts(text: &str, front_matter: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut kept = 0;
    let mut keep = |out: &mut Vec<u8>, from: usize, to: usize| {
        blank(out, kept, from);
        kept = to;
    };
    let mut at = 0;
    if front_matter && text.trim_start().starts_with("---") {
        let open = text.find("---").unwrap_or_default() + 3;
        if let Some(close) = text[open..].find("\n---") {
            keep(&mut out, open, open + close + 1);
            at = open + close + 4;
        }
    }
    while let Some(tag) = find_tag(bytes, at, b"<script") {
        let Some(open) = tag_end(bytes, tag) else { break };
        if bytes[open - 1..].starts_with(b">") && bytes[open.saturating_sub(2)] == b'/' {
            at = open;
            continue;
        }
        let Some(close) = find_tag(bytes, open, b"</script") else {
            keep(&mut out, open, bytes.len());
            break;
        };
        let attributes = &bytes[tag..open];
        // Templates and data in script tags are no scripts.
        let foreign = ["text/template", "text/x-", "application/ld+json", "application/json"]
            .iter()
            .any(|kind| String::from_utf8_lossy(attributes).contains(kind));
        if !foreign {
            keep(&mut out, open, close);
        }
        at = close + 8;
    }
    let end = out.len();
    keep(&mut out, end, end);
    String::from_utf8(out).unwrap_or_else(|error| mend(error.as_bytes()))
}

fn find_tag(bytes: &[u8], from: usize, tag: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(tag.len() + 1)
        .position(|window| {
            window[..tag.len()].eq_ignore_ascii_case(tag) && !window[tag.len()].is_ascii_alphanumeric()
        })
        .map(|at| from + at)
}

/// The byte after the `>` of an opening tag; quotes may hold one.
fn tag_end(bytes: &[u8], tag: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(tag) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(path: &str, bytes: &[u8]) -> Result<(String, bool), NotRead> {
        let file = File::of(path, bytes.to_vec());
        read(&file).map(|source| (source.text.into_owned(), source.cut))
    }

    #[test]
    fn encodings_keep_their_offsets() {
        for (bytes, text) in [
            (&b"x = 'caf\xe9'"[..], "x = 'caf?'"),
            (b"\xef\xbb\xbfx = 1", "x = 1"),
            ("x = 'é'".as_bytes(), "x = 'é'"),
            (b"x = 'a\0b' // one NUL in a long line", "x = 'a b' // one NUL in a long line"),
        ] {
            assert_eq!(read_text("a.js", bytes), Ok((text.to_owned(), false)));
        }
        assert!(read_text("a.js", b"\xff\xfex\0=\0").is_err());
        assert!(read_text("a.js", &[0; 64]).is_err());
    }

    #[test]
    fn scripts_of_components() {
        for (path, text, kept) in [
            ("a.vue", "<template>é</template>\n<script setup lang=\"ts\">\nlet a\n</script>\n", "let a"),
            (
                "a.svelte",
                "<script context='module'>let a</script><p>x</p><SCRIPT>let b</SCRIPT>",
                "let a let b",
            ),
            ("a.astro", "---\nconst a = 1\n---\n<p>{a}</p><script>let b</script>", "const a = 1 let b"),
            ("a.vue", "<script src='x' /><script>let a", "let a"),
            ("a.vue", "<script type=\"application/ld+json\">{\"a\": 1}</script>", ""),
            ("a.vue", "no script", ""),
        ] {
            let (read, _) = read_text(path, text.as_bytes()).unwrap();
            assert_eq!(read.len(), text.len());
            assert_eq!(read.split_whitespace().collect::<Vec<_>>().join(" "), kept, "{text}");
        }
    }

    #[test]
    fn bundles_are_told_from_data_and_prose() {
        let bundle = "var a=1;function b(c){return c?d(e):f};".repeat(1_000);
        assert_eq!(read_text("a.js", bundle.as_bytes()), Err(NotRead("minified code")));
        let code = "const a = 1;\nfunction b(c) {\n  return c ? d(e) : f;\n}\n".repeat(1_000);
        let prose = format!("const a = '{}';", "many words of prose in a row ".repeat(2_000));
        assert!(read_text("a.js", code.as_bytes()).is_ok());
        assert!(read_text("a.js", prose.as_bytes()).is_ok());
    }
}
