//! Command lines: a server started with a model, packages installed, images run, agents called.

use crate::look::Look;
use crate::settings::{self, Context, Place};
use crate::value::parts;
use inventar_catalogue::{CiTool, ci_program};
use inventar_documents::Node;
use std::ops::Range;

/// More words of one command are not looked at.
const MAX_WORDS: usize = 4_000;

/// A word of a command and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Word<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: Range<usize>,
}

/// A command in one text, as a setting holds it.
pub(crate) fn line(look: &mut Look<'_>, text: &str, at: &Range<usize>) {
    let words = split_at(look, text, at);
    interpret(look, &words, Way::default());
}

/// The commands of a shell script; comments are passed over, and a line that a backslash ends goes on in the next.
pub(crate) fn script(look: &mut Look<'_>, text: &str) {
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let is_comment = text[start..].trim_start().starts_with('#');
        if line.trim_end().ends_with('\\') && !is_comment && at < text.len() {
            continue;
        }
        let command = &text[start..at];
        if !command.trim_start().starts_with('#') {
            let mut words = split_at(look, command, &(start..at));
            words.retain(|word| word.text != "\\");
            interpret(look, &words, Way { installs: false, is_ai: is_of_ai(&words) });
            assignments(look, &words);
        }
        start = at;
    }
}

/// `MODEL=org/model-7b`, `export OPENAI_BASE_URL=${OPENAI_BASE_URL:-http://…}`: the variables a script begins with.
fn assignments(look: &mut Look<'_>, words: &[Word<'_>]) {
    let first = words.first().map_or("", |word| word.text);
    let is_declared = matches!(first, "export" | "local" | "declare" | "readonly" | "typeset");
    for word in words.iter().skip(usize::from(is_declared)) {
        let pair = word.text.split_once('=').filter(|(name, _)| crate::value::is_variable(name));
        let Some((name, value)) = pair else { return };
        let value = value.trim_matches(['"', '\'']);
        let place = Place { name, at: &word.at, value_at: &word.at, context: Context::default() };
        settings::assign(look, &place, value);
    }
}

/// A command as a list of words; a word with blanks is a line for a shell.
pub(crate) fn words(look: &mut Look<'_>, items: &[Node]) {
    let words: Vec<Word<'_>> = items
        .iter()
        .take(MAX_WORDS)
        .filter_map(|item| Some(Word { text: item.scalar()?, at: item.span.clone() }))
        .collect();
    interpret(look, &words, Way::default());
    for word in words.iter().filter(|word| word.text.trim().contains([' ', '\n'])) {
        line(look, word.text, &word.at);
    }
}

/// The words of a text that stands within `at`, each with its own place where it can be found again.
pub(crate) fn split_at<'t>(look: &Look<'_>, text: &'t str, at: &Range<usize>) -> Vec<Word<'t>> {
    let file = look.text();
    let mut from = at.start;
    let mut found = vec![];
    for word in text.split_whitespace().take(MAX_WORDS) {
        let here =
            file.get(from..at.end.min(file.len())).and_then(|rest| rest.find(word)).map(|found| from + found);
        let place = match here {
            Some(start) => {
                from = start + word.len();
                start..start + word.len()
            }
            None => at.clone(),
        };
        found.push(Word { text: word.trim_matches(['"', '\'', ',', '[', ']']), at: place });
    }
    found
}

/// Where a command stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Packages it installs are part of what runs.
    pub(crate) installs: bool,
    /// What it calls a model is one of AI, whatever its name.
    pub(crate) is_ai: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self { installs: false, is_ai: true }
    }
}

/// Whether a command of a script is about AI: printers and cars have models, too.
fn is_of_ai(words: &[Word<'_>]) -> bool {
    const PROGRAMS: &[&str] = &[
        "vllm",
        "sglang",
        "llama",
        "ollama",
        "transformers",
        "torchrun",
        "torch",
        "deepspeed",
        "accelerate",
        "huggingface",
        "openai",
        "litellm",
        "lora",
        "llm",
        "gpt",
        "finetun",
        "fine_tun",
        "tokenizer",
        "hf_",
        "text-generation",
        "whisper",
    ];
    words.iter().any(|word| {
        let lower = word.text.to_ascii_lowercase();
        PROGRAMS.iter().any(|program| lower.contains(program))
    })
}

/// What a command says.
pub(crate) fn interpret(look: &mut Look<'_>, words: &[Word<'_>], way: Way) {
    let mut previous = "";
    let mut before = "";
    let mut installing: Option<&str> = None;
    let mut is_value_of_model = false;
    for (index, word) in words.iter().enumerate() {
        let text = word.text;
        if is_separator(text) {
            installing = None;
        }
        if let Some(ecosystem) = installing.filter(|_| way.installs && !text.starts_with('-')) {
            look.package(ecosystem, text, &word.at);
        }
        if let Some(ecosystem) = installer(before, previous, text) {
            installing = Some(ecosystem);
        }
        if let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) {
            if is_model_flag(name) {
                model(look, value, &word.at, way.is_ai);
            } else if crate::value::is_variable(name) {
                look.secret(name, &word.at, false);
            }
        } else if is_value_of_model || serves(words, index) {
            model(look, text, &word.at, way.is_ai || !is_value_of_model);
        } else if text.contains('/') && runs_image(words, index) {
            look.image(text, &word.at);
        }
        if text.contains("://") {
            look.endpoint(text, &word.at, false);
        }
        // `-e NAME`, `$NAME`.
        if let Some(name) = text.strip_prefix('$').map(|name| name.trim_matches(['{', '}'])) {
            look.secret(name, &word.at, false);
        } else if matches!(previous, "-e" | "--env") {
            look.secret(text, &word.at, false);
        }
        is_value_of_model = is_model_flag(text);
        before = previous;
        previous = text;
    }
}

