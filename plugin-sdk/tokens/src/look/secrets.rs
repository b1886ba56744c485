//! Secret references: names of variables that hold keys of AI services. Names only.

use super::Look;
use crate::flow::Value;
use crate::outline::{Form, Range};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::model::Sighted;
use inventar_analysis::words::Role;
use inventar_analysis::{Extent, Seen, endpoint, secret};

impl Look<'_, '_, '_> {
    /// What stands where a client takes its key.
    pub(super) fn key_place(&mut self, value: Range, ai: bool) {
        for found in self.flow.values(value) {
            // `apiKey.openai`, `settings.openai.api_key`: what the project's own configuration has for a service.
            if let Value::Path(words) = &found.value
                && let Some(name) = own_setting(words).filter(|_| ai)
            {
                self.see_secret(&name, found.at, "setting", 70);
                continue;
            }
            let name = match &found.value {
                Value::Env(name) => name.clone(),
                // Android: what the build takes from a file that is not checked in.
                Value::Path(words) if words.len() == 2 && words[0] == "BuildConfig" => words[1].clone(),
                _ => match &found.env {
                    Some(name) => name.clone(),
                    None => continue,
                },
            };
            if ai && reads_like_key(&name) || inventar_catalogue::secret(&name).is_some() {
                self.see_secret(&name, found.at, "client-key", 95);
            }
        }
    }

    pub(super) fn see_secret(&mut self, name: &str, at: Extent, rule: &'static str, confidence: u8) {
        if name.len() > 100 {
            return;
        }
        let seen = self.seen(at, rule, 0, confidence);
        self.out.see(&secret::key(name), seen, |key| secret::asset(key, name));
    }

    /// Every variable that is read: those the catalogue knows, and others that read like a key where AI is in use.
    pub(super) fn secrets(&mut self) {
        let outline = self.outline();
        for id in 0..outline.calls.len() as u32 {
            let call = &outline.calls[id as usize];
            if call.form == Form::Mark {
                self.value_mark(id);
                continue;
            }
            let Some(name) = self.flow.variable(call) else { continue };
            let at = self.extent(call.first, call.close);
            if let Some(database) = endpoint::vector_database_of(&name) {
                self.databases.push((database, self.seen(at, "vector-database-host", 0, 65)));
            }
            if inventar_catalogue::secret(&name).is_some() || inventar_catalogue::setting(&name).is_some() {
                self.see_secret(&name, at, "environment", 95);
            } else if ends_in_known(&name) || is_joined(&name) {
                self.see_secret(&name, at, "environment", 80);
            } else if is_api_key(&name) && self.works_with_ai(call.within, at) {
                self.see_secret(&name, at, "environment", 65);
            }
        }
        let tokens = &outline.tokens;
        for at in 0..tokens.len() {
            if tokens.kind(at) != Kind::Text {
                continue;
            }
            let raw = tokens.text(at);
            if !(7..=80).contains(&raw.len()) {
                continue;
            }
            let inner = raw.trim_matches(['"', '`', '\'', '@', '$', '{', '}']);
            // `env:OPENAI_API_KEY`: settings that say where their value is.
            let inner = inner.strip_prefix("env:").unwrap_or(inner);
            self.indexed_key(at, inner);
            let name = inner.split([':', '}']).next().unwrap_or(inner);
            let capital = name.len() > 5
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            if capital && inventar_catalogue::secret(name).is_some() && !self.out.has(&secret::key(name)) {
                let place = self.extent(at, at);
                self.see_secret(name, place, "key-name", 80);
            }
        }
    }

    /// `builder.Configuration["OpenAI:ApiKey"]`, whatever becomes of it.
    fn indexed_key(&mut self, at: u32, name: &str) {
        let tokens = &self.outline().tokens;
        let is_indexed =
            at > 1 && tokens.is(at - 1, "[") && tokens.text(at - 2).to_ascii_lowercase().contains("config");
        if !is_indexed {
            return;
        }
        let is_known = inventar_catalogue::setting(name).is_some();
        if !(is_known || name.contains(':') && is_api_key(name)) || self.out.has(&secret::key(name)) {
            return;
        }
        let place = self.extent(at, at);
        if is_known || self.works_with_ai(None, place) {
            self.see_secret(name, place, "environment", 65);
        }
    }

    /// `@Value("${OPENAI_API_KEY}")`, `@Value("${openai.api-key}")`.
    fn value_mark(&mut self, id: u32) {
        let outline = self.outline();
        let call = self.call(id);
        if !matches!(outline.name(call), "Value" | "ConfigProperty" | "Property") {
            return;
        }
        for (_, value) in outline.arguments(call).into_iter().take(2) {
            if value.1 != value.0 + 1 || outline.tokens.kind(value.0) != Kind::Text {
                continue;
            }
            let text = text::read(outline.tokens.text(value.0), outline.language()).text;
            let inner = text.trim_start_matches('\\').trim_start_matches("${").trim_end_matches('}');
            let (name, default) = inner.split_once(':').unwrap_or((inner, ""));
            self.value_default(name, default, value.0);
            let at = self.extent(call.first, call.close);
            if inventar_catalogue::secret(name).is_some()
                || inventar_catalogue::setting(name).is_some()
                || is_api_key(name) && self.works_with_ai(call.within, at)
            {
                self.see_secret(name, at, "environment", 85);
            }
        }
    }

    /// `@Value("${app.model:gpt-4o}")`: what stands where nobody configures anything else.
    fn value_default(&mut self, name: &str, default: &str, token: u32) {
        // `app.chat.model-name`, `chat-model`.
        let last = name.rsplit('.').next().unwrap_or(name);
        let word = if last.ends_with("-name") { last } else { last.rsplit('-').next().unwrap_or(last) };
        let seen = self.seen(self.extent(token, token), "model-name", 0, 85);
        let known = matches!(super::slots::role(word), Some((Role::Model, _)))
            .then(|| inventar_catalogue::model(default))
            .flatten();
        if let Some(known) = known {
            self.out.model(Sighted::known(default, &known), seen);
        } else if let Some(url) =
            endpoint::clean(default).filter(|url| inventar_catalogue::endpoint_of_url(url).is_some())
        {
            let seen = Seen { rule: "base-url", ..seen };
            self.out.endpoint(&url, None, seen);
        }
    }

    /// Whether AI is in use in the declaration around a place.
    fn works_with_ai(&self, within: Option<u32>, at: Extent) -> bool {
        let outline = self.outline();
        let around = outline.around(within).last().map(|(_, around)| {
            let (start, end) = outline.tokens.bytes(around.keyword, around.body.1);
            Extent::new(start, end)
        });
        match around.filter(|around| around.contains(at)) {
            Some(around) => self.ai || self.busy.iter().take(2_000).any(|place| around.contains(*place)),
            None => self.ai,
        }
    }
}

