//! Messages of a conversation, by their role: in literals and calls, member by member, in types of a project's own.

use super::Look;
use crate::outline::{Call, Form, Range, SlotKind};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::prompt::{instructs, is_prose, says_who};
use inventar_analysis::words;

/// Methods that give an object a member, or make one of members.
const PUTS: &[&str] =
    &["put", "add", "addProperty", "Add", "insert", "set", "Set", "with", "append", "of", "entry", "mapOf"];

impl Look<'_, '_, '_> {
    /// `{Role: "system", Content: "…"}` in any spelling.
    pub(super) fn messages(&mut self) {
        let outline = self.outline();
        for (id, slot) in outline.slots.iter().enumerate() {
            let name = outline.tokens.text(slot.name).trim_matches('"').to_ascii_lowercase();
            if name != "role" || slot.kind == SlotKind::Value && slot.owner.is_none() {
                continue;
            }
            let system = self.is_system(slot.value);
            if system.is_none() && !self.is_assistant(slot.value) {
                continue;
            }
            let from = id.saturating_sub(2);
            let content = outline.slots[from..].iter().take(6).find(|other| {
                let name = outline.tokens.text(other.name).trim_matches('"').to_ascii_lowercase();
                other.owner == slot.owner
                    && matches!(name.as_str(), "content" | "parts" | "text" | "multicontent")
                    && (other.name > slot.name || other.value.1 <= slot.name)
                    && slot.name.abs_diff(other.name) < 4_000
            });
            let Some(content) = content else { continue };
            match system {
                Some(true) => self.prompt_place(content.value, "system", "system-message"),
                Some(false) => self.template_place(content.value, "user-message"),
                None => self.role_given(content.value),
            }
        }
    }

    /// `new ChatMessage(ChatRole.System, "…")`, `llms.TextParts(llms.ChatMessageTypeSystem, "…")`, `("system", "…")`.
    pub(super) fn system_call(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        if !matches!(call.form, Form::Call | Form::New | Form::Macro) || call.close <= call.open + 2 {
            return;
        }
        // `.role(Role::System).content("…")`.
        if matches!(outline.name(call), "role" | "Role") {
            let content = self.named(id, &["content", "text"]);
            if let Some(content) = content
                && self.is_system((call.open + 1, call.close)) == Some(true)
            {
                self.prompt_place(content, "system", "system-message");
            }
            return;
        }
        if !outline.tokens.is_word(call.open + 1) && outline.tokens.kind(call.open + 1) != Kind::Text {
            return;
        }
        let comma = (call.open + 2..call.close.min(call.open + 10)).find(|at| outline.tokens.is(*at, ","));
        let Some(comma) = comma else { return };
        let Some(system) = self.is_system((call.open + 1, comma)) else { return };
        let telling =
            matches!(outline.tokens.text(call.open + 1), "ChatRole" | "AuthorRole" | "ChatMessageRole");
        let ai = self.is_ai(id).unwrap_or(self.ai || telling);
        let arguments = outline.arguments(call);
        // `Message::new("system", "…")` of a project that has no library.
        let of_message =
            outline.path(call).iter().any(|part| words::has_any(part, &["essage", "Msg", "msg"]));
        match arguments.get(1).filter(|_| ai || system && of_message) {
            Some((_, content)) if system => self.prompt_place(*content, "system", "system-message"),
            Some((_, content)) => self.said_place(*content),
            None => {}
        }
    }

    /// The content beside a role, where a call gives an object the role.
    pub(super) fn message_pair(&mut self, id: u32) {
        /// A message has few members.
        const NEAR: u32 = 4;
        const MAX_TOKENS: u32 = 120;
        let outline = self.outline();
        let call = self.call(id);
        if call.form != Form::Call || !PUTS.contains(&outline.name(call)) {
            return;
        }
        let arguments = outline.arguments(call);
        let role = self.member_of(&arguments, "role");
        let Some(system) = role.and_then(|role| self.is_system(role)) else { return };
        let near = (id + 1..=id.saturating_add(NEAR)).chain((id.saturating_sub(NEAR)..id).rev());
        let content = self.member_of(&arguments, "content").or_else(|| {
            near.filter_map(|other| outline.calls.get(other as usize)).find_map(|other| {
                let is_beside = outline.name(other) == outline.name(call)
                    && other.open.abs_diff(call.open) < MAX_TOKENS
                    && self.is_same_object(call, other);
                self.member_of(&outline.arguments(other), "content").filter(|_| is_beside)
            })
        });
        match content {
            Some(content) if system => self.prompt_place(content, "system", "system-message"),
            Some(content) => self.template_place(content, "user-message"),
            None => {}
        }
    }

    /// What stands behind a name among the arguments of a call: `("role", value)`.
    fn member_of(&self, arguments: &[(Option<u32>, Range)], name: &str) -> Option<Range> {
        let outline = self.outline();
        arguments.chunks_exact(2).take(8).find_map(|pair| {
            let (key, value) = (pair[0].1, pair[1].1);
            let is_key = key.1 == key.0 + 1
                && outline.tokens.kind(key.0) == Kind::Text
                && text::read(outline.tokens.text(key.0), outline.language()).text == name;
            is_key.then_some(value)
        })
    }

    /// Whether two calls are of one chain, or on the same name.
    fn is_same_object(&self, one: &Call, other: &Call) -> bool {
        let tokens = &self.outline().tokens;
        let is_alone = one.receiver.is_none() && other.receiver.is_none();
        one.root == other.root || is_alone && tokens.text(one.first) == tokens.text(other.first)
    }

    /// `Message::system("…")`: a type of messages of the project's own that is called by the role.
    pub(super) fn own_message(&mut self, id: u32) {
        let outline = self.outline();
        let call = self.call(id);
        if call.form != Form::Call || !matches!(outline.name(call), "system" | "System" | "developer") {
            return;
        }
        let path = outline.path(call);
        let is_message =
            path.len() > 1 && words::has_any(path[path.len() - 2], &["essage", "Msg"]) && path.len() <= 4;
        let arguments = outline.arguments(call);
        let [(None, value)] = arguments.as_slice() else { return };
        if !is_message || self.is_ai(id) == Some(true) {
            return;
        }
        // A game says something to its players by the same name.
        let speaks = self.speaks_of_models();
        let is_told = self
            .flow
            .values(*value)
            .iter()
            .filter_map(|found| found.text())
            .any(|text| says_who(text) || instructs(text) >= if speaks { 1 } else { 2 });
        if is_told {
            self.prompt_place(*value, "system", "system-message");
        }
    }

    pub(super) fn is_system(&self, value: Range) -> Option<bool> {
        let tokens = &self.outline().tokens;
        if value.1 == value.0 + 1 && tokens.kind(value.0) == Kind::Text {
            let text = text::read(tokens.text(value.0), self.outline().language()).text;
            return match text.as_str() {
                "system" | "developer" | "System" => Some(true),
                "user" | "human" => Some(false),
                _ => None,
            };
        }
        if value.1 - value.0 > 12 {
            return None;
        }
        let speaks = (value.0..value.1).any(|at| {
            words::has_any(
                tokens.text(at),
                &["ystem", "YSTEM", "eveloper", "EVELOPER", "ser", "SER", "uman", "UMAN"],
            )
        });
        if !speaks {
            return None;
        }
        // `openai.ChatMessageRoleSystem`, `ChatRole.System`, `Role::System`.
        let last = (value.0..value.1).rev().find(|at| {
            tokens.is_word(*at)
                && !matches!(
                    tokens.text(*at),
                    "into" | "to_string" | "toString" | "value" | "getValue" | "name" | "lowercase"
                )
        })?;
        // Behind it at most what a role is called: `SystemColor` is none.
        let mut words = crate::names::words(tokens.text(last));
        while words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "role" | "message" | "msg" | "type" | "chat"))
        {
            words.pop();
        }
        let is = |word: &str| words.last().is_some_and(|other| other == word);
        match () {
            () if is("system") || is("developer") => Some(true),
            () if is("user") || is("human") => Some(false),
            () => None,
        }
    }

    /// `openai.ChatMessageRoleAssistant`, `"assistant"`.
    fn is_assistant(&self, value: Range) -> bool {
        let tokens = &self.outline().tokens;
        value.1 - value.0 <= 12
            && (value.0..value.1).any(|at| tokens.text(at).to_ascii_lowercase().contains("assistant"))
    }

    /// What the assistant is made to have said: a prompt where that tells it who it is.
    fn role_given(&mut self, value: Range) {
        for found in self.flow.values(value) {
            if found.text().is_some_and(|text| is_prose(text) && instructs(text) >= 4) {
                self.prompt_found(&found, value.0, "template", "assistant-message");
            }
        }
    }
}
