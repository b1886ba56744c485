//! Models: by the place they stand at, and where none says so, as mentioned.

use super::Look;
use crate::flow::{Found, Value};
use crate::names;
use crate::outline::{Form, Range};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::model::{Sighted, is_hub_id, is_strong_word, is_tagged_id, may_be_known, named};
use inventar_analysis::prompt::{self, asset, is_prose};
use inventar_analysis::{Extent, Seen, endpoint, words};
use inventar_catalogue::{model, model_at_model_place};
use inventar_plugin_sdk::{Method, Usage};

impl Look<'_, '_, '_> {
    /// What stands where a model is expected. `sure`: the place is a library's own; `argument`: it is given to something.
    pub(super) fn model_place(
        &mut self,
        word: &str,
        value: Range,
        sure: bool,
        argument: bool,
        owner: Option<u32>,
    ) {
        let strong = is_strong_word(word);
        for found in self.flow.values(value) {
            match &found.value {
                Value::Text { text, whole: true } => {
                    // What another name holds is reported where that name got it.
                    if !argument && found.hops > 0 && found.env.is_none() {
                        continue;
                    }
                    let known = if strong || argument { model_at_model_place(text) } else { model(text) };
                    let hub = !sure && strong && (is_hub_id(text) && self.ai || is_tagged_id(text));
                    if known.is_some() || sure || hub {
                        let rule = if argument { "model-argument" } else { "model-name" };
                        self.model_found(&found, value.0, rule, sure || hub, owner);
                    }
                }
                Value::Path(words) => self.model_constant(words, &found, value.0, sure || argument || strong),
                _ => {}
            }
        }
    }

    /// One text at the place of a model.
    pub(super) fn model_found(
        &mut self,
        found: &Found,
        place: u32,
        rule: &'static str,
        sure: bool,
        owner: Option<u32>,
    ) {
        const PLACEHOLDERS: &[&str] = &[
            "deployment-id",
            "deployment-name",
            "model-id",
            "model-name",
            "deployment",
            "modelid",
            "<model>",
            "chat-deployment",
        ];
        let Some(text) = found.whole().filter(|text| !PLACEHOLDERS.contains(text)) else { return };
        let provider = owner
            .and_then(|owner| self.target(owner))
            .and_then(|target| self.flow.package(&target.module)?.provider);
        let Some((sighted, confidence)) = named(text, sure, || provider) else { return };
        let seen = self.seen_from(found.at, place, rule, found.hops, confidence);
        self.see_model(sighted, seen, found, place);
    }

    fn see_model(&mut self, sighted: Sighted, seen: Seen, found: &Found, place: u32) {
        let key = self.out.model(sighted, seen);
        if let Some(env) = &found.env {
            self.out.property(&key, "env", env.as_str());
        }
        self.taken.insert(found.at.start);
        self.busy.push(found.at);
        self.given.push((place, key));
    }

    /// `openai.GPT4o`, `ChatModel.GPT_4_O`.
    fn model_constant(&mut self, words: &[String], found: &Found, place: u32, likely: bool) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let target = self.flow.target(&words, found.token);
        let of_library = target.as_ref().is_some_and(|target| self.flow.is_listed(&target.module));
        let mut path: Vec<&str> = Vec::new();
        // A constant that is imported by its own name brings its type along.
        let module = target.as_ref().map(|target| target.module.clone()).unwrap_or_default();
        if let [_] = words[..] {
            path.extend(module.rsplit(['.', ':']).filter(|part| !part.is_empty()).nth(1));
        }
        path.extend(&words);
        let holder = path.len() > 1
            && path[..path.len() - 1].iter().any(|part| part.to_ascii_lowercase().contains("model"));
        if !(of_library || holder && likely) {
            return;
        }
        let Some((text, known)) = names::constant(&path) else { return };
        let seen = self.seen_from(found.at, place, "model-constant", found.hops, 90);
        self.see_model(Sighted::known(&text, &known), seen, found, place);
    }

    /// Texts that name a model, an endpoint or a key anywhere else.
    pub(super) fn literals(&mut self) {
        let outline = self.outline();
        let tokens = &outline.tokens;
        // `OpenAIModels`: types that hold a library's models, imported by name.
        let holders: Vec<&str> = outline
            .imports
            .iter()
            .take(500)
            .filter(|import| import.alias.contains("Model") && self.flow.is_listed(&import.path))
            .map(|import| import.alias.as_str())
            .collect();
        for at in 0..tokens.len() {
            if tokens.kind(at) != Kind::Text {
                if !holders.is_empty() && tokens.is(at + 1, ".") && holders.contains(&tokens.text(at)) {
                    self.held_model(at);
                }
                continue;
            }
            let (start, end) = tokens.bytes(at, at);
            if self.holds_prompts && end - start >= 30 {
                self.kept(at);
            }
            if end - start >= 60 {
                self.spoken(at);
            }
            if end - start >= 20 && is_vector_sql(tokens.text(at)) {
                let place = Extent::new(start, end);
                self.databases.push(("pgvector", self.seen(place, "vector-query", 0, 75)));
            }
            if end - start >= 40 && words::has_any(tokens.text(at), &["\"model\\\"", "\"model\""]) {
                self.body(at);
            }
            if end - start > 600 || self.taken.contains(&start) {
                continue;
            }
            let raw = tokens.text(at);
            if raw.starts_with('`') && outline.language().name == "go" {
                self.tag_default(at, raw);
            }
            let inner = raw.trim_start_matches(['"', '\'', '`', '@', '$', 'r', '#', 'b']);
            if inner.starts_with("http") || inner.starts_with("ws") {
                self.url_literal(at);
                continue;
            }
            if self.weights(at, raw) {
                continue;
            }
            if raw.len() < 4 || raw.len() > 110 || !may_be_known(raw) || raw.contains(' ') {
                continue;
            }
            // `"chat_format": "llama2"` names a template.
            let held = self.assigned.get(&at).map(|name| tokens.text(*name).trim_matches(['"', '`']));
            if held
                .is_some_and(|name| ["format", "template", "tokenizer"].iter().any(|end| name.ends_with(end)))
            {
                continue;
            }
            let text = text::read(raw, outline.language()).text;
            let Some(known) = model(&text) else { continue };
            let place = Extent::new(start, end);
            let passed = self.is_passed(at);
            let (rule, confidence) = if passed { ("model-passed", 75) } else { ("model-mention", 70) };
            let usage = self.usage_or_mentioned(place, !passed);
            let sighted = Sighted::known(&text, &known);
            let seen = Seen { at: place, rule, method: Method::Matched, usage, confidence };
            let key = self.out.model(sighted, seen);
            if usage != Usage::Mentioned {
                self.busy.push(place);
                self.given.push((at, key));
            }
        }
    }

    /// `"{\"model\": \"gpt-4o\", \"messages\": […]}"`: the body of a request as a text.
    fn body(&mut self, at: u32) {
        const MAX_MESSAGES: usize = 8;
        let outline = self.outline();
        let read = text::read(outline.tokens.text(at), outline.language()).text;
        if !words::has_any(&read, &["\"messages\"", "\"prompt\"", "\"input\""]) {
            return;
        }
        let place = self.extent(at, at);
        let known = member(&read, "model").and_then(|value| Some((value, model_at_model_place(value)?)));
        if let Some((value, known)) = known {
            let seen = Seen { method: Method::Matched, ..self.seen(place, "request-body", 0, 80) };
            let key = self.out.model(Sighted::known(value, &known), seen);
            self.busy.push(place);
            self.given.push((at, key));
        }
        let told = read.split("\"role\"").skip(1).take(MAX_MESSAGES).find_map(|message| {
            let role = message.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
            let is_system = ["system\"", "developer\""].iter().any(|name| role.starts_with(name));
            member(message, "content").filter(|content| is_system && is_prose(content))
        });
        let key = prompt::key(place.start);
        if let Some(content) = told.filter(|_| !self.out.has(&key)) {
            let name = self.text_name(at, "system");
            let seen = Seen { method: Method::Matched, ..self.seen(place, "request-body", 0, 80) };
            self.out.see(&key, seen, |key| asset(key, &name, "system", content));
            self.given.push((at, key));
        }
    }

    /// `"models/ggml-base.en.bin"`: a file that a model's weights are in.
    fn weights(&mut self, at: u32, raw: &str) -> bool {
        let inner = raw.trim_end_matches(['"', '\'', '`', '#']);
        if !inner.ends_with(".gguf") && !inner.ends_with(".bin") {
            return false;
        }
        let text = text::read(raw, self.outline().language()).text;
        let Some(sighted) = Sighted::of_file(&text) else { return false };
        let seen = Seen { method: Method::Matched, ..self.seen(self.extent(at, at), "weights-file", 0, 70) };
        let key = self.out.model(sighted, seen);
        self.given.push((at, key));
        true
    }

    /// Go's struct tags: `env:"OPENAI_BASE_URL" envDefault:"https://api.openai.com"`.
    fn tag_default(&mut self, at: u32, raw: &str) {
        let default = raw.split_once("efault:\"");
        let Some(value) = default.and_then(|(_, rest)| rest.split('"').next()) else { return };
        let place = self.extent(at, at);
        let seen = self.seen(place, "tag-default", 0, 80);
        if let Some(url) = endpoint::clean(value).filter(|url| endpoint::is_service(url)) {
            self.out.endpoint(&url, None, seen);
        } else if let Some(known) = model(value) {
            self.out.model(Sighted::known(value, &known), seen);
        }
    }

    /// `OpenAIModels.Embeddings.TextEmbedding3Small`, wherever it stands.
    fn held_model(&mut self, first: u32) {
        let tokens = &self.outline().tokens;
        let mut last = first;
        while tokens.is(last + 1, ".") && tokens.is_word(last + 2) && last < first + 8 {
            last += 2;
        }
        let at = self.extent(first, last);
        if self.taken.contains(&at.start) || last == first {
            return;
        }
        let words: Vec<String> = (first..=last).step_by(2).map(|word| tokens.text(word).to_owned()).collect();
        let value = Value::Path(words.clone());
        let found = Found { value, at, token: first, hops: 0, env: None, name: None };
        self.model_constant(&words, &found, first, true);
    }

    /// Whether a text is an argument of a call that uses it, and does not look for it, count it or show it.
    fn is_passed(&self, at: u32) -> bool {
        let tokens = &self.outline().tokens;
        if !matches!(tokens.text(at.wrapping_sub(1)), "(" | ",") {
            return false;
        }
        let Some(call) = self.call_around(at) else { return false };
        matches!(call.form, Form::Call | Form::New) && uses_arguments(self.outline().name(call))
    }

    /// A literal URL of a known host that no rule has taken.
    fn url_literal(&mut self, at: u32) {
        let outline = self.outline();
        let text = text::read(outline.tokens.text(at), outline.language()).text;
        let Some(url) =
            endpoint::clean(&text).filter(|url| !super::endpoints::is_placeholder(endpoint::host_of(url)))
        else {
            return;
        };
        if !endpoint::is_service(&url) {
            return;
        }
        let (start, end) = outline.tokens.bytes(at, at);
        let place = Extent::new(start, end);
        let seen = Seen {
            at: place,
            rule: "known-host",
            method: Method::Matched,
            usage: self.usage_at(place),
            confidence: 75,
        };
        self.database(&url, &seen);
        self.out.endpoint(&url, None, seen);
        self.busy.push(place);
    }
}

