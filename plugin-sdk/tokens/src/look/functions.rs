//! Prompts by the functions of a project: what one that is called so hands out, and what one that asks a model is given.

use super::Look;
use super::prompts::is_form;
use crate::flow::Found;
use crate::names;
use crate::outline::{Call, Declaration, Declares, Form, Range};
use crate::scan::Kind;
use inventar_analysis::prompt::{asks, instructs, is_prose, is_sentence, says_who};
use inventar_analysis::words;

/// What a text is written or added to something by.
const WRITES: &[&str] = &[
    "Append",
    "AppendFormat",
    "AppendLine",
    "Fprint",
    "Fprintf",
    "Fprintln",
    "WriteString",
    "append",
    "appendLine",
    "push_str",
    "write",
    "writeln",
];

/// Words of names that a model, or AI itself, is called by.
const MODELS: &[&str] = &["ai", "llm", "gpt", "chatgpt", "openai", "claude", "gemini", "ollama"];

impl Look<'_, '_, '_> {
    /// Functions that are called a prompt and make one: `fn prompt() -> Prompt`, `func buildPrompt(…) string`; those of a
    /// type that are called by the message that they make: `override fun systemMessage() = "…"`.
    pub(super) fn prompt_functions(&mut self) {
        let outline = self.outline();
        for (id, function) in outline.declarations.iter().enumerate() {
            if function.declares != Declares::Function {
                continue;
            }
            let name = outline.tokens.text(function.name);
            if name.ends_with("rompt") || name.ends_with("rompts") {
                let mut found: Vec<Found> = self
                    .returned(id as u32)
                    .or_else(|| self.written(name, function.body))
                    .into_iter()
                    .collect();
                found.extend(self.handed_out(function.body));
                for found in found {
                    if !self.is_prompt_of(name, &found) {
                        continue;
                    }
                    let role = if is_system(name) { "system" } else { "template" };
                    let confidence = if self.ai { 80 } else { 70 };
                    self.prompt_named(&found, function.name, role, "prompt-function", None, confidence);
                }
            } else if let Some(role) = message_of(name) {
                let found = self.returned(id as u32);
                if let Some(found) = found.filter(|found| self.is_message_of(function, role, found)) {
                    let confidence = if self.ai { 85 } else { 70 };
                    self.prompt_named(&found, function.name, role, "message-function", None, confidence);
                }
            }
        }
    }

    /// Whether what a function of that name hands out is a prompt.
    fn is_prompt_of(&self, name: &str, found: &Found) -> bool {
        let text = found.text().unwrap_or_default();
        let is_new = !self.has_prompt(found);
        // `getSystemPrompt`, what there is when nobody wrote one.
        if is_system(name) && says_who(text) {
            return is_new;
        }
        // Without a library it must say who the model is, or be a form of many lines.
        let needed = match text {
            _ if self.ai => 2,
            _ if makes(name) && is_long_form(text) => 1,
            _ => 4,
        };
        let is_long = text.len() >= 60 || text.len() >= 30 && says_who(text);
        is_new && is_long && is_prose(text) && instructs(text) >= needed && !asks(text)
    }

    /// Whether what a method hands out is the message that it is called.
    fn is_message_of(&self, function: &Declaration, role: &str, found: &Found) -> bool {
        let text = found.text().unwrap_or_default();
        if self.has_prompt(found) || !is_prose(text) || asks(text) {
            return false;
        }
        let outline = self.outline();
        match role {
            "system" => says_who(text) || self.ai && is_sentence(text) || instructs(text) >= 3,
            // What a user says is a prompt where the same type says what the system does.
            _ => {
                let mut beside = outline.declarations.iter().filter(|other| other.within == function.within);
                is_sentence(text)
                    && beside.any(|other| {
                        other.declares == Declares::Function
                            && message_of(outline.tokens.text(other.name)) == Some("system")
                    })
            }
        }
    }

    /// The texts that a function hands out by a choice: `case 1: return "…"`, `Kind::Short => "…"`.
    fn handed_out(&self, body: Range) -> Vec<Found> {
        const MAX_TEXTS: usize = 16;
        let tokens = &self.outline().tokens;
        (body.0 + 1..body.1)
            .take(2_000)
            .filter(|at| {
                tokens.kind(*at) == Kind::Text && matches!(tokens.text(at - 1), "return" | "=>" | "->")
            })
            .take(MAX_TEXTS)
            .flat_map(|at| self.flow.values((at, at + 1)))
            .collect()
    }

    /// The first long text in a function that writes its result piece by piece: `sb.WriteString("You are …")`.
    fn written(&self, name: &str, body: Range) -> Option<Found> {
        // `registerPrompts` makes several.
        if !name.ends_with("rompt") {
            return None;
        }
        let tokens = &self.outline().tokens;
        let mut texts = (body.0..body.1).take(400).filter(|at| tokens.kind(*at) == Kind::Text);
        let first = texts.find(|at| tokens.text(*at).len() >= 60 && self.is_written(*at))?;
        self.flow.values((first, first + 1)).into_iter().find(|found| found.text().is_some())
    }

    /// Whether a text is added to what a function puts together.
    fn is_written(&self, at: u32) -> bool {
        let outline = self.outline();
        outline.tokens.is(at.wrapping_sub(1), "+=")
            || self.call_around(at).is_some_and(|call| {
                let first = outline.tokens.text(call.open + 1);
                let name = outline.name(call);
                // `fmt.Fprintf(os.Stderr, …)` shows.
                WRITES.contains(&name) && (!name.starts_with("Fprint") || first == "&")
            })
    }

    /// The call among whose arguments a token stands.
    pub(super) fn call_around(&self, at: u32) -> Option<&Call> {
        const MAX_BACK: usize = 24;
        let tokens = &self.outline().tokens;
        let mut before = at.checked_sub(1)?;
        for _ in 0..MAX_BACK {
            if tokens.kind(before) == Kind::Open {
                break;
            }
            if tokens.kind(before) == Kind::Close {
                before = tokens.mate(before);
            }
            before = before.checked_sub(1)?;
        }
        tokens.is(before, "(").then(|| self.outline().call_at(before)).flatten().map(|id| self.call(id))
    }

    /// `instructions.AppendLine("You are …")`, where `instructions` is what stands at a place.
    pub(super) fn built(&self, value: Range) -> Option<Found> {
        let outline = self.outline();
        let at = (value.0..value.1.min(value.0 + 3)).find(|at| outline.tokens.is_word(*at))?;
        let from = outline.binding(outline.tokens.text(at), at)?.name;
        self.written_to(from, at)
    }

    /// The first text that is written to a name before a token, or in the block that makes its value.
    pub(super) fn written_to(&self, from: u32, to: u32) -> Option<Found> {
        const MAX_TOKENS: u32 = 1_200;
        let tokens = &self.outline().tokens;
        let name = tokens.text(from);
        let to = to.min(from.saturating_add(MAX_TOKENS)).min(tokens.len());
        // `val prompt = buildString { append("…") }`.
        let is_block =
            tokens.is(from + 1, "=") && tokens.is(from + 2, "buildString") && tokens.is(from + 3, "{");
        let block = is_block.then(|| (from + 4, tokens.mate(from + 3).min(to)));
        let text = (from..to).find_map(|word| {
            let is_inside = || block.is_some_and(|(first, last)| first <= word && word < last);
            let written = match tokens.text(word) {
                text if text == name && tokens.is(word + 1, "+=") => word + 2,
                text if text == name && tokens.is(word + 1, ".") && is_write(tokens.text(word + 2)) => {
                    word + 4
                }
                text if is_write(text) && is_inside() => word + 2,
                _ => return None,
            };
            (tokens.is(written - 1, "+=") || tokens.is(written - 1, "(")).then_some(())?;
            (tokens.kind(written) == Kind::Text).then_some(written)
        })?;
        let found = self.flow.values((text, text + 1)).into_iter().next()?;
        found.text().is_some_and(is_prose).then_some(found)
    }

    /// `ask_llm("Answer in one word", &text)`, `ai.ask(id, "Greet the player")`: functions of the project's own that are
    /// called by whom they ask, or what they send.
    pub(super) fn asked(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        if call.form != Form::Call || call.close <= call.open + 1 {
            return;
        }
        let name = outline.name(call);
        let is_of_model = asks_model(name) || is_asking(name) && self.is_model(call);
        if !is_of_model && !sends_prompt(name) || self.is_ai(id) == Some(true) {
            return;
        }
        for (_, value) in outline.arguments(call).into_iter().take(4) {
            for found in self.flow.values(value) {
                let Some(text) = found.text().filter(|text| !text.contains("://")) else { continue };
                let held = found.name.map_or("", |held| outline.tokens.text(held));
                let is_told = match is_of_model {
                    true => is_sentence(text) || is_form(text) || text.contains('{') && is_order(text),
                    // What only is sent must be called a prompt as well.
                    false => {
                        let is_prompt = held.ends_with("rompt") || instructs(text) >= 2;
                        is_prompt && is_sentence(text) && !asks(text)
                    }
                };
                if is_told && !self.has_prompt(&found) {
                    self.prompt_guessed(&found, value.0, "asked", None);
                }
            }
        }
    }

    /// Whether what a method is called on is called a model: `ai.ask(…)`, `this.llmClient.chat(…)`.
    fn is_model(&self, call: &Call) -> bool {
        let path = self.outline().path(call);
        let Some(on) = path.len().checked_sub(2).map(|at| path[at]) else { return false };
        on.len() <= 24 && words_of(on).iter().any(|word| MODELS.contains(&word.as_str()))
    }
}

