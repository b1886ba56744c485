//! What is reported of one file, and under which key.

use inventar_analysis::{Extent, Seen, Sightings, model, place, prompt};
use inventar_documents::Node;
use inventar_plugin_sdk::{Answer, Asset, File, Method, Usage};
use std::ops::Range;

/// One look at one file.
pub(crate) struct Look<'f> {
    pub(crate) out: Sightings<'f>,
    path: &'f str,
    usage: Usage,
    /// Names that the document gives to models, with the models.
    aliases: Vec<(String, String, Range<usize>)>,
}

impl<'f> Look<'f> {
    pub(crate) fn at(file: &'f File) -> Self {
        Self { out: Sightings::new(file), path: &file.path, usage: usage_of(&file.path), aliases: vec![] }
    }

    /// `models: {fast: {provider, model}}`: an agent that says `fast` uses that model.
    pub(crate) fn learn_aliases(&mut self, root: &Node) {
        let models = root.get("models").map(Node::entries).unwrap_or_default();
        let named = models.iter().filter_map(|entry| {
            let model = entry.node.get("model")?;
            Some((entry.key.clone(), model.text()?.to_owned(), model.span.clone()))
        });
        self.aliases = named.take(200).collect();
    }

    pub(crate) fn path(&self) -> &'f str {
        self.path
    }

    /// The file's name without its ending.
    pub(crate) fn stem(&self) -> &'f str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        let name = name.trim_start_matches('.');
        name.split('.').next().unwrap_or(name)
    }

    /// What is for developing only.
    pub(crate) fn is_for_development(&mut self) {
        self.usage = self.usage.at_most(Usage::Development);
    }

    /// What is for tests only.
    pub(crate) fn is_for_tests(&mut self) {
        self.usage = self.usage.at_most(Usage::Test);
    }

    pub(crate) fn seen(&self, at: &Range<usize>, rule: &'static str, confidence: u8) -> Seen {
        // A file without a first line still has a first byte.
        let at = Extent::new(at.start as u32, at.end.max(at.start + 1) as u32);
        Seen { at, rule, method: Method::Parsed, usage: self.usage, confidence }
    }

    pub(crate) fn agent(
        &mut self,
        name: &str,
        framework: &str,
        at: &Range<usize>,
        rule: &'static str,
        confidence: u8,
    ) -> String {
        let name = one_line(name);
        let key = self.out.fresh_key(format!("agent:{name}"));
        let seen = self.seen(at, rule, confidence);
        self.out.see(&key, seen, |key| Asset::new(key, "agent", name).property("framework", framework));
        key
    }

    pub(crate) fn model(&mut self, text: &str, at: &Range<usize>, sure: bool) -> Option<String> {
        if let Some((_, model, at)) = self.aliases.iter().find(|(alias, ..)| alias == text).cloned() {
            return self.model_id(&model, &at, sure);
        }
        self.model_id(text, at, sure)
    }

    fn model_id(&mut self, text: &str, at: &Range<usize>, sure: bool) -> Option<String> {
        if text.contains(['{', '$', ' ']) {
            return None;
        }
        let telling = text.bytes().any(|byte| byte.is_ascii_digit()) || text.contains('/');
        let (sighted, confidence) = model::named(text, sure && telling, || None)?;
        let seen = self.seen(at, "agent-model", confidence);
        Some(self.out.model(sighted, seen))
    }

    pub(crate) fn prompt(
        &mut self,
        name: &str,
        role: &'static str,
        text: &str,
        at: &Range<usize>,
        rule: &'static str,
        confidence: u8,
    ) -> String {
        let name = one_line(name);
        let key = self.out.fresh_key(format!("prompt:{name}"));
        // The first line of a long text says where it is.
        let at = at.start..at.end.min(at.start + 200);
        let seen = self.seen(&at, rule, confidence);
        self.out.see(&key, seen, |key| prompt::asset(key, &name, role, text));
        key
    }

    pub(crate) fn tool(&mut self, name: &str, framework: &str, at: &Range<usize>) -> Option<String> {
        let name = one_line(name);
        if name.is_empty() || name.contains("{{") {
            return None;
        }
        let key = format!("tool:{name}");
        let seen = self.seen(at, "agent-tool", 85);
        self.out.see(&key, seen, |key| Asset::new(key, "tool", name).property("framework", framework));
        Some(key)
    }

    /// A file of many prompts: one asset, seen at the first of them.
    pub(crate) fn library<'r>(
        &mut self,
        name: &str,
        text: &str,
        places: impl Iterator<Item = &'r Range<usize>>,
        prompts: usize,
    ) {
        let key = self.out.fresh_key(format!("prompt:{}", one_line(name)));
        for at in places {
            let seen = self.seen(at, "prompt-library", 85);
            self.out.see(&key, seen, |key| prompt::asset(key, name, "library", text));
        }
        self.out.property(&key, "prompts", prompts);
    }

    /// An asset of another kind.
    pub(crate) fn other(
        &mut self,
        kind: &'static str,
        name: &str,
        at: &Range<usize>,
        rule: &'static str,
    ) -> String {
        let name = one_line(name);
        let key = self.out.fresh_key(format!("{kind}:{name}"));
        let seen = self.seen(at, rule, 90);
        self.out.see(&key, seen, |key| Asset::new(key, kind, name));
        key
    }

    pub(crate) fn uses(&mut self, from: &str, to: &str, at: &Range<usize>) {
        let seen = self.seen(at, "agent-definition", 90);
        self.out.edge(from, "uses", to, seen);
    }

    pub(crate) fn finish(self) -> Answer {
        self.out.finish()
    }
}

/// A name a person can read: one line, not too long.
fn one_line(name: &str) -> String {
    let line = name.trim().lines().next().unwrap_or_default().trim();
    line[..line.floor_char_boundary(120)].to_owned()
}

/// Of a text that is a prompt the ending says nothing: `.md` alone does not make it documentation.
fn usage_of(path: &str) -> Usage {
    let bare = [".md", ".mdx", ".mdc", ".rst"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    let usage = place::usage_of(bare);
    if path.contains(".github/") { usage.at_most(Usage::Development) } else { usage }
}
