//! Jupyter's notebooks, cell by cell.

use crate::magic::{Body, Ending, Magics, body};
use crate::notebook::{Code, read};
use crate::{cell, foreign};
use inventar_analysis::place::usage_of;
use inventar_plugin_sdk::{Answer, Excerpt, File, GapReason, Lines};
use std::borrow::Cow;

/// Larger notebooks are data.
const MAX_BYTES: u64 = 24 << 20;

/// What a notebook says.
pub(crate) fn scan(file: &File) -> Answer {
    let mut answer = Answer::default();
    if file.size() > MAX_BYTES {
        let detail = format!("the notebook is larger than {} MiB; nothing of it was read", MAX_BYTES >> 20);
        answer.gap(&file.path, GapReason::TooLarge(file.size()), detail);
        return answer;
    }
    let bytes = match file.bytes() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(file.read(0, file.size() as usize)),
    };
    let text = as_text(bytes);
    let notebook = read(&text);
    if let Some(error) = &notebook.broken {
        let detail = format!("read up to where it stops being a notebook: {error}");
        answer.unparsable(&file.path, detail);
    }
    let mut sorted = Sorted::default();
    for code in &notebook.cells {
        sorted.cell(&text, code, &notebook.language);
    }
    let lines = Lines::of(text.as_bytes());
    drop(notebook);
    drop(text);
    sorted.answer(&file.path, &lines, answer)
}

/// The cells of a notebook by what reads them, each kind as one text.
#[derive(Debug, Default)]
struct Sorted {
    python: Excerpt,
    /// Python that ends inside of a string or of brackets: behind all other, it swallows nothing.
    unfinished: Excerpt,
    shell: Excerpt,
    requirements: Excerpt,
    r: Excerpt,
    julia: Excerpt,
    csharp: Excerpt,
}

impl Sorted {
    fn cell(&mut self, text: &str, code: &Code<'_>, language: &str) {
        let cell = cell::text_of(text, code.source);
        let language = code.language.as_deref().unwrap_or(language);
        let all = cell.text();
        let mut at = 0;
        // Magics may stand before magics: `%%time`, then `%%bash`.
        while let Some(line) = first_line(all, at)
            && let Some(body) = body(&all[line.clone()])
        {
            at = line.end;
            let target = match body {
                Body::Code => continue,
                Body::Shell | Body::Written(Ending::Shell) => &mut self.shell,
                Body::Written(Ending::Requirements) => &mut self.requirements,
                Body::Written(Ending::Python) => break,
                Body::Written(Ending::Other) | Body::Foreign => return,
            };
            target.push_part(&cell, at..all.len());
            target.push("\n", 0..0);
            return;
        }
        let target = match language {
            "" | "python" | "ipython" | "python3" => {
                self.python_cell(&cell, at);
                return;
            }
            "r" => &mut self.r,
            "julia" => &mut self.julia,
            "c#" | "csharp" => &mut self.csharp,
            _ => return,
        };
        target.push_part(&cell, at..all.len());
        target.push("\n", 0..0);
    }

    fn python_cell(&mut self, cell: &Excerpt, at: usize) {
        let text = cell.text();
        let target =
            if inventar_python::is_unfinished(&text[at..]) { &mut self.unfinished } else { &mut self.python };
        let mut from = at;
        for line in text[at..].split_inclusive('\n') {
            // IPython takes the names of its magics without `%`.
            if ["pip install ", "pip3 install ", "conda install ", "uv pip install ", "uv add "]
                .iter()
                .any(|install| line.starts_with(install))
            {
                target.push("!", cell.place(from..from));
            }
            target.push_part(cell, from..from + line.len());
            from += line.len();
        }
        // The next cell begins on a line of its own.
        let end = cell.place(text.len().saturating_sub(1)..text.len()).end;
        target.push("\n", end..end);
    }

    fn answer(mut self, path: &str, lines: &Lines, mut answer: Answer) -> Answer {
        let unfinished = std::mem::take(&mut self.unfinished);
        self.python.push_part(&unfinished, 0..unfinished.text().len());
        let usage = usage_of(path);
        if !self.python.text().trim().is_empty() {
            let file = File::of_excerpt(path, self.python, lines.clone());
            let (mut found, escapes) = inventar_python::scan_cells(&file);
            found.gaps.extend(std::mem::take(&mut answer.gaps));
            let mut magics = Magics { file: &file, usage, answer: found };
            let text = file.text().unwrap_or_default();
            for escape in escapes {
                if let Some(written) = text.get(escape.clone()) {
                    magics.escape(written, escape.start);
                }
            }
            answer = magics.answer;
        }
        let mut part = |excerpt: Excerpt, read: &dyn Fn(&mut Magics<'_>, &str)| {
            if excerpt.text().trim().is_empty() {
                return;
            }
            let file = File::of_excerpt(path, excerpt, lines.clone());
            let text = file.text().unwrap_or_default();
            let mut magics = Magics { file: &file, usage, answer: std::mem::take(&mut answer) };
            read(&mut magics, text);
            answer = magics.answer;
        };
        part(self.shell, &|magics, text| magics.shell(text, 0));
        part(self.requirements, &|magics, text| magics.requirements(text, 0));
        part(self.r, &foreign::r);
        part(self.julia, &foreign::julia);
        part(self.csharp, &foreign::csharp);
        answer
    }
}

/// The first line from `at` that is not blank.
fn first_line(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let mut from = at;
    for line in text[at..].split_inclusive('\n') {
        if !line.trim().is_empty() {
            return Some(from..from + line.len());
        }
        from += line.len();
    }
    None
}

/// UTF-8 without a byte-order mark's meaning; a byte that is none becomes `?`, so that places stay what they are.
fn as_text(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    let mark = bytes.starts_with(b"\xef\xbb\xbf");
    if !mark {
        match bytes {
            Cow::Borrowed(bytes) => {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    return Cow::Borrowed(text);
                }
                return Cow::Owned(mend(bytes));
            }
            Cow::Owned(bytes) => {
                return Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| mend(error.as_bytes())));
            }
        }
    }
    // JSON has no byte-order mark, but blanks.
    let mut bytes = bytes.into_owned();
    bytes[..3].fill(b' ');
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| mend(error.as_bytes())))
}

fn mend(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}