/// The text that a member of an object holds, where it is written there; the first of that name.
fn member<'t>(json: &'t str, name: &str) -> Option<&'t str> {
    let (_, behind) = json.split_once(&format!("\"{name}\""))?;
    let value = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let bytes = value.as_bytes();
    let end = (0..bytes.len()).find(|at| bytes[*at] == b'"' && (*at == 0 || bytes[at - 1] != b'\\'))?;
    Some(&value[..end])
}

/// SQL that compares vectors, or asks PostgreSQL to keep them.
fn is_vector_sql(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "extension vector",
        "EXTENSION vector",
        "NOT EXISTS vector",
        "not exists vector",
        "vector_cosine_ops",
    ];
    const SQL: &[&str] = &[
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "ORDER BY",
        "select ",
        "insert into",
        "order by",
        "<->",
        "<=>",
        "<#>",
    ];
    const OPERATORS: &[&str] = &["<->", "<=>", "<#>", "<+>"];
    if words::has_any(text, SIGNS) {
        return true;
    }
    // `$1::vector`, `'[…]'::vector`, `embedding::vector` in a query; `std::vector<int>` is a type of C++.
    text.match_indices("::vector").take(16).any(|(at, cast)| {
        let (front, behind) = (&text[..at], &text[at + cast.len()..]);
        let is_type = behind.starts_with('<') && !OPERATORS.iter().any(|sign| behind.starts_with(sign));
        let before = front.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_value = match before.len() == front.len() {
            true => front.ends_with(['\'', ')', ']', '}', '?']),
            false => before.ends_with(['$', '@', '%', '?', ':']),
        };
        let is_word = behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_std = front.ends_with("std") || before.ends_with("::");
        !is_type && !is_word && !is_std && (is_value || words::has_any(text, SQL))
    })
}

