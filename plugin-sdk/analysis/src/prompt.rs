//! Prompts: whether a text speaks to a model.

use crate::words::{begins_with, has_any};
use inventar_plugin_sdk::Asset;

/// What comes later in a text says no more of what it is.
const MAX_HEAD_BYTES: usize = 4000;

/// Where a text says who the model is.
const OPENING: usize = 300;

/// How much of a text is looked at to tell prose from markup and code.
const PROSE_HEAD: usize = 4_000;

/// Words of any script, and not markup or code.
pub fn is_prose(text: &str) -> bool {
    let text = text.trim();
    if ["<!DOCTYPE", "<html", "SELECT ", "CREATE "].iter().any(|start| text.starts_with(start)) {
        return false;
    }
    let (mut all, mut letters, mut unspaced) = (0, 0, 0);
    for char in text.chars().take(PROSE_HEAD) {
        all += 1;
        letters += usize::from(char.is_alphabetic());
        unspaced += usize::from(is_unspaced(char));
    }
    // Two characters of a script that is written without blanks make about one word.
    let words = text.split_whitespace().take(3).count() + unspaced / 2;
    words >= 3 && letters * 4 > all
}

/// Kana and Han, between whose words no blanks stand.
fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// What says who a model is, in lower case.
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
    // As the makers of Vicuna began it, and many after them.
    "a chat between a",
    "an artificial intelligence assistant",
    "a conversation between a",
    // The same in other languages: Spanish, Portuguese, French, German, Italian, Russian, Chinese, Japanese, Korean.
    "eres un ",
    "eres una ",
    "você é um ",
    "você é uma ",
    "tu es un ",
    "tu es une ",
    "vous êtes un ",
    "vous êtes une ",
    "du bist ein ",
    "du bist eine ",
    "sie sind ein ",
    "sie sind eine ",
    "sei un ",
    "sei una ",
    "ты — ",
    "вы — ",
    "你是一",
    "你是个",
    "你的任务",
    "我想让你",
    "我要你充当",
    "我希望你充当",
    "我希望你担任",
    "请你扮演",
    "请扮演",
    "请你作为",
    "请您作为",
    "あなたは",
    "당신은",
    // That it is to act as somebody.
    "quiero que actúes como",
    "quero que você atue como",
    "je veux que tu agisses",
    "ich möchte, dass du als",
    "voglio che tu agisca",
    "хочу, чтобы ты ",
];

/// Whether a text begins by saying who the model is, or what it is there for.
pub fn says_who(text: &str) -> bool {
    let text = text.trim_start();
    opens(&text[..text.floor_char_boundary(OPENING)].to_lowercase())
}

/// Whether a text in lower case does.
fn opens(text: &str) -> bool {
    let text = &text[..text.floor_char_boundary(OPENING)];
    // A page tells people what to do "if you are a developer".
    let is_condition = |before: &str| {
        ["if ", "when ", "whether ", "because ", "that "].iter().any(|word| before.ends_with(word))
    };
    let says = |begin: &&str| text.match_indices(*begin).any(|(at, _)| !is_condition(&text[..at]));
    has_any(text, OPENINGS) && OPENINGS.iter().any(says) || says_what(text)
}

/// Whether a text in lower case begins by what the model is or does, without an article: `You are Ada, an agent`, `You are
/// reviewing …`, `You are programming assistant`.
fn says_what(text: &str) -> bool {
    /// What a program tells people that they do or are.
    const PEOPLE: &[&str] = &[
        "about",
        "all",
        "already",
        "currently",
        "here",
        "in",
        "invited",
        "logged",
        "no",
        "not",
        "now",
        "on",
        "signed",
        "still",
        "using",
        "viewing",
    ];
    const DOES: &[&str] = &[
        "acting",
        "analysing",
        "analyzing",
        "answering",
        "assessing",
        "assisting",
        "classifying",
        "comparing",
        "creating",
        "designing",
        "evaluating",
        "extracting",
        "generating",
        "grading",
        "helping",
        "judging",
        "playing",
        "reviewing",
        "simulating",
        "summarising",
        "summarizing",
        "translating",
        "writing",
    ];
    const ROLES: &[&str] = &["agent", "ai", "analyst", "assistant", "bot", "chatbot", "engineer", "expert"];
    let Some(rest) = text.strip_prefix("you are ") else { return false };
    let sentence = rest.split(['.', '\n', '!', ':', '(']).next().unwrap_or_default();
    let mut words = sentence.split_whitespace();
    let first = words.next().unwrap_or_default();
    if PEOPLE.contains(&first) {
        return false;
    }
    let named = [", ", " — ", " - "].iter().find_map(|comma| sentence.split_once(comma));
    let is_named = named.is_some_and(|(name, behind)| {
        name.split_whitespace().count() <= 3
            && ["a ", "an ", "the ", "ai "].iter().any(|article| behind.starts_with(article))
    });
    let is_role = || words.clone().count() < 8 && words.last().is_some_and(|last| ROLES.contains(&last));
    DOES.contains(&first) || is_named || is_role()
}

