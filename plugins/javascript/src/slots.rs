//! Places with a name: assignments, members of objects, defaults. The name says what kind of value to expect, the value
//! decides.

use crate::look::Look;
use crate::models::is_offer;
use crate::module::{Kind, NONE, SlotKind};
use crate::words::{self, snake};
use inventar_analysis::words::Role;

impl Look<'_, '_, '_> {
    /// Every slot whose name has a role.
    pub(crate) fn slots(&mut self) {
        let module = self.module();
        for slot in &module.slots {
            let Some(role) = words::role(slot.name) else { continue };
            match role {
                Role::Model => self.model_slot(slot.name, slot.value, slot.kind),
                Role::Models if is_offer(&snake(slot.name)) => {
                    for item in self.flow.elements(slot.value) {
                        self.model_slot("model", item, slot.kind);
                    }
                }
                Role::Url => self.url_slot(slot.name, slot.value, slot.kind),
                Role::System => match slot.kind {
                    SlotKind::Default if words::is_strong_system(slot.name) => {
                        self.prompt(slot.value, "system", "system-prompt");
                    }
                    SlotKind::Member(object) if self.is_conversation(object, slot.name) => {
                        self.prompt(slot.value, "system", "system-prompt");
                    }
                    _ => {}
                },
                Role::Tools
                    if self.ai
                        && matches!(module.kind(slot.value), Kind::Array(_))
                        && matches!(slot.kind, SlotKind::Assign) =>
                {
                    // A list that is named so and holds tools is passed on somewhere.
                    self.tools(slot.value, None);
                }
                _ => {}
            }
        }
    }

    /// Whether a member stands in what is sent to a model: `{ model, system, messages }`.
    fn is_conversation(&self, object: crate::module::NodeId, name: &str) -> bool {
        let module = self.module();
        if let Kind::Element(..) = module.kind(object) {
            return self.ai;
        }
        let has = |word: &str| module.member(object, word).is_some();
        // A file that uses AI hands such a text to it, unless the object is an argument that was read already.
        let argument = module.node(object).parent;
        let is_argument = argument != NONE && module.arguments(argument).contains(&object);
        has("messages")
            || has("model") && (has("prompt") || has("tools"))
            || self.ai && words::is_strong_system(name)
            || self.ai && !is_argument && name == "instructions"
    }
}