/// `EVAL_OPENAI_API_KEY`: a known name behind the project's own.
fn ends_in_known(name: &str) -> bool {
    name.match_indices('_').take(4).any(|(at, _)| inventar_catalogue::secret(&name[at + 1..]).is_some())
}

/// `CHATGPTTOKEN`: a known name without what separates its words.
fn is_joined(name: &str) -> bool {
    const ENDS: &[&str] = &["APIKEY", "TOKEN", "KEY", "SECRET"];
    let front = ENDS.iter().find_map(|end| Some((name.strip_suffix(end)?, end)));
    front.is_some_and(|(front, end)| {
        front.len() > 3
            && front.bytes().all(|byte| byte.is_ascii_uppercase())
            && inventar_catalogue::secret(&format!("{front}_{end}")).is_some()
    })
}

/// `ACME_API_KEY`, `OpenAI:ApiKey`, `openai.api-key`.
fn is_api_key(name: &str) -> bool {
    // A flag of a command line.
    if name.contains('-') && !name.contains(['.', ':']) {
        return false;
    }
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
    (plain.ends_with("APIKEY") || plain.ends_with("APITOKEN"))
        && plain.len() > 8
        && !secret::is_of_another_service(&name.to_ascii_uppercase())
}

fn reads_like_key(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    secret::reads_like_key(&upper) && name.len() < 80
}

/// A key of a service as a field of a configuration's own shape: its last two words, one the service's and one that says
/// what it is.
fn own_setting(words: &[String]) -> Option<String> {
    const KEYS: &[&str] = &["apikey", "apikeys", "key", "keys", "apitoken", "token", "tokens"];
    let [.., of, field] = words else { return None };
    let is_key = |word: &str| {
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        KEYS.contains(&plain.to_ascii_lowercase().as_str())
    };
    let (service, key) = match (is_key(of), is_key(field)) {
        (true, false) => (field, of),
        (false, true) => (of, field),
        _ => return None,
    };
    inventar_catalogue::setting(&format!("{service}.{key}"))?;
    Some(format!("{of}.{field}"))
}