/// The key of a prompt, by the byte of its file that it begins at.
pub fn key(start: u32) -> String {
    format!("prompt:{start}")
}

/// Whether a text asks somebody at a screen: a line that ends in a question or waits for an answer.
pub fn asks(text: &str) -> bool {
    let end = text.trim_end();
    let is_choice = || ["[y/n]", "(y/n)"].iter().any(|choice| end.to_ascii_lowercase().ends_with(choice));
    !text.contains('\n') && (end.ends_with([':', '?', '>']) || is_choice())
}

/// What the marks of [`is_infill`] begin with.
const INFILLS: &[&str] = &["fim_", "fim-", "fim\u{2581}"];

/// Whether part of a text may be a mark of [`is_infill`]: a look before the whole is put together.
pub fn may_infill(part: &str) -> bool {
    part.contains("<SUF>") || has_any(part, INFILLS)
}

/// Whether a text asks a model of code for what stands between two parts: `<PRE> … <SUF> … <MID>`, `<|fim_prefix|> …`.
pub fn is_infill(text: &str) -> bool {
    const MARKS: &[&str] = &["prefix", "suffix", "middle", "begin", "hole", "end"];
    // In capitals one of them is an element of HTML.
    if text.contains("<SUF>") {
        return text.contains("<PRE>") || text.contains("<MID>");
    }
    let said = |mark: &&&str| INFILLS.iter().any(|front| text.contains(&format!("{front}{mark}")));
    may_infill(text) && MARKS.iter().filter(said).count() >= 2
}

/// How many marks of an instruction to a model a text has; that it says who the model is counts four.
pub fn instructs(text: &str) -> u8 {
    let text = text.trim_start();
    let head = text[..text.floor_char_boundary(MAX_HEAD_BYTES)].to_lowercase();
    let mut cues = cues_in(&head);
    if opens(&head) {
        cues += 4;
    }
    // A usage text and a licence also say what must be done.
    if has_any(&head, &["usage:", "copyright", "licensed under"]) {
        cues = cues.saturating_sub(4);
    }
    cues
}

/// Whether a text that is called a prompt is one, `whole` when nothing of it is filled in later: it instructs, not in
/// passing, and asks nobody at a screen.
pub fn instructs_by_name(text: &str, whole: bool) -> bool {
    text.len() >= 100 && !asks(text) && instructs(text) >= if whole { 2 } else { 1 } && is_prose(text)
}

/// The same of a variable in a function, where `ai` is at work or not: without it the text must say who the model is, or
/// tell it in several lines.
pub fn instructs_in_function(text: &str, whole: bool, ai: bool) -> bool {
    instructs_by_name(text, whole) && (ai || says_who(text) || text.contains('\n') && instructs(text) >= 3)
}

/// Whether a text with holes is a sentence and not a label: all that a model is told may be one.
pub fn is_sentence(text: &str) -> bool {
    let unspaced = || text.chars().take(PROSE_HEAD).filter(|char| is_unspaced(*char)).count() / 2;
    text.len() >= 30
        && (text.split_whitespace().nth(4).is_some() || text.split_whitespace().count() + unspaced() > 4)
        && is_prose(text)
}

/// What instructions say, sorted, in lower case.
const CUES: &[&str] = &[
    "answer the",
    "assistant",
    "avoid ",
    "based on the",
    "do not ",
    "don't ",
    "example",
    "format",
    "generate",
    "given the following",
    "guidelines",
    "instructions",
    "json",
    "make sure",
    "must ",
    "only ",
    "output",
    "provide ",
    "reply with",
    "respond ",
    "return only",
    "step by step",
    "summar",
    "the following",
    "the user",
    "using the above",
    "write a",
    "you can",
    "you have",
    "you must",
    "you should",
    "you will",
    "your answer",
    "your response",
    "your task",
];