/// `Append`, `push_str`.
fn is_write(name: &str) -> bool {
    WRITES.contains(&name)
}

/// Whether a short text is more than a name: `Greet {} as a {}`.
fn is_order(text: &str) -> bool {
    text.len() >= 20 && text.split_whitespace().nth(4).is_some() && is_prose(text)
}

/// The words of a name; `OpenAI` is one.
fn words_of(name: &str) -> Vec<String> {
    names::words(&name.replace("OpenAI", "Openai").replace("OpenAi", "Openai"))
}

/// The role of the message that a method is called: `systemMessage`, `getUserMessage`.
fn message_of(name: &str) -> Option<&'static str> {
    if !words::has_any(name, &["essage", "nstruction"]) {
        return None;
    }
    match names::snake(name).as_str() {
        "user_message" => Some("template"),
        name if words::is_strong_system(name) => Some("system"),
        _ => None,
    }
}

/// `getSystemPrompt`.
fn is_system(name: &str) -> bool {
    words::is_strong_system(&names::snake(name))
}

/// Whether a function is called by making something: `createReviewPrompt`, `BuildPrompt`.
fn makes(name: &str) -> bool {
    const VERBS: &[&str] =
        &["assemble", "build", "compose", "construct", "create", "format", "generate", "get", "make"];
    let words = names::words(name);
    words.len() >= 2 && words.first().is_some_and(|first| VERBS.contains(&first.as_str()))
}

