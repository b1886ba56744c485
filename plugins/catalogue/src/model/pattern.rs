//! Comparing an id with the patterns.

use super::{PATTERNS, Pattern};

/// The pattern with the longest head that accepts the id.
pub(super) fn best_pattern(id: &str, words: bool) -> Option<&'static Pattern> {
    // The last pattern at or before the key is a prefix of the id, or shares less with it than any prefix would:
    // cutting the key to what they share skips everything between.
    let mut key = id;
    loop {
        let end = PATTERNS.partition_point(|pattern| pattern.head <= key);
        let last = PATTERNS.get(end.checked_sub(1)?)?;
        if id.starts_with(last.head) {
            let start = PATTERNS.partition_point(|pattern| pattern.head < last.head);
            // At the place of a model its name may end in any word: `kimi-k2.7-code`; a tool's has no number.
            let any_word = words && id.bytes().any(|byte| byte.is_ascii_digit());
            let accepts = |pattern: &&Pattern| {
                (words || !pattern.word) && accepts(pattern, &id[last.head.len()..], any_word)
            };
            if let Some(pattern) = PATTERNS[start..end].iter().rev().find(accepts) {
                return Some(pattern);
            }
            key = &key[..last.head.len() - 1];
        } else {
            let shared = last.head.bytes().zip(key.bytes()).take_while(|(a, b)| a == b).count();
            key = &key[..shared];
        }
        if key.is_empty() {
            return None;
        }
    }
}

/// Whether a pattern's rest and the usual tails explain what follows its head.
fn accepts(pattern: &Pattern, mut tail: &str, any_word: bool) -> bool {
    let mut rest = pattern.rest;
    loop {
        match rest.as_bytes().first() {
            None => return is_usual_tail(tail),
            Some(b'*') => return is_open_tail(tail, any_word),
            Some(b'#') => {
                let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    return false;
                }
                tail = &tail[digits..];
            }
            Some(byte) => match tail.as_bytes().first() {
                Some(first) if first == byte => tail = &tail[1..],
                _ => return false,
            },
        }
        rest = &rest[1..];
    }
}

/// Nothing, or words that are appended to any model's id, each behind a separator.
fn is_usual_tail(tail: &str) -> bool {
    if tail.is_empty() {
        return true;
    }
    let mut words = tail.split(['-', '_', ':', '.', '/']);
    words.next() == Some("") && words.all(is_tail_word)
}

/// Anything that reads like the rest of a model's name: words of letters and digits, none of which speaks of
/// something that merely has to do with models.
fn is_open_tail(tail: &str, any_word: bool) -> bool {
    // Fine-tunes leave parts empty: `ft:gpt-4o:acme::abc`.
    let tail = tail.replace("::", ":");
    let mut words = tail.split(['-', '_', ':', '.', '/', '+']).peekable();
    words.next_if(|word| word.is_empty());
    words.all(|word| !word.is_empty() && word.len() <= 24 && (any_word || !NOT_A_MODEL.contains(&word)))
}

/// Words of texts that look like a model id and name something else: a tool, a setting, a file.
const NOT_A_MODEL: &[&str] = &[
    "adapter",
    "agent",
    "agents",
    "api",
    "apis",
    "app",
    "apps",
    "auth",
    "backend",
    "bin",
    "bot",
    "button",
    "cli",
    "client",
    "code",
    "config",
    "cookbook",
    "cpp",
    "css",
    "csv",
    "demo",
    "desktop",
    "docker",
    "docs",
    "engine",
    "engineer",
    "example",
    "examples",
    "factory",
    "finetune",
    "finetuning",
    "generator",
    "go",
    "guide",
    "handler",
    "html",
    "hub",
    "icon",
    "index",
    "js",
    "json",
    "key",
    "keys",
    "lib",
    "library",
    "local",
    "log",
    "logo",
    "logs",
    "md",
    "migrator",
    "parse",
    "parser",
    "pilot",
    "plugin",
    "png",
    "prompt",
    "prompts",
    "proxy",
    "py",
    "python",
    "recipes",
    "researcher",
    "responses",
    "router",
    "rs",
    "runner",
    "sdk",
    "server",
    "service",
    "settings",
    "skill",
    "skills",
    "stack",
    "svg",
    "swift",
    "template",
    "test",
    "tests",
    "tokenizer",
    "tokens",
    "tool",
    "tools",
    "trainer",
    "ts",
    "tutorial",
    "txt",
    "ui",
    "usage",
    "utils",
    "web",
    "wrapper",
    "yaml",
    "yml",
];

fn is_tail_word(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |from: usize| from < bytes.len() && bytes[from..].iter().all(u8::is_ascii_digit);
    if digits(0) || bytes.first() == Some(&b'v') && digits(1) {
        return true;
    }
    is_size(word) || is_quantisation(word) || TAIL_WORDS.binary_search(&word).is_ok()
}

/// `8b`, `0.5b` (its halves), `8x7b`, `a22b`, `137m`, `128k`, `e4b`.
fn is_size(word: &str) -> bool {
    let word = word.strip_prefix(['a', 'e']).unwrap_or(word);
    let Some(number) = word.strip_suffix(['b', 'm', 'k', 't']) else { return false };
    !number.is_empty()
        && number.split('x').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `q4`, `iq2`, `int8`, `fp16`, `bf16`, `4bit`, `w4a16`, `mxfp4`, `nvfp4`.
fn is_quantisation(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    ["q", "iq", "int", "fp", "bf", "mxfp", "nvfp", "f", "w4a", "w8a"]
        .iter()
        .any(|front| word.strip_prefix(front).is_some_and(number))
        || word.strip_suffix("bit").is_some_and(number)
}

/// Sorted.
pub(super) const TAIL_WORDS: &[&str] = &[
    "alpha",
    "audio",
    "awq",
    "base",
    "beta",
    "bnb",
    "chat",
    "cloud",
    "coder",
    "codex",
    "customtools",
    "de",
    "deep",
    "distill",
    "dpo",
    "dynamic",
    "en",
    "es",
    "exl2",
    "exp",
    "experimental",
    "fast",
    "flash",
    "fr",
    "free",
    "ft",
    "ga",
    "ggml",
    "gguf",
    "gptq",
    "hd",
    "hf",
    "high",
    "hq",
    "hybrid",
    "image",
    "instant",
    "instruct",
    "it",
    "ja",
    "k",
    "l",
    "large",
    "latest",
    "legacy",
    "light",
    "lite",
    "live",
    "long",
    "lora",
    "low",
    "m",
    "max",
    "medium",
    "mini",
    "minimal",
    "mlx",
    "multi",
    "multilingual",
    "nano",
    "native",
    "net",
    "nitro",
    "nonthinking",
    "nothink",
    "online",
    "onnx",
    "oss",
    "plus",
    "preview",
    "pro",
    "prod",
    "pt",
    "quant",
    "realtime",
    "reasoner",
    "reasoning",
    "research",
    "s",
    "search",
    "sft",
    "small",
    "stable",
    "text",
    "think",
    "thinking",
    "tiny",
    "today",
    "transcribe",
    "tts",
    "turbo",
    "ultra",
    "uncensored",
    "vision",
    "vl",
    "xl",
    "xs",
    "xxs",
    "zh",
];
