//! Places with a name: assignments, members of dictionaries, defaults. The name says what kind of value to expect, the
//! value decides.

use crate::flow::member;
use crate::look::Look;
use crate::module::SlotKind;
use inventar_analysis::words::{self, Role};
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

impl Look<'_, '_, '_> {
    /// Every slot whose name has a role.
    pub(crate) fn slots(&mut self) {
        for slot in &self.module().slots {
            let Some(role) = words::role(slot.name) else { continue };
            if matches!(slot.kind, SlotKind::Keyword) || self.is_sample(slot.value.range()) {
                continue;
            }
            match role {
                Role::Model => self.model_slot(slot.name, slot.value, slot.scope, slot.kind),
                Role::Models if is_offer(slot.name) => {
                    for (item, of) in self.flow.elements(slot.value, slot.scope) {
                        self.model_slot("model", item, of, slot.kind);
                    }
                }
                Role::Url => self.url_slot(slot.name, slot.value, slot.scope, slot.kind),
                Role::System => match slot.kind {
                    SlotKind::Default if words::is_strong_system(slot.name) => {
                        self.prompt(slot.value, slot.scope, "system", "system-prompt");
                    }
                    // A provider's payload: `{"model": …, "system": …, "messages": …}`.
                    SlotKind::Member(dict)
                        if member(dict, "messages").is_some()
                            || member(dict, "model").is_some() && member(dict, "prompt").is_some()
                            || self.ai && words::is_strong_system(slot.name) =>
                    {
                        self.prompt(slot.value, slot.scope, "system", "system-prompt");
                    }
                    _ => {}
                },
                Role::Tools
                    if matches!(slot.value, Expr::List(_))
                        && matches!(slot.kind, SlotKind::Assign)
                        && self.ai =>
                {
                    // A list that is named so and holds functions is passed on somewhere.
                    self.tool_list(slot.value, slot.scope);
                }
                _ => {}
            }
        }
    }
}

/// `AVAILABLE_MODELS`, `fallback_models`: lists that are picked from, and not lists of what lacks a feature.
fn is_offer(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["available", "fallback", "allowed", "default", "selectable", "preferred"]
        .iter()
        .any(|word| lower.contains(word))
}