/// Whether a text has several lines and several values that are filled in.
fn is_long_form(text: &str) -> bool {
    text.len() >= 120 && text.matches('\n').count() >= 3 && text.matches("{}").count() >= 2
}

/// Methods of a model by which it is asked.
fn is_asking(name: &str) -> bool {
    const VERBS: &[&str] = &["ask", "chat", "complete", "generate", "prompt", "query"];
    let first = names::words(name);
    first.first().is_some_and(|first| VERBS.contains(&first.as_str()))
}

/// Whether a function is called by asking a model: `llm`, `ask_gpt`, `callOpenAI`, `sendToAI`, `chatCompletion`.
fn asks_model(name: &str) -> bool {
    const HINTS: &[&str] = &[
        "lm",
        "LM",
        "pt",
        "PT",
        "enAI",
        "enai",
        "laude",
        "emini",
        "llama",
        "ompletion",
        "odel",
        "AI",
        "Ai",
        "_ai",
    ];
    const VERBS: &[&str] =
        &["ask", "call", "query", "prompt", "invoke", "run", "request", "generate", "chat", "send", "tell"];
    if !words::has_any(name, HINTS) {
        return false;
    }
    let mut words = words_of(name);
    while words.len() > 1
        && words
            .last()
            .is_some_and(|last| matches!(last.as_str(), "async" | "stream" | "streaming" | "blocking"))
    {
        words.pop();
    }
    let is_model = |word: &str| MODELS.contains(&word);
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [word] => *word != "ai" && is_model(word),
        [.., "chat", "completion"] => true,
        // A shell asks for completions as well.
        [first, .., of, "completion"] => VERBS.contains(first) && (*of == "text" || is_model(of)),
        ["ask" | "query" | "prompt", .., "model"] => true,
        [first, .., last] => VERBS.contains(first) && is_model(last),
        [] => false,
    }
}

/// Whether a function is called by sending a prompt: `sendPrompt`, `RunPromptAsync`.
fn sends_prompt(name: &str) -> bool {
    const VERBS: &[&str] = &["send", "submit", "run", "execute", "invoke", "dispatch", "process"];
    if !words::has_any(name, &["rompt"]) {
        return false;
    }
    let mut words = names::words(name);
    words.retain(|word| word != "async");
    words.last().is_some_and(|last| last == "prompt")
        && words.first().is_some_and(|first| VERBS.contains(&first.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_functions() {
        for name in [
            "llm",
            "ask_gpt",
            "callOpenAI",
            "sendToAI",
            "askAI",
            "chatWithAi",
            "AskModelAsync",
            "QueryLLMAsync",
            "chatCompletion",
        ] {
            assert!(asks_model(name), "{name}");
        }
        for name in [
            "generateCompletion",
            "ai",
            "createOllamaUrlField",
            "sendMail",
            "runMain",
            "askForHelp",
            "isAI",
            "runModel",
            "loadModel",
        ] {
            assert!(!asks_model(name), "{name}");
        }
        for name in ["sendPrompt", "RunPromptAsync", "sendEventPrompt"] {
            assert!(sends_prompt(name), "{name}");
        }
        for name in ["showPrompt", "sendPrompts", "prompt", "promptUser"] {
            assert!(!sends_prompt(name), "{name}");
        }
        assert_eq!(message_of("getSystemMessage"), Some("system"));
        assert_eq!(message_of("userMessage"), Some("template"));
        assert_eq!(message_of("errorMessage"), None);
    }
}