/// Whether a call of that name does something with what it is given.
fn uses_arguments(name: &str) -> bool {
    const NOT: &[&str] = &[
        "startswith",
        "hasprefix",
        "endswith",
        "hassuffix",
        "contains",
        "equals",
        "equalsignorecase",
        "equalfold",
        "split",
        "replace",
        "indexof",
        "index",
        "find",
        "println",
        "printf",
        "print",
        "sprintf",
        "errorf",
        "fprintf",
        "format",
        "log",
        "info",
        "debug",
        "warn",
        "error",
        "fatal",
        "fatalf",
        "logf",
        "append",
        "add",
        "get",
        "remove",
        "put",
        "isequalto",
        "asserteq",
        "assertequals",
        "assertthat",
        "equal",
        "trimprefix",
        "trimsuffix",
        "match",
        "matches",
        "of",
        "listof",
        "setof",
        "aslist",
        "containskey",
        "writeline",
        "write",
        "trim",
        "compareto",
        "join",
        "insert",
        "push",
        "delete",
        "entry",
        "mapof",
        "hasvalue",
        "new",
        "errorw",
        "infof",
        "debugf",
        "warnf",
        "panic",
        "todo",
        "expect",
        "starts_with",
        "ends_with",
        "eq",
        "ne",
        "in",
        "notin",
        "require",
        "assert",
        "should",
        "shouldbe",
        "tostring",
        "tolower",
        "is",
        "case",
        "mkdirtemp",
        "createtemp",
        "mkdirall",
        "gettempfilename",
        "example",
        "examples",
        "description",
        "help",
        "usage",
        "summary",
        "hasfield",
        "getorDefault",
    ];
    let lower = name.to_ascii_lowercase();
    !NOT.contains(&lower.as_str())
        && !lower.ends_with("error")
        && !lower.ends_with("exception")
        && !lower.contains("token")
        && !lower.contains("cost")
        && !lower.contains("price")
        && !lower.starts_with("assert")
        && !lower.starts_with("is")
        && !lower.starts_with("supports")
        && !lower.contains("prefix")
}
