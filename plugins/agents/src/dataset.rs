//! Files that a model learns from, known by how they begin: records of an instruction and its answer, conversations.

use crate::look::Look;

/// How much of a file is looked at; data is large.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// A few records are an example.
const LEAST_RECORDS: usize = 5;

/// Whether a text is a file of such records, which is then reported.
pub(crate) fn read(look: &mut Look<'_>, text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let name = look.path().rsplit('/').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let is_dataset = if lower.ends_with(".jsonl") {
        instructs(head) || converses(head)
    } else {
        lower.ends_with(".json") && head.trim_start().starts_with('[') && instructs(head)
    };
    if is_dataset {
        let start = text.len() - text.trim_start().len();
        look.other("dataset", name, &(start..start + 1), "training-records");
    }
    is_dataset
}

/// `{"instruction": …, "output": …}`, one after another.
fn instructs(head: &str) -> bool {
    let keys = |name: &str| head.matches(&format!("\"{name}\":")).count();
    let instructions = keys("instruction");
    let answers = ["output", "response", "completion"].into_iter().map(keys).max().unwrap_or_default();
    // Of a tool or a step that has an instruction something else would be said, too.
    let others = ["name", "model", "role", "tools", "agent"].into_iter().map(keys).max().unwrap_or_default();
    instructions >= LEAST_RECORDS && (answers + 1) * 10 >= instructions * 9 && others * 2 <= instructions
}

/// `{"messages": [… {"role": "assistant", …}]}`, one in each line.
fn converses(head: &str) -> bool {
    // The last line may be cut.
    let whole = head.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let (mut lines, mut conversations) = (0, 0);
    for line in whole.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        let is_record = ["{\"messages\":", "{\"conversations\":"].iter().any(|begin| line.starts_with(begin));
        conversations +=
            usize::from(is_record && ["\"assistant\"", "\"gpt\""].iter().any(|who| line.contains(who)));
    }
    conversations >= LEAST_RECORDS && conversations == lines
}
