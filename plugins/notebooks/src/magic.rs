//! What stands in a notebook beside its language: installs, variables, models that commands fetch or serve.

use crate::command::{Word, commands};
use crate::install::{Install, installs, requirement};
use inventar_analysis::{model, secret};
use inventar_plugin_sdk::{Answer, Asset, Evidence, File, Method, Usage, Version};
use std::ops::Range;

/// What cell magics do with the rest of their cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// They run it as the notebook's language.
    Code,
    /// A shell runs it.
    Shell,
    /// It becomes a file with this ending.
    Written(Ending),
    /// Something else reads it.
    Foreign,
}

/// What a written file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Python,
    Requirements,
    Shell,
    Other,
}

/// What the first line of a cell makes of the others; `None` when it is no magic.
pub(crate) fn body(first_line: &str) -> Option<Body> {
    let magic = first_line.trim_start().strip_prefix("%%")?;
    let (name, rest) = magic.split_once(char::is_whitespace).unwrap_or((magic, ""));
    Some(match name.trim() {
        "time" | "timeit" | "capture" | "prun" | "python" | "python3" | "pypy" | "memit" | "mprun"
        | "wandb" | "pyspark" | "spark" | "local" | "ipytest" | "debug" | "snakeviz" | "heat" | "scalene"
        | "blackcellmagic" | "skip_exception" | "cache" | "retry" | "chime" | "sample" | "px" | "eval" => {
            Body::Code
        }
        "bash" | "sh" | "shell" | "!" | "sx" | "system" | "cmd" | "zsh" => Body::Shell,
        "script" if ["bash", "sh", "zsh"].iter().any(|shell| rest.contains(shell)) => Body::Shell,
        "writefile" | "file" | "writetemplate" => {
            let path = rest.split_whitespace().rfind(|word| !word.starts_with('-')).unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            Body::Written(match file.rsplit_once('.') {
                Some((_, "py")) => Ending::Python,
                Some((stem, "txt" | "in")) if stem.contains("requirements") => Ending::Requirements,
                Some((_, "sh")) => Ending::Shell,
                _ => Ending::Other,
            })
        }
        _ => Body::Foreign,
    })
}

/// Collects what magics and commands say of one text.
#[derive(Debug)]
pub(crate) struct Magics<'f> {
    /// The text they stand in.
    pub(crate) file: &'f File,
    pub(crate) usage: Usage,
    pub(crate) answer: Answer,
}

/// More packages of one notebook are not told.
const MAX_ASSETS: usize = 500;
/// Places of one asset.
const MAX_PLACES: usize = 16;