/// By letter, where the cues that begin with it begin.
const CUES_OF: [u8; 27] = {
    let mut starts = [0; 27];
    let (mut letter, mut at) = (0, 0);
    while letter < 27 {
        while at < CUES.len() && CUES[at].as_bytes()[0] < b'a' + letter as u8 {
            at += 1;
        }
        starts[letter] = at as u8;
        letter += 1;
    }
    starts
};

/// How many different cues a text in lower case has, looking at each of its bytes once.
fn cues_in(text: &str) -> u8 {
    let text = text.as_bytes();
    let mut seen = 0u64;
    for (at, byte) in text.iter().enumerate().filter(|(_, byte)| byte.is_ascii_lowercase()) {
        let letter = usize::from(byte - b'a');
        for cue in CUES_OF[letter]..CUES_OF[letter + 1] {
            if seen >> cue & 1 == 0 && begins_with(&text[at..], CUES[usize::from(cue)]) {
                seen |= 1 << cue;
            }
        }
    }
    seen.count_ones() as u8
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
    fn who_is_spoken_to() {
        for text in [
            "You are a poet.",
            "You are an expert in birds.",
            "From now on, you are a pirate.",
            "  Act as a judge.",
            "Du bist ein Richter.",
            "You are Ada, an autonomous agent of the library.",
            "You are reviewing a change. Say what is wrong.",
            "You are programming and system administration assistant.",
        ] {
            assert!(says_who(text), "{text}");
        }
        for page in [
            "If you are a developer, read on.",
            "The output must only provide the format of the example.",
            "You are now connected to the assistant.",
            "You are logged in, an hour is left.",
            "You are running version 3.",
            "You are welcome.",
        ] {
            assert!(!says_who(page), "{page}");
        }
        let guide = "In this example you must provide a format for the output, and you can only use JSON.";
        assert!(instructs(guide) >= 4 && !says_who(guide));
        let late = format!("{} You are a judge.", "The parts of the file. ".repeat(20));
        assert!(!says_who(&late));
    }

    #[test]
    fn questions() {
        let question = "All files in the output folder will be deleted. Make sure you have a backup, and do not stop this \
                        before it is done. Continue?";
        assert!(!instructs_by_name(question, true));
        let told = question.replace("Continue?", "Return only the list.");
        assert!(instructs_by_name(&told, true));
        assert!(asks("Overwrite it? [y/N]") && !asks("Context:\n{}\nAnswer:") && !asks("Write a list of:\n"));
    }

    #[test]
    fn infills() {
        for text in [
            "<PRE> {} <SUF>{} <MID>",
            "<fim_prefix>{}<fim_suffix>{}<fim_middle>",
            "<|fim_prefix|>{}<|fim_suffix|>",
            "<\u{ff5c}fim\u{2581}begin\u{ff5c}>{}<\u{ff5c}fim\u{2581}hole\u{ff5c}>",
        ] {
            assert!(is_infill(text), "{text}");
        }
        for text in ["<PRE>code</PRE>", "prefix and suffix of fim", "<fim_prefix>", ""] {
            assert!(!is_infill(text), "{text}");
        }
    }

    #[test]
    fn cues() {
        assert!(CUES.is_sorted() && CUES.len() <= 64);
        for cue in CUES {
            assert!(cues_in(&format!("x{cue}y{cue}")) >= 1, "{cue}");
        }
        assert_eq!(cues_in("you must, you must; step by step"), 2);
        assert_eq!(cues_in("zebra"), 0);
    }

    #[test]
    fn prose() {
        assert!(is_prose("You output only a short title, nothing else."));
        assert!(is_prose(
            "\u{ace0}\u{ac1d}\u{c758} \u{c9c8}\u{bb38}\u{c5d0} \u{c9e7}\u{ac8c} \u{b2f5}\u{d558}\u{c138}\u{c694}."
        ));
        assert!(is_prose(
            "\u{8bf7}\u{7528}\u{4e00}\u{53e5}\u{8bdd}\u{56de}\u{7b54}\u{7528}\u{6237}\u{7684}\u{95ee}\u{9898}\u{3002}"
        ));
        assert!(!is_prose("\u{2500}\u{2500}\u{2500} \u{2500}\u{2500} \u{2500}\u{2500}\u{2500}\u{2500}"));
        assert!(!is_prose("application/json"));
        assert!(!is_prose("<html><body> a b c d </body>"));
    }
}
