//! Messages that are put together member by member: `message.put("role", "system"); message.put("content", "…")`.

use super::Look;
use crate::outline::{Call, Form, Range};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::prompt::{instructs, says_who};
use inventar_analysis::words;

/// Methods that give an object a member, or make one of members.
const PUTS: &[&str] =
    &["put", "add", "addProperty", "Add", "insert", "set", "Set", "with", "append", "of", "entry", "mapOf"];

impl Look<'_, '_, '_> {
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
}
