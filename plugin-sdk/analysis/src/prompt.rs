//! Prompts: whether a text speaks to a model.

use inventar_plugin_sdk::Asset;

/// Words with blanks between them, and not markup or code.
pub fn is_prose(text: &str) -> bool {
    let text = text.trim();
    let words = text.split_whitespace().take(12).count();
    words >= 3
        && !text.starts_with("<!DOCTYPE")
        && !text.starts_with("<html")
        && !text.starts_with("SELECT ")
        && !text.starts_with("CREATE ")
        && text.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > text.len() / 2
}

/// How many marks of an instruction to a model a text has; that it says who the model is counts four.
pub fn instructs(text: &str) -> u8 {
    let head: String = text.trim_start().chars().take(4000).flat_map(char::to_lowercase).collect();
    let opening: &str = head.get(..head.len().min(300)).unwrap_or(&head);
    const OPENINGS: &[&str] = &[
        // With a blank behind: "you are about to delete" speaks to a person.
        "you are a ",
        "you are an ",
        "you are the ",
        "act as a ",
        "act as an ",
        "act as the",
        "your task is",
        "your goal is",
        "your job is",
        "your role is",
        "as an ai",
        "you're a ",
        "you are tasked",
        "you will be given",
        "you have been tasked",
        "i want you to",
        "you are going to",
        "you are {",
        "you are given",
    ];
    const CUES: &[&str] = &[
        "you must",
        "you should",
        "do not ",
        "don't ",
        "respond ",
        "your response",
        "your answer",
        "return only",
        "reply with",
        "json",
        "the user",
        "assistant",
        "given the following",
        "based on the",
        "the following",
        "make sure",
        "answer the",
        "step by step",
        "format",
        "output",
        "guidelines",
        "instructions",
        "example",
        "your task",
        "only ",
        "must ",
        "summar",
        "write a",
        "generate",
        "using the above",
        "you will",
        "you can",
        "you have",
        "provide ",
        "avoid ",
    ];
    let mut cues = CUES.iter().filter(|cue| head.contains(**cue)).count() as u8;
    if OPENINGS.iter().any(|cue| opening.contains(cue)) {
        cues += 4;
    }
    // A usage text and a licence also say what must be done.
    if head.contains("usage:") || head.contains("copyright") || head.contains("licensed under") {
        cues = cues.saturating_sub(4);
    }
    cues
}

/// The asset of a text: its role (`system`, `template`, `hub`), its length and a hash that tells one wording from another.
pub fn asset(key: String, name: &str, role: &'static str, text: &str) -> Asset {
    Asset::new(key, "prompt", name)
        .property("role", role)
        .property("characters", text.chars().count())
        .property("text-hash", format!("{:016x}", fnv(text)))
}

/// FNV-1a: tells one wording from another, and is no digest to rely on.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions() {
        assert!(instructs("You are a helpful assistant. Answer the question.") >= 4);
        assert!(instructs("Usage: tool [OPTIONS]. You must give a file.") < 2);
        assert_eq!(instructs("The quick brown fox"), 0);
        for question in [
            "You are about to close a month that has open entries. Type the month again to go on: ",
            "You are already signed in. Sign in as somebody else? [y/N] ",
            "You're about to lose a file.",
        ] {
            assert_eq!(instructs(question), 0, "{question}");
        }
    }

    #[test]
    fn prose() {
        assert!(is_prose("You output only a short title, nothing else."));
        assert!(!is_prose("application/json"));
        assert!(!is_prose("<html><body> a b c d </body>"));
    }
}
