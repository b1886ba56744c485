//! What IPython understands beside Python: `%magic`, `!command`, `x = !command`, `?help`, `help?`.
//!
//! A scan over bytes that knows strings, comments and brackets finds them; what is parsed then is Python alone.

use crate::source::{memchr, string_end};
use std::ops::Range;

/// The escapes of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Escapes {
    /// Commands and magics, to the ends of their lines.
    pub(crate) commands: Vec<Range<usize>>,
    /// The question marks behind a name.
    marks: Vec<usize>,
    /// The text ends inside of a triple-quoted string or of brackets.
    pub(crate) unfinished: bool,
}

impl Escapes {
    /// Finds them.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut escapes = Self::default();
        let (mut at, mut depth, mut line_start) = (0, 0_usize, true);
        while at < bytes.len() {
            let byte = bytes[at];
            let mut end = at + 1;
            let starts_line = line_start;
            line_start &= matches!(byte, b' ' | b'\t');
            match byte {
                b'%' | b'!' | b'?' | b',' | b';' | b'/' if starts_line && depth == 0 => {
                    end = command_end(bytes, at);
                    escapes.commands.push(at..end);
                }
                b'\\' => end = (at + 2).min(bytes.len()),
                b'\n' => line_start = true,
                b'#' => end = memchr(b'\n', bytes, at),
                b'"' | b'\'' => {
                    end = string_end(bytes, at);
                    let quotes = [byte; 3];
                    if bytes[at..].starts_with(&quotes) && (end < at + 6 || !bytes[..end].ends_with(&quotes))
                    {
                        escapes.unfinished = true;
                    }
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b'=' if depth == 0 && !bytes[..at].ends_with(b"=") => {
                    let next = at + 1 + bytes[at + 1..].iter().take_while(|byte| **byte == b' ').count();
                    if matches!(bytes.get(next), Some(b'!' | b'%')) {
                        end = command_end(bytes, next);
                        escapes.commands.push(next..end);
                    }
                }
                b'?' => escapes.marks.push(at),
                _ => {}
            }
            at = end;
        }
        escapes.unfinished |= depth > 0;
        escapes
    }

    /// The text with Python only, every byte where it was. A command is a statement, and becomes `0`.
    pub(crate) fn without(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for command in &self.commands {
            for byte in &mut bytes[command.clone()] {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
            bytes[command.start] = b'0';
        }
        for mark in &self.marks {
            bytes[*mark] = b' ';
        }
        // Whole lines and single ASCII characters were replaced.
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// The end of the line, and of those it goes on in.
fn command_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        end = memchr(b'\n', bytes, end);
        let line = bytes[at..end].strip_suffix(b"\r").unwrap_or(&bytes[at..end]);
        if end >= bytes.len() || !line.ends_with(b"\\") {
            return end;
        }
        end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, commands: &[&str], python: &str) {
        let escapes = Escapes::of(text);
        let seen: Vec<&str> = escapes.commands.iter().map(|at| &text[at.clone()]).collect();
        assert_eq!(seen, commands, "{text}");
        let without = escapes.without(text);
        assert_eq!(without.len(), text.len());
        let lines: Vec<&str> = without.lines().map(str::trim_end).collect();
        assert_eq!(lines.join("\n"), python, "{text}");
    }

    #[test]
    fn commands() {
        check("!ls é\nx = 1", &["!ls é"], "0\nx = 1");
        check("if a:\n    %pip install b\n", &["%pip install b"], "if a:\n    0");
        check("!pip install \\\n  a\nb", &["!pip install \\\n  a"], "0\n\nb");
        check("x = !ls\ny = %sql select 1", &["!ls", "%sql select 1"], "x = 0\ny = 0");
        check("x?\n?x\nx.y??", &["?x"], "x\n0\nx.y");
        check("!echo (\nimport a", &["!echo ("], "0\nimport a");
    }

    #[test]
    fn python_stays() {
        for text in [
            "x = a % b\ny = a != b\nz = f(a,\n  % b)",
            "'''\n!ls\n'''",
            "# %pip install x\nx == 'a?'",
            "f(a=\n%b)",
            "x = 10 \\\n  / 3",
        ] {
            assert_eq!(Escapes::of(text).without(text), text);
        }
    }

    #[test]
    fn unfinished_texts() {
        for text in ["x = (1,\n", "f(\"\"\"a", "x = '''''", "{'a': [1]", ")("] {
            assert!(Escapes::of(text).unfinished, "{text}");
        }
        for text in ["x = (1,\n)", "\"\"\"a(\"\"\"", "x = ''''''", "# (\n", "it's (\n)", "!echo (\n%x '''\n"]
        {
            assert!(!Escapes::of(text).unfinished, "{text}");
        }
    }
}