fn model(look: &mut Look<'_>, text: &str, at: &Range<usize>, is_ai: bool) {
    let text = text.trim_matches(['"', '\'', '\\']);
    let Some(text) = parts(text).text else { return };
    // A path in the container, or words that are options.
    if text.starts_with(['/', '.', '-', '$', '<']) || text.contains("__") {
        return;
    }
    look.model(text, at, is_ai || settings::is_sized_hub_id(text), "model-argument");
}

/// `--model`, `--model-id`, `--embedding-model`.
fn is_model_flag(text: &str) -> bool {
    let Some(flag) = text.strip_prefix("--") else { return false };
    let flag = flag.replace('_', "-");
    matches!(
        flag.as_str(),
        "model"
            | "model-id"
            | "model-name-or-path"
            | "model-path"
            | "pretrained-model"
            | "pretrained-model-name-or-path"
            | "lora-model"
            | "served-model-name"
            | "embedding-model"
            | "model-tag"
            | "llm"
            | "fallback-model"
            | "hf-repo"
            | "weak-model"
            | "editor-model"
            | "llm-model"
            | "speculative-model"
            | "draft-model"
            | "base-model"
            | "repo-id"
            | "model-name"
            | "tokenizer-model"
            | "reranker-model"
    )
}

/// The words behind which a model stands by itself: `vllm serve X`, `ollama pull X`, `hf download X`.
fn serves(words: &[Word<'_>], index: usize) -> bool {
    if words[index].text.starts_with('-') || index < 2 {
        return false;
    }
    let (program, verb) = (words[index - 2].text, words[index - 1].text);
    let program = program.rsplit('/').next().unwrap_or(program);
    matches!(
        (program, verb),
        ("vllm", "serve")
            | ("ollama", "pull" | "run")
            | ("huggingface-cli" | "hf", "download")
            | ("llm", "run")
            | ("model", "run" | "pull")
            | ("local-ai", "run")
            | ("sglang", "serve")
    )
}

/// Whether `docker run` or `docker pull` stands shortly before.
fn runs_image(words: &[Word<'_>], index: usize) -> bool {
    let from = index.saturating_sub(40);
    words[from..index].windows(2).any(|pair| {
        matches!(pair[0].text, "docker" | "podman" | "nerdctl") && matches!(pair[1].text, "run" | "pull")
    })
}

fn installer(before: &str, previous: &str, text: &str) -> Option<&'static str> {
    let program = previous.rsplit('/').next().unwrap_or(previous);
    match (program, text) {
        ("pip" | "pip3" | "pipx" | "conda" | "mamba" | "micromamba", "install") => Some("pypi"),
        ("uv" | "poetry" | "pdm" | "pixi", "add") => Some("pypi"),
        ("tool", "install") if before == "uv" => Some("pypi"),
        ("npm" | "pnpm" | "yarn" | "bun", "install" | "i" | "add") => Some("npm"),
        ("yarn", "global") => Some("npm"),
        _ => None,
    }
}

fn is_separator(text: &str) -> bool {
    matches!(text, "&&" | "||" | ";" | "|" | "&" | "then" | "do" | "fi" | "done") || text.ends_with(';')
}

/// The programs of a script that ask a model, each with its place.
pub(crate) fn programs<'t>(words: &[Word<'t>]) -> Vec<(&'static CiTool, Range<usize>)> {
    let mut found = vec![];
    for (index, word) in words.iter().enumerate() {
        let previous = index.checked_sub(1).map_or("", |before| words[before].text);
        let is_first = index == 0
            || is_separator(previous)
            || matches!(
                previous,
                "npx" | "bunx" | "uvx" | "-y" | "exec" | "time" | "run" | "sudo" | "timeout"
            )
            || words[index - 1].at.end < word.at.start && is_assignment(previous);
        let name = word.text.rsplit('/').next().unwrap_or(word.text);
        let Some(tool) = ci_program(name.split('@').next().unwrap_or(name)) else { continue };
        // The word alone is also a file, a branch, a folder: a flag or a verb of the tool must follow.
        let follows = words.get(index + 1).map_or("", |next| next.text);
        let asks = follows.starts_with('-')
            || matches!(
                follows,
                "exec" | "eval" | "run" | "test" | "mcp" | "session" | "prompt" | "chat" | "review"
            );
        if (is_first || word.text.contains('@')) && asks {
            found.push((tool, word.at.clone()));
        }
    }
    found
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| crate::value::is_variable(name))
}