impl Magics<'_> {
    /// An escape of IPython: `%pip install x`, `!x`, `x = !y`, `?help`. `at` is where it stands.
    pub(crate) fn escape(&mut self, text: &str, at: usize) {
        let skipped = text.len() - text.trim_start().len();
        let (text, at) = (&text[skipped..], at + skipped);
        if let Some(script) = text.strip_prefix("!!").or_else(|| text.strip_prefix('!')) {
            self.shell(script, at + text.len() - script.len());
            return;
        }
        let Some(magic) = text.strip_prefix("%%").or_else(|| text.strip_prefix('%')) else { return };
        let end = magic.find(char::is_whitespace).unwrap_or(magic.len());
        self.line_magic(&magic[..end], &magic[end..], at + text.len() - magic.len() + end);
    }

    /// A magic by its name, and what stands behind it from `at` on.
    pub(crate) fn line_magic(&mut self, name: &str, rest: &str, at: usize) {
        match name {
            "pip" | "pip3" | "conda" | "mamba" | "micromamba" | "uv" => {
                let mut commands = commands(rest, at);
                if let Some(first) = commands.first_mut() {
                    first.insert(0, Word { text: name, at: at..at });
                }
                commands.iter().for_each(|command| self.run(command));
            }
            "sx" | "system" | "sh" | "bash" => self.shell(rest, at),
            "env" | "set_env" => {
                if let Some(word) = commands(rest, at).first().and_then(|command| command.first()) {
                    self.variable(word);
                }
            }
            _ => {}
        }
    }

    /// A script for a shell, which begins at `at`.
    pub(crate) fn shell(&mut self, script: &str, at: usize) {
        commands(script, at).iter().for_each(|command| self.run(command));
    }

    fn run(&mut self, command: &[Word<'_>]) {
        for install in installs(command) {
            self.install(&install);
        }
        // `export KEY=…`, and `KEY=… command`.
        let mut sets = true;
        for (place, word) in command.iter().enumerate() {
            sets &= is_assignment(word.text);
            if sets || place > 0 && matches!(command[place - 1].text, "export" | "setenv") {
                self.variable(word);
            }
        }
        self.models(command);
    }

    /// Lines of a file of requirements.
    pub(crate) fn requirements(&mut self, text: &str, at: usize) {
        let mut start = at;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            let from = start + (line.len() - line.trim_start().len());
            start += line.len();
            if !trimmed.starts_with(['#', '-'])
                && let Some(mut install) = requirement(trimmed, from)
            {
                install.at.end = from + trimmed.split(['#', ';']).next().unwrap_or(trimmed).trim_end().len();
                self.install(&install);
            }
        }
    }

    fn install(&mut self, install: &Install<'_>) {
        let Some(package) = inventar_catalogue::package("pypi", install.name) else {
            let Some(family) = inventar_catalogue::family("pypi", install.name) else { return };
            let purl = inventar_catalogue::purl("pypi", install.name);
            self.package(&purl.clone(), install.at.clone(), install.version.clone(), |key| {
                Asset::new(key, family.kind, install.name)
                    .identifier("purl", purl)
                    .property("ecosystem", "pypi")
                    .property("category", family.category)
                    .maybe("provider", family.provider)
            });
            return;
        };
        // The key under which the import of the same package stands.
        let key = format!("package:{}", package.name);
        self.package(&key, install.at.clone(), install.version.clone(), |key| {
            Asset::new(key, package.kind, package.name)
                .identifier("purl", package.purl())
                .property("ecosystem", "pypi")
                .property("category", package.category)
                .maybe("provider", package.provider)
        });
    }

    /// Adds a package as installed at `at`.
    pub(crate) fn package(
        &mut self,
        key: &str,
        at: Range<usize>,
        version: Option<Version>,
        new: impl FnOnce(String) -> Asset,
    ) {
        let evidence = self.evidence(at, "notebook-install", Method::Declared);
        self.see(key, evidence, new);
        if let Some(asset) = self.answer.assets.iter_mut().find(|asset| asset.key == key) {
            asset.version = better(asset.version.take(), version);
        }
    }

    /// A word that names a variable, `KEY` or `KEY=value`; the value is not looked at.
    fn variable(&mut self, word: &Word<'_>) {
        let name = word.text.split('=').next().unwrap_or_default();
        if inventar_catalogue::secret(name).is_none() {
            return;
        }
        let at = word.at.start..word.at.start + name.len();
        let evidence = self.evidence(at, "environment", Method::Parsed);
        let key = secret::key(name);
        self.see(&key, evidence, |key| secret::asset(key, name));
    }

    /// `ollama pull llama3.2`, `hf download org/name`, `vllm serve org/name`.
    fn models(&mut self, command: &[Word<'_>]) {
        let text = |at: usize| command.get(at).map_or("", |word| word.text);
        let program = text(0).rsplit('/').next().unwrap_or_default();
        let (first, library) = match (program, text(1)) {
            ("ollama", "pull" | "run") => (2, "ollama"),
            ("huggingface-cli" | "hf", "download") => (2, "huggingface"),
            ("vllm", "serve") => (2, "vllm"),
            _ => return,
        };
        let Some(word) = command[first.min(command.len())..].iter().find(|word| !word.text.starts_with('-'))
        else {
            return;
        };
        let provider = (library == "ollama").then_some("ollama");
        if word.text.contains(['$', '{']) {
            return;
        }
        let Some((sighted, confidence)) = model::named(word.text, true, || provider) else { return };
        let evidence = self.evidence(word.at.clone(), "model-command", Method::Parsed).confidence(confidence);
        if let Some(home) = sighted.home(&sighted.key) {
            self.answer.relation(home.seen(evidence.clone()));
        }
        self.see(&sighted.key.clone(), evidence, |_| sighted.asset());
    }

    fn see(&mut self, key: &str, evidence: Evidence, new: impl FnOnce(String) -> Asset) {
        let full = self.answer.assets.len() >= MAX_ASSETS;
        match self.answer.assets.iter_mut().find(|asset| asset.key == key) {
            Some(asset) => {
                if asset.evidence.len() < MAX_PLACES
                    && asset.evidence.iter().all(|other| other.span() != evidence.span())
                {
                    asset.evidence.push(evidence);
                }
            }
            None if full => {}
            None => self.answer.asset(new(key.to_owned()).seen(evidence)),
        }
    }

    /// Evidence whose snippet is what it covers: around it, a command may hold keys.
    fn evidence(&self, at: Range<usize>, rule: &str, method: Method) -> Evidence {
        let shown = self.file.text().and_then(|text| text.get(at.clone())).unwrap_or_default();
        Evidence::new(self.file.at(at.clone()), rule, method, self.usage).snippet(without_address(shown))
    }
}

/// `git+https://user:key@host/…` is shown from its path on.
fn without_address(text: &str) -> &str {
    match text.split_once("://") {
        Some((_, rest)) => rest.rsplit('/').next().unwrap_or_default(),
        None => text,
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

/// The better founded of two versions.
fn better(a: Option<Version>, b: Option<Version>) -> Option<Version> {
    let rank = |version: &Option<Version>| match version {
        Some(Version::Exact(_)) => 0,
        Some(Version::Range(_)) => 1,
        Some(Version::Floating(_)) => 2,
        None => 3,
    };
    if rank(&b) < rank(&a) { b } else { a }
}
